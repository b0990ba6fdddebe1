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

/** After this, a test file is considered stuck; the slowest one, queue mode, takes less. Milliseconds. */
const LONGEST_FILE_MS = 20 * 60_000;

/**
 * The time limit of the whole run. It is shorter than that of the job in test.yml, because a job that is cut off
 * does not report what failed. With installations, a run takes half an hour; on a slow machine, more than twice as
 * long. Milliseconds.
 */
const LONGEST_RUN_MS = 80 * 60_000;
/** How long a run that is ended early may take to clean up. Milliseconds. */
const CLEANING_UP_MS = 30_000;

/** How many parts run at once. They wait more than they compute, but three of them keep two cores busy. */
const PARTS_AT_ONCE = 3;

/** How many of the files that mostly wait run in addition. With only one, two cores were idle for a fifth of the time. */
const WAITING_PARTS_AT_ONCE = 3;

/**
 * Files that wait nearly all the time, mostly until the lock row of a killed run has not changed for long enough. If
 * they took the places of other files, the whole run would take as long as they wait.
 */
const MOSTLY_WAITING = ['syncQueueMode', 'sync', 'syncRefused', 'cron'];

/**
 * Files that start n8n themselves, longest first: with other settings, to kill it, or to check what a new one
 * prints; 'cron' needs no n8n at all. All other files share one n8n of each line, and run one after the other.
 */
const STARTS_N8N_ITSELF = [
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

/** Files that run only with the newest n8n: older ones lack the tested feature, or another file covers them. */
const NEWEST_LINE_ONLY = [
	// n8n 2.15 has no second engine, no MCP server that writes workflows, and no report on what n8n 3 changes.
	'engineV2',
	'mcpServer',
	'migrationReport',
	// It tests environment variables that came with n8n 2.21.
	'installation',
	// It tests the node rather than n8n, which itself takes most of the heap.
	'hostilePosts',
	// They play through whole nights, which takes long. 'examples' tests how n8n 2.15 runs an example.
	'straightLines',
	'phone',
	'redEnds',
	// It runs nodes of the newest n8n on its engine.
	'sheetRows',
	// It runs without n8n.
	'cron',
];

/** The longest reason of a failed test in the list at the end. Characters. */
const LONGEST_REASON = 300;

const TOTALS_OF_A_FILE = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

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
	/** Each failed test with its line of n8n, build, file and reason. */
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
		const run = async () => await runInOneN8n(lineRun, filesForLine(lineRun.line, files.shared));
		parts.push({ name: 'shared', run });
	}
	for (const file of files.own) {
		for (const lineRun of lineRuns.filter(({ line }) => filesForLine(line, [file]).length > 0)) {
			parts.push({ name: nameOf(file), run: async () => await runFile(lineRun, file) });
		}
	}
	await runSideBySide(parts);
	await Promise.all(lines.map(forgetLaterModules));
	if (pictures) {
		await recordCommitOfPictures(startedMs);
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

/** Runs parts in order, several at once. While the schedule would disturb a file, later ones start before it. */
async function runSideBySide(parts: readonly Part[]): Promise<void> {
	const remaining = [...parts];
	const runLane = async (mayTake: (part: Part) => boolean): Promise<void> => {
		for (;;) {
			const takeable = remaining.filter(mayTake);
			const next = takeable.find(canStartNow) ?? takeable[0];
			if (next === undefined) {
				return;
			}
			remaining.splice(remaining.indexOf(next), 1);
			await next.run();
		}
	};
	const isWaiting = ({ name }: Part) => MOSTLY_WAITING.includes(name);
	await Promise.all([
		...Array.from({ length: PARTS_AT_ONCE }, async () => await runLane(() => true)),
		...Array.from({ length: WAITING_PARTS_AT_ONCE }, async () => await runLane(isWaiting)),
	]);
}

function canStartNow({ name }: Part): boolean {
	const minutes = (QUIET_MINUTES as Readonly<Record<string, number>>)[name];
	return minutes === undefined || msUntilQuiet(minutes) === 0;
}

/** Records at which commit each picture was taken: the release check reports later changes of the panel. */
async function recordCommitOfPictures(startedMs: number): Promise<void> {
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

/** The programs and fonts that the tests need on the machine. */
function machineParts(pictures: boolean): MachinePart[] {
	const parts = [chromiumPart, redisPart, postgresPart];
	return pictures ? [...parts, chineseFontPart] : parts;
}

/** A folder for all temporary files of the run. It is deleted at the end, with those of tests that were cut off. */
async function temporaryFolder(): Promise<string> {
	process.env.E2E_FAILURES ??= tmpdir();
	const folder = await mkdtemp(join(tmpdir(), 'e2e-'));
	// The user who runs PostgreSQL needs access to its folder below this one.
	await chmod(folder, 0o711);
	process.env.TMPDIR = folder;
	process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
	return folder;
}

interface TimeLimit {
	/** Aborted when the run must end. */
	readonly signal: AbortSignal;
	end(why: string): void;
}

/** Ends the whole run when it takes too long: a test that hangs must not block the caller forever. */
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

/** Ends the test files when the run is ended from outside: they would continue without it. */
function endOnSignal(end: TimeLimit['end']): void {
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
		process.once(signal, () => end(`The run was ended by ${signal}.`));
	}
}

/** The paths of the test files whose names contain `words`. */
async function testFiles(words: string): Promise<{ shared: string[]; own: string[] }> {
	const names = (await readdir(testFolder))
		.filter((name) => name.endsWith('.e2e.mts') && name.includes(words))
		.map(nameOf)
		.sort();
	const paths = (testNames: string[]) => testNames.map((name) => join(testFolder, `${name}.e2e.mts`));
	return {
		shared: paths(names.filter((name) => !STARTS_N8N_ITSELF.includes(name))),
		own: paths(STARTS_N8N_ITSELF.filter((name) => names.includes(name))),
	};
}

/** The test files that run with a line of n8n. */
function filesForLine(line: N8nLine, files: readonly string[]): string[] {
	return files.filter((file) => line === n8nLines[0] || !NEWEST_LINE_ONLY.includes(nameOf(file)));
}

function nameOf(path: string): string {
	return basename(path, '.e2e.mts');
}

interface LineRun {
	readonly line: N8nLine;
	/** The environment of its test files. */
	readonly env: NodeJS.ProcessEnv;
	readonly outcome: Outcome;
	readonly signal: AbortSignal;
}

/** The environment of the test files of a line, which all test the same tarball. */
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

/** Runs the files that share one n8n, one after the other: each starts without the credentials of the previous one. */
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

/** Runs a file in a separate process, and prints its report in one piece. */
async function runFile({ line, env, outcome, signal }: LineRun, file: string): Promise<void> {
	if (signal.aborted) {
		return;
	}
	const startedMs = Date.now();
	const title = `${line}, ${buildFor[line]} build: ${nameOf(file)}`;
	const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_FILE_MS)]);
	async function* events(): AsyncGenerator<TestEvent> {
		// Whatever a failed test leaves open must not keep its process alive.
		for await (const event of run({ files: [file], env, signal: limit, forceExit: true })) {
			if (event.type === 'test:fail') {
				outcome.failed.push(`${title}: ${event.data.name}${reasonOf(event.data)}`);
			}
			// A step is skipped only after a failed one, and that failure is counted.
			if (event.type === 'test:pass' && event.data.skip === undefined) {
				outcome.passed++;
			}
			// Leaves out the totals of each file: the last line has the totals of all files.
			if (event.type !== 'test:diagnostic' || !TOTALS_OF_A_FILE.test(event.data.message)) {
				yield event;
			}
		}
	}
	const report = await text(Readable.from(events()).compose(new spec()));
	const seconds = Math.round((Date.now() - startedMs) / 1000);
	process.stdout.write(`\n${title}, ${seconds} s\n${report}`);
}

/** Why a test failed, in one line: of a long output, only the list at the end may survive. */
function reasonOf({ details: { error } }: TestFail): string {
	const { message } = error.cause instanceof Error ? error.cause : error;
	return ` (${message.replace(/\s+/g, ' ').slice(0, LONGEST_REASON)})`;
}
