import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';

/** A backlog of 1 accepts two or three connections. */
const MOST_WAITING = 20;

const enders: Array<() => void> = [];

afterEach(() => {
	for (const end of enders.splice(0)) {
		end();
	}
});

/**
 * A port that does not respond to connection attempts, as behind a firewall that drops packets: its process is stopped and its
 * backlog is full, so the system does not respond to further attempts.
 */
export async function deafPort(): Promise<number> {
	const child = fork(fileURLToPath(new URL('./listenOnly.mts', import.meta.url)), { execArgv: [] });
	const [port] = (await once(child, 'message')) as [number];
	child.kill('SIGSTOP');
	const waiting: Socket[] = [];
	enders.push(() => {
		child.kill('SIGKILL');
		for (const socket of waiting) {
			socket.destroy();
		}
	});
	for (let isAnswered = true; isAnswered; ) {
		if (waiting.length > MOST_WAITING) {
			throw new Error('The backlog of this system is never full.');
		}
		const socket = connect(port, '127.0.0.1').on('error', () => undefined);
		waiting.push(socket);
		isAnswered = await Promise.race([once(socket, 'connect').then(() => true), sleep(100).then(() => false)]);
	}
	return port;
}
