import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { run } from 'node:test';
import { spec, type TestEvent } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { chineseFontPart, chromiumPart } from './browser/playwright.mts';
import { install } from './install.mts';
import { forgetLaterModules } from './n8n/firstStart.mts';
import { invitationTo, startN8n } from './n8n/server.mts';
import { postgresPart } from './services/postgres.mts';
import { redisPart } from './services/redis.mts';
import { buildFor, imageFolder, n8nLines, rootFolder, type N8nLine } from './setup/folders.mts';
import { requireOnMachine, type MachinePart } from './setup/machinePart.mts';
import { runCommand } from './setup/runCommand.mts';
import { packedPackage, tarballVariable } from './setup/packedPackage.mts';
import { msUntilQuiet, QUIET_MINUTES } from './setup/quietSchedule.mts';
import { CannotStart, readFlags, runMain } from './setup/stopMessage.mts';
import { SHARED_N8N } from './tests/scene.mts';

/** No test file needs so long; the queue mode takes longest. Milliseconds. */
const LONGEST_FILE_MS = 20 * 60_000;

/**
 * After this everything is ended, whatever it waits for: before the job of test.yml is, which tells nothing. With
 * installations it takes half an hour, on a slow machine more than twice as long. Milliseconds.
 */
const LONGEST_RUN_MS = 80 * 60_000;
/** How long an ended run may clean up. Milliseconds. */
const CLEANING_UP_MS = 30_000;

/** So many parts run side by side. They wait more than they compute, and yet two cores have enough to do with three. */
const SIDE_BY_SIDE = 3;

/** So many of the files that wait run beside these. With one, two cores stood idle for a fifth of the time. */
const WAITING_SIDE_BY_SIDE = 3;

/**
 * Files that wait nearly all the time, mostly until the lock row of a killed run has stood still for long enough. On two cores the whole run
 * would be as long as they wait if the others waited for them.
 */
const WAITING = ['syncQueueMode', 'sync', 'syncRefused', 'cron'];

/**
 * Files that start n8n themselves, longest first: with settings of their own, to kill it, or to see what a new one says. One needs
 * none. All others share one n8n of each line, one after the other.
 */
const WITH_N8N_OF_THEIR_OWN = [
	'syncQueueMode',
	'sync',
	'phone',
	'redEnds',
	'installation',
	'straightLines',
	'dataTables',
	'syncRefused',
	'engineV2',
	'cron',
	'browser',
	'commandLine',
	'hostilePosts',
];

/** Files that only the newest n8n runs: the others have not what they are about, or show it by another file. */
const IN_THE_NEWEST = [
	// n8n 2.15 has no second engine, no MCP server that writes workflows, and no report on what n8n 3 changes.
	'engineV2',
	'mcpServer',
	'migrationReport',
	// The variables that it is about came with n8n 2.21.
	'installation',
	// What it sends is about the node; n8n itself needs most of the heap.
	'hostilePosts',
	// Nights are long, and about the examples and the node. What n8n 2.15 does to an example is in 'examples'.
	'straightLines',
	'phone',
	'redEnds',
	// It runs nodes of the newest n8n on its engine.
	'sheetRows',
	// It runs without n8n.
	'cron',
];

/** Of a failed test in the list at the end. Characters. */
const LONGEST_REASON = 300;

const OWN_SUM = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

const testFolder = fileURLToPath(new URL('tests', import.meta.url));

const HELP = `Runs the end-to-end tests against real n8n.

  --n8n <${n8nLines.join(' | ')}>  one line of n8n only
  --only <words>  only test files whose names contain the words
  --pictures      takes the pictures of the documentation anew (with n8n-2)
`;

const FLAGS = {
	help: { type: 'boolean', default: false },
	n8n: { type: 'string' },
	only: { type: 'string', default: '' },
	pictures: { type: 'boolean', default: false },
} as const;

type TestFail = Extract<TestEvent, { type: 'test:fail' }>['data'];

interface Outcome {
	passed: number;
	/** Which test of what failed, and why. */
	readonly failed: string[];
}

await runMain(async () => {
	const { n8n, only, pictures, help } = readFlags(FLAGS, HELP);
	if (help) {
		process.stdout.write(HELP);
		return;
	}
	const lines = n8nLines.filter((line) => n8n === undefined || line === n8n);
	if (lines.length === 0) {
		throw new CannotStart(`--n8n is one of ${n8nLines.join(', ')}.`);
	}
	const startedMs = Date.now();
	const { signal: ended, end } = limitTime();
	await requireOnMachine(machineParts(pictures));
	await install(lines);
	const folder = await temporaryFolder();
	endOnSignal(end);
	const outcome: Outcome = { passed: 0, failed: [] };
	const files = await testFiles(only);
	const lineRuns: LineRun[] = [];
	for (const line of lines) {
		lineRuns.push({ line, env: await environment(line, folder, pictures), outcome, signal: ended });
	}
	const parts: Part[] = [];
	for (const lineRun of lineRuns) {
		const run = async () => await runInOneN8n(lineRun, ofLine(lineRun.line, files.shared));
		parts.push({ name: 'shared', run });
	}
	for (const file of files.own) {
		for (const lineRun of lineRuns.filter(({ line }) => ofLine(line, [file]).length > 0)) {
			parts.push({ name: nameOf(file), run: async () => await runFile(lineRun, file) });
		}
	}
	await runSideBySide(parts);
	await Promise.all(lines.map(forgetLaterModules));
	if (pictures) {
		await nameCommitOfPictures(startedMs);
	}
	const { passed, failed } = outcome;
	process.exitCode = failed.length === 0 && passed > 0 && !ended.aborted ? 0 : 1;
	process.stdout.write(`\n${failed.map((name) => `failed: ${name}\n`).join('')}`);
	process.stdout.write(`${passed} passed, ${failed.length} failed\n`);
});

/** A file with an n8n of its own, or all files that share one. */
interface Part {
	/** The file's name; `shared` for several. */
	readonly name: string;
	readonly run: () => Promise<void>;
}

/** Runs parts in their order. A file that the schedule would meet now waits for its turn, and others begin before it. */
async function runSideBySide(parts: readonly Part[]): Promise<void> {
	const left = [...parts];
	const runLane = async (mayTake: (part: Part) => boolean): Promise<void> => {
		for (;;) {
			const takeable = left.filter(mayTake);
			const next = takeable.find(mayBeginNow) ?? takeable[0];
			if (next === undefined) {
				return;
			}
			left.splice(left.indexOf(next), 1);
			await next.run();
		}
	};
	const isWaiting = ({ name }: Part) => WAITING.includes(name);
	await Promise.all([
		...Array.from({ length: SIDE_BY_SIDE }, async () => await runLane(() => true)),
		...Array.from({ length: WAITING_SIDE_BY_SIDE }, async () => await runLane(isWaiting)),
	]);
}

function mayBeginNow({ name }: Part): boolean {
	const minutes = (QUIET_MINUTES as Readonly<Record<string, number>>)[name];
	return minutes === undefined || msUntilQuiet(minutes) === 0;
}

/** Notes beside the pictures from which commit each was taken: a release looks whether the panel has changed since. */
async function nameCommitOfPictures(startedMs: number): Promise<void> {
	const list = join(imageFolder, 'taken.json');
	const earlier = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Record<string, string>) : {};
	const { stdout } = await runCommand('git', ['rev-parse', '--short', 'HEAD'], { cwd: rootFolder });
	const taken: Record<string, string> = {};
	for (const file of readdirSync(imageFolder).filter((name) => /\.(png|webp)$/.test(name))) {
		const isNew = statSync(join(imageFolder, file)).mtimeMs >= startedMs;
		taken[file] = isNew ? stdout.trim() : (earlier[file] ?? '');
	}
	writeFileSync(list, `${JSON.stringify(taken, null, '\t')}\n`);
}

/** What the tests need on the machine. */
function machineParts(pictures: boolean): MachinePart[] {
	const parts = [chromiumPart, redisPart, postgresPart];
	return pictures ? [...parts, chineseFontPart] : parts;
}

/** A folder for all temporary files of the run, so that nothing stays behind, not even of a test that was ended. */
async function temporaryFolder(): Promise<string> {
	process.env.E2E_FAILURES ??= tmpdir();
	const folder = await mkdtemp(join(tmpdir(), 'e2e-'));
	// PostgreSQL's own user has its folder below.
	await chmod(folder, 0o711);
	process.env.TMPDIR = folder;
	process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
	return folder;
}

interface TimeLimit {
	/** The run is to end. */
	readonly signal: AbortSignal;
	end(why: string): void;
}

/** Ends the whole run when it takes too long: a test that hangs must not hang whoever waits for it. */
function limitTime(): TimeLimit {
	const controller = new AbortController();
	const end = (why: string) => {
		process.stdout.write(`\n${why}\n`);
		controller.abort();
		setTimeout(() => process.exit(1), CLEANING_UP_MS).unref();
	};
	const tooLong = `The run took longer than ${LONGEST_RUN_MS / 60_000} minutes and was ended.`;
	setTimeout(() => end(tooLong), LONGEST_RUN_MS).unref();
	return { signal: controller.signal, end };
}

/** Whoever ends the run ends the test files, too, which would go on without it. */
function endOnSignal(end: TimeLimit['end']): void {
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
		process.once(signal, () => end(`The run was ended by ${signal}.`));
	}
}

/** The paths of the test files whose names contain some words. */
async function testFiles(words: string): Promise<{ shared: string[]; own: string[] }> {
	const names = (await readdir(testFolder))
		.filter((name) => name.endsWith('.e2e.mts') && name.includes(words))
		.map(nameOf)
		.sort();
	const paths = (of: string[]) => of.map((name) => join(testFolder, `${name}.e2e.mts`));
	return {
		shared: paths(names.filter((name) => !WITH_N8N_OF_THEIR_OWN.includes(name))),
		own: paths(WITH_N8N_OF_THEIR_OWN.filter((name) => names.includes(name))),
	};
}

/** Those of some test files that run in a line. */
function ofLine(line: N8nLine, files: readonly string[]): string[] {
	return files.filter((file) => line === n8nLines[0] || !IN_THE_NEWEST.includes(nameOf(file)));
}

function nameOf(path: string): string {
	return basename(path, '.e2e.mts');
}

interface LineRun {
	readonly line: N8nLine;
	/** Of its test files. */
	readonly env: NodeJS.ProcessEnv;
	readonly outcome: Outcome;
	readonly signal: AbortSignal;
}

/** All files of a line get the very same tarball. */
async function environment(line: N8nLine, folder: string, pictures: boolean): Promise<NodeJS.ProcessEnv> {
	const build = buildFor[line];
	const variables: NodeJS.ProcessEnv = {
		...process.env,
		E2E_N8N: line,
		[tarballVariable(build)]: await packedPackage(build, folder),
	};
	if (pictures && line === 'n8n-2') {
		variables.E2E_PICTURES = 'docs';
	}
	return variables;
}

/** Runs files that need no n8n of their own, one after the other: each begins without the credentials of the one before. */
async function runInOneN8n(lineRun: LineRun, files: readonly string[]): Promise<void> {
	const { line, env, outcome, signal } = lineRun;
	if (files.length === 0 || signal.aborted) {
		return;
	}
	const tarball = env[tarballVariable(buildFor[line])]!;
	try {
		const server = await startN8n({ line, tarball, hasEditor: true });
		try {
			const shared = { ...lineRun, env: { ...env, [SHARED_N8N]: invitationTo(server) } };
			for (const file of files) {
				await runFile(shared, file);
			}
		} finally {
			await server.stop();
		}
	} catch (cause) {
		outcome.failed.push(`${line}, the n8n that test files share`);
		process.stdout.write(`\n${line}, the n8n that test files share: ${String(cause)}\n`);
	}
}

/** Runs a file in a process of its own, and prints in one piece what became of it. */
async function runFile({ line, env, outcome, signal }: LineRun, file: string): Promise<void> {
	if (signal.aborted) {
		return;
	}
	const startedMs = Date.now();
	const title = `${line}, ${buildFor[line]} build: ${nameOf(file)}`;
	const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_FILE_MS)]);
	async function* events(): AsyncGenerator<TestEvent> {
		// What a failed test has left open must not keep its process.
		for await (const event of run({ files: [file], env, signal: limit, forceExit: true })) {
			if (event.type === 'test:fail') {
				outcome.failed.push(`${title}: ${event.data.name}${reasonOf(event.data)}`);
			}
			// A step is skipped only after one that failed, which is counted.
			if (event.type === 'test:pass' && event.data.skip === undefined) {
				outcome.passed++;
			}
			// Each file's own sums; the last line has those of all.
			if (event.type !== 'test:diagnostic' || !OWN_SUM.test(event.data.message)) {
				yield event;
			}
		}
	}
	const report = await text(Readable.from(events()).compose(new spec()));
	const seconds = Math.round((Date.now() - startedMs) / 1000);
	process.stdout.write(`\n${title}, ${seconds} s\n${report}`);
}

/** Why a test failed, in one line: of a long output only the end may be kept, where the failed ones are listed. */
function reasonOf({ details: { error } }: TestFail): string {
	const { message } = error.cause instanceof Error ? error.cause : error;
	return ` (${message.replace(/\s+/g, ' ').slice(0, LONGEST_REASON)})`;
}
