import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * The next message from a forked process.
 *
 * @throws Error with its exit code or signal when it ends without one
 */
export async function messageOf<T>(child: ChildProcess): Promise<T> {
	const turnOff = new AbortController();
	const { signal } = turnOff;
	try {
		return await Promise.race([
			once(child, 'message', { signal }).then(([message]) => message as T),
			once(child, 'exit', { signal }).then((end) => {
				throw new Error(`The process ended without a message: ${end.join(' ')}`);
			}),
		]);
	} finally {
		turnOff.abort();
	}
}
