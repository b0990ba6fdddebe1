import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { run } from 'node:test';
import { spec, type TestEvent } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chineseFontPart, chromiumPart } from './browser/playwright.mts';
import { install } from './install.mts';
import { postgresPart } from './services/postgres.mts';
import { redisPart } from './services/redis.mts';
import { buildFor, n8nLines, type N8nLine } from './setup/folders.mts';
import { requireOnMachine, type MachinePart } from './setup/machinePart.mts';
import { endByExit } from './setup/ownedProcesses.mts';
import { packedPackage, tarballVariable } from './setup/packedPackage.mts';
import { CannotStart, runMain } from './setup/stopMessage.mts';

/** No test file needs so long; the queue mode takes longest. Milliseconds. */
const LONGEST_FILE_MS = 20 * 60_000;

/**
 * After this everything is ended, whatever it waits for: before the job of test.yml is, which tells nothing. With
 * installations it takes half an hour, on a slow machine more than twice as long. Milliseconds.
 */
const LONGEST_RUN_MS = 80 * 60_000;
/** How long an ended run may clean up. Milliseconds. */
const CLEANING_UP_MS = 30_000;

const OWN_SUM = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

const testFolder = fileURLToPath(new URL('tests', import.meta.url));

const HELP = `Runs the end-to-end tests against real n8n.

  --n8n <n8n-2 | n8n-1>  one line of n8n only
  --only <words>         only test files whose names contain the words
  --pictures             takes the pictures of the documentation anew (with n8n-2)
`;

interface Counts {
	passed: number;
	failed: number;
}

await runMain(async () => {
	const { n8n, only, pictures, help } = readCommandLine();
	if (help) {
		process.stdout.write(HELP);
		return;
	}
	const lines = n8nLines.filter((line) => n8n === undefined || line === n8n);
	if (lines.length === 0) throw new CannotStart(`--n8n is one of ${n8nLines.join(', ')}.`);
	const ended = limitTime();
	await requireOnMachine(machineParts(pictures));
	await install(lines);
	const folder = await temporaryFolder();
	const counts: Counts = { passed: 0, failed: 0 };
	const files = (await readdir(testFolder))
		.filter((name) => name.endsWith('.e2e.mts') && name.includes(only))
		.sort()
		.map((name) => join(testFolder, name));
	for (const line of lines) await runFiles({ line, folder, files, pictures, counts, signal: ended });
	process.exitCode = counts.failed === 0 && counts.passed > 0 && !ended.aborted ? 0 : 1;
	process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
});

/** What the tests need on the machine. */
function machineParts(pictures: boolean): MachinePart[] {
	return [chromiumPart, redisPart, postgresPart, ...(pictures ? [chineseFontPart] : [])];
}

/** A folder for all temporary files of the run, so that nothing stays behind, not even of a test that was ended. */
async function temporaryFolder(): Promise<string> {
	process.env.E2E_FAILURES ??= tmpdir();
	const folder = await mkdtemp(join(tmpdir(), 'e2e-'));
	// PostgreSQL's own user has its folder below.
	await chmod(folder, 0o711);
	process.env.TMPDIR = folder;
	process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
	endByExit();
	return folder;
}

/** Ends the whole run when it takes too long: a test that hangs must not hang whoever waits for it. */
function limitTime(): AbortSignal {
	const controller = new AbortController();
	const end = () => {
		process.stdout.write(`\nThe run took longer than ${LONGEST_RUN_MS / 60_000} minutes and was ended.\n`);
		controller.abort();
		setTimeout(() => process.exit(1), CLEANING_UP_MS).unref();
	};
	setTimeout(end, LONGEST_RUN_MS).unref();
	return controller.signal;
}

interface LineRun {
	readonly line: N8nLine;
	/** For its tarball. */
	readonly folder: string;
	readonly files: string[];
	readonly pictures: boolean;
	readonly counts: Counts;
	readonly signal: AbortSignal;
}

async function runFiles({ line, folder, files, pictures, counts, signal }: LineRun): Promise<void> {
	const build = buildFor[line];
	process.stdout.write(`\n${line}, ${build} build\n`);
	process.env.E2E_N8N = line;
	// All files get the very same tarball.
	process.env[tarballVariable(build)] = await packedPackage(build, folder);
	if (pictures) process.env.E2E_PICTURES = line === 'n8n-2' ? 'docs' : '';
	const report = Readable.from(eventsOf(files, counts, signal)).compose(new spec());
	for await (const text of report) process.stdout.write(String(text));
}

/** Runs one file after the other, each in a process of its own, and counts. */
async function* eventsOf(files: string[], counts: Counts, signal: AbortSignal): AsyncGenerator<TestEvent> {
	for (const file of files) {
		if (signal.aborted) return;
		const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_FILE_MS)]);
		// What a failed test has left open must not keep its process.
		for await (const event of run({ files: [file], signal: limit, forceExit: true })) {
			if (event.type === 'test:fail') counts.failed++;
			// A step is skipped only after one that failed, which is counted.
			if (event.type === 'test:pass' && event.data.skip === undefined) counts.passed++;
			// Each file's own sums; the last line has those of all.
			if (event.type !== 'test:diagnostic' || !OWN_SUM.test(event.data.message)) yield event;
		}
	}
}

function readCommandLine() {
	try {
		const { values } = parseArgs({
			options: {
				help: { type: 'boolean', default: false },
				n8n: { type: 'string' },
				only: { type: 'string', default: '' },
				pictures: { type: 'boolean', default: false },
			},
		});
		return values;
	} catch (cause) {
		throw new CannotStart(`${cause instanceof Error ? cause.message : String(cause)}\n\n${HELP}`, { cause });
	}
}
