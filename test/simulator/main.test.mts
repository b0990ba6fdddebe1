import type { ChildProcess } from 'node:child_process';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { messageOf } from '../../simulator/childMessage.mts';
import { bindParameters, call, success } from './callSimulator.mts';
import { runSimulator } from './runningSimulator.mts';

const script = join(import.meta.dirname, '../../simulator/main.mts');
const children = new Set<ChildProcess>();

afterEach(() => {
	for (const child of children) {
		child.kill('SIGKILL');
	}
	children.clear();
});

function start(...args: string[]) {
	const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
	children.add(child);
	return child;
}

async function runToTheEnd(...args: string[]) {
	const child = start(...args);
	const [stdout, stderr, [exitCode]] = await Promise.all([
		text(child.stdout),
		text(child.stderr),
		once(child, 'close') as Promise<[number]>,
	]);
	return { exitCode, stdout, stderr };
}

async function exitOf(child: ChildProcess) {
	const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null];
	return { exitCode, signal };
}

test('--help shows the flags', async () => {
	const { exitCode, stdout, stderr } = await runToTheEnd('--help');
	expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
	expect(stdout).toContain('--rate-limit-answer');
});

test('An invalid argument ends it with one sentence and exit code 2', async () => {
	expect(await runToTheEnd('--port', 'x')).toEqual({
		exitCode: 2,
		stdout: '',
		stderr: '--port must be a whole number from 0 to 65535, not "x".\n',
	});
});

test('A port in use ends it with one sentence and exit code 1', async () => {
	const { port } = await runSimulator();
	expect(await runToTheEnd('--port', String(port))).toEqual({
		exitCode: 1,
		stdout: '',
		stderr: `Port ${port} is in use; choose another one with --port.\n`,
	});
});

test.each(['SIGINT', 'SIGTERM'] as const)(
	'It prints endpoint, key and secret in one line, serves, and %s ends it cleanly',
	async (signal) => {
		const child = start('--port', '0', '--empty', '--app-secret', 'other');
		const [line] = (await once(child.stdout, 'data')) as [Buffer];
		const [, endpoint] = /^Simulating (\S+) AppKey=ServiceAppKey AppSecret=other\n$/.exec(String(line)) ?? [];
		expect(await call({ endpoint: endpoint! }, bindParameters, { secret: 'other' })).toEqual(success);
		const exit = exitOf(child);
		child.kill(signal);
		expect(await exit).toEqual({ exitCode: 0, signal: null });
	},
);

test('A parent process receives the endpoint, and the simulator ends with it', async () => {
	const child = fork(script, ['--port', '0'], { execArgv: [], silent: true });
	children.add(child);
	const message = await messageOf<{ endpoint: string }>(child);
	expect(await call(message, bindParameters)).toEqual(success);
	const exit = exitOf(child);
	child.disconnect();
	expect(await exit).toEqual({ exitCode: 0, signal: null });
});

test('A parent process that waits for the endpoint gets an error if the simulator does not start', async () => {
	const child = fork(script, ['--nonsense'], { execArgv: [], silent: true });
	children.add(child);
	await expect(messageOf(child)).rejects.toThrow('The process ended without a message: 2');
});
