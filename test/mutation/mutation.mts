/** `npm run mutation -- FOLDER`: changes the code of a folder in small ways, and prints how many changes fail a test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installPackages } from '../e2e/setup/packageInstallation.mts';
import { CannotStart, runMain } from '../e2e/setup/stopMessage.mts';

const BUDGET_MS = 20 * 60_000;
const ROOT = join(import.meta.dirname, '../..');
const NODE = join(ROOT, 'nodes/TencentCloudIot');
const UNFINISHED = 'not finished: run it again to continue';
const FAILED_A_TEST = ['Killed', 'Timeout'];
const FAILED_NONE = ['Survived', 'NoCoverage'];

/** The part of Stryker's report that is read here. */
interface Report {
	files: Record<string, { mutants: Array<{ status: string }> }>;
}

const folders = [...new Set(globSync('*/**/*.ts', { cwd: NODE }).map(dirname))].sort();
const [folder = '', share = '1'] = process.argv.slice(2);
// A sample has its own file: together with the results of other runs it would not be random, because they start with mutants that no test
// reaches.
const folderName = folder.replaceAll('/', '-');
const resultName = share === '1' ? folderName : `${folderName}-${share}`;
await runMain(async () => {
	if (!folders.includes(folder)) {
		throw new CannotStart(`Name one of these folders:\n${folders.join('\n')}`);
	}
	await installPackages({ folder: import.meta.dirname, name: 'Stryker', neededGb: 0.2 });
	process.exitCode = await measure(folder);
});

/** @returns the exit code: 0 once all mutants of the folder are measured */
async function measure(folder: string): Promise<number> {
	// Outside of the project, where nothing else finds the copies of the sources.
	const copies = mkdtempSync(join(tmpdir(), 'mutation-'));
	const env = {
		...process.env,
		MUTATION_FOLDER: folder,
		MUTATION_SHARE: share,
		MUTATION_RESULT: resultName,
		MUTATION_COPIES: copies,
	};
	const stryker = spawn(
		join(import.meta.dirname, 'node_modules/.bin/stryker'),
		['run', join(import.meta.dirname, 'stryker.config.mjs')],
		// Its own process group: only killing the group ends a mutant in an endless loop.
		{ cwd: ROOT, env, stdio: 'inherit', detached: true },
	);
	let isOver = false;
	const end = () => {
		isOver = true;
		stryker.kill('SIGTERM');
	};
	const budget = setTimeout(end, BUDGET_MS);
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, end);
	}
	const [code] = (await once(stryker, 'exit')) as [number | null];
	clearTimeout(budget);
	endGroup(stryker.pid!);
	rmSync(copies, { recursive: true, force: true });
	if (code === 0 || isOver) {
		console.log(`${folder}: ${readResult()}${isOver ? ` (${UNFINISHED})` : ''}`);
	}
	return code ?? 1;
}

function endGroup(pid: number): void {
	try {
		process.kill(-pid, 'SIGKILL');
	} catch {
		// All of them have ended.
	}
}

/** @returns e.g. `91.3 % of 412 mutants` */
function readResult(): string {
	const file = join(ROOT, 'coverage/mutation', `${resultName}.json`);
	if (!existsSync(file)) {
		return 'not measured';
	}
	const { files } = JSON.parse(readFileSync(file, 'utf8')) as Report;
	const statuses = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
	const countOf = (kinds: readonly string[]) => statuses.filter((status) => kinds.includes(status)).length;
	const failed = countOf(FAILED_A_TEST);
	const mutants = failed + countOf(FAILED_NONE);
	return `${((100 * failed) / mutants).toFixed(1)} % of ${mutants} mutants`;
}
