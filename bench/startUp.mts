import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { show, spreadOf, type Section } from './report.mts';

const STARTS = 15;
const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));

/** n8n has loaded n8n-workflow by then, and the nodes of the package, and what its first run needs, come on top. */
const PROGRAM = `
require('n8n-workflow');
const startMs = performance.now();
require('./build/pool/dist/nodes/TencentCloudIot/TencentCloudIot.node.js');
require('./build/pool/dist/credentials/TencentCloudIotApi.credentials.js');
const loadedMs = performance.now();
require('./build/pool/dist/libraries/undici.js');
console.log(JSON.stringify([loadedMs - startMs, performance.now() - loadedMs]));
`;

/** What the package costs at each start of n8n, at its first run, and on disk. */
export async function measureStartUp(): Promise<Section> {
	const loads: number[] = [];
	const firstRuns: number[] = [];
	for (let start = 0; start < STARTS; start++) {
		const { stdout } = await run(process.execPath, ['-e', PROGRAM], { cwd: root });
		const [load, firstRun] = JSON.parse(stdout) as [number, number];
		loads.push(load);
		firstRuns.push(firstRun);
	}
	const { packedKb, unpackedKb } = await measurePackage();
	const load = spreadOf(loads);
	return {
		title: 'Start-up and size',
		about: `Milliseconds to load the bundle at the start of n8n, and the HTTP client at the first run; median (min–max) of ${STARTS} processes.`,
		head: ['load', 'HTTP client', 'packed', 'unpacked'],
		rows: [[show(load, 1), show(spreadOf(firstRuns), 1), `${packedKb} kB`, `${unpackedKb} kB`]],
		targets: [
			{ name: 'load', measured: load.median, atMost: 30, unit: ' ms' },
			{ name: 'unpacked', measured: unpackedKb, atMost: 700, unit: ' kB' },
		],
	};
}

async function measurePackage(): Promise<{ packedKb: number; unpackedKb: number }> {
	const { stdout } = await run('npm', ['pack', './build/pool', '--dry-run', '--json'], { cwd: root });
	// Depending on its version, npm lists what it packed in an array or by name.
	const [packed] = Object.values(
		JSON.parse(stdout) as Record<string, { size: number; unpackedSize: number }>,
	);
	if (packed === undefined) throw new Error('npm packed nothing');
	return { packedKb: Math.round(packed.size / 1000), unpackedKb: Math.round(packed.unpackedSize / 1000) };
}
