import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';

const PATIENCE_MS = 20_000;

/** Waits until a value is as expected, since the other end of a connection sees things a moment later. */
export async function eventually<T>(read: () => T, expected: T): Promise<void> {
	const startMs = performance.now();
	while (!Object.is(read(), expected) && performance.now() - startMs < PATIENCE_MS) {
		await sleep(5);
	}
	expect(read()).toBe(expected);
}
