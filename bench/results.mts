import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { describeTarget, type Section } from './report.mts';

const require = createRequire(import.meta.url);

const ROOT = new URL('..', import.meta.url);
const RESULTS = new URL('results.md', import.meta.url);
const COMMIT = await currentCommit();

const INTRODUCTION =
	'Made by `npm run bench`, which measures both builds. Ratios are the result; times depend on the machine. Each section names its machine and the commit that was measured.';

/** Writes a section to results.md. The other sections stay unchanged. */
export async function writeSection(section: Section): Promise<void> {
	const [, ...before] = (await readFile(RESULTS, 'utf8')).split(/^(?=## )/m);
	const written = new Map(before.map((text) => [/^## (.*)$/m.exec(text)?.[1] ?? '', text.trimEnd()]));
	written.set(section.title, toMarkdown(section, circumstances()));
	await writeFile(RESULTS, `${['# Results', INTRODUCTION, ...written.values()].join('\n\n')}\n`);
}

/** A sentence with the date, the commit and the machine of the measurement. */
function circumstances(): string {
	const date = new Date().toISOString().slice(0, 10);
	const version = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
	const [cpu] = cpus();
	const memory = Math.round(totalmem() / 2 ** 30);
	const n8n = (require('../test/e2e/n8n-2/package.json') as { dependencies: { n8n: string } }).dependencies
		.n8n;
	const machine = `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, Node ${process.versions.node}, n8n ${n8n}, undici ${version('undici')}`;
	// The reader needs the load: on a busy machine times mean little.
	const [, , load = NaN] = loadavg();
	return `Measured on ${date} at ${COMMIT} on ${machine}; load average ${load.toFixed(1)}.`;
}

/** e.g. `commit 6114e3a`, or `commit 6114e3a with changes`; changes of the results do not count. */
async function currentCommit(): Promise<string> {
	const git = async (...args: string[]) =>
		(await promisify(execFile)('git', args, { cwd: ROOT })).stdout.trim();
	const hash = await git('rev-parse', '--short', 'HEAD');
	const changes = await git('status', '--porcelain', '--', '.', ':!bench/*.md');
	return `commit ${hash}${changes === '' ? '' : ' with changes'}`;
}

function toMarkdown({ title, about, head, rows, targets, conclusion = '' }: Section, when: string): string {
	const aligned = head.map((_, index) => (index === 0 ? ':-' : '-:'));
	const table = [head, aligned, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
	const list = targets.map((target) => `- ${describeTarget(target)}`).join('\n');
	const introduction = `${about} ${when}`;
	return [`## ${title}`, introduction, table, list, conclusion].filter((part) => part !== '').join('\n\n');
}
