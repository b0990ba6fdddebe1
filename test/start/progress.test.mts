import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { showProgress } from '../../start/progress.mts';

beforeEach(() => {
	jest.useFakeTimers();
});
afterEach(() => {
	jest.useRealTimers();
});

/** Shows the progress over a number of steps. */
function watch(isTTY: boolean, steps: number) {
	const written: string[] = [];
	let done = 0;
	const stop = showProgress({ isTTY, write: (text) => written.push(text) }, () => ({
		fraction: done / steps,
		text: `${done} done`,
	}));
	return {
		written,
		stop,
		/** Finishes a step after this many milliseconds. */
		step(ms: number) {
			jest.advanceTimersByTime(ms);
			done++;
		},
	};
}

test('Work that ends within two seconds shows nothing', () => {
	for (const isTTY of [true, false]) {
		const { written, step, stop } = watch(isTTY, 2);
		step(1_000);
		step(900);
		stop();
		jest.advanceTimersByTime(60_000);
		expect(written).toEqual([]);
	}
});

test('On a terminal, a bar is drawn after two seconds and removed at the end', () => {
	const { written, step, stop } = watch(true, 4);
	step(1_000);
	step(1_000);
	jest.advanceTimersByTime(100);
	stop();
	expect(written.at(-2)).toBe(`\r\u001b[2K[${'#'.repeat(15)}${'-'.repeat(15)}]  50 %  2 done`);
	expect(written.at(-1)).toBe('\r\u001b[2K');
});

test('Without a terminal, there is a line every 10 seconds without control characters', () => {
	const { written, step, stop } = watch(false, 3);
	step(10_000);
	step(10_000);
	step(5_000);
	stop();
	expect(written).toEqual([
		`[${'-'.repeat(30)}]   0 %  0 done\n`,
		`[${'#'.repeat(10)}${'-'.repeat(20)}]  33 %  1 done\n`,
	]);
});

test('More steps than expected still show one full bar', () => {
	const { written, step, stop } = watch(false, 1);
	step(1);
	step(10_000);
	stop();
	expect(written[0]).toContain(' 100 %  1 done');
});
