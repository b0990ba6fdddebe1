import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { showProgress } from '../../start/progress.mts';

beforeEach(() => {
	jest.useFakeTimers();
});
afterEach(() => {
	jest.useRealTimers();
});

/** A progress over so many steps, of which some are done. */
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
		/** One step after so many milliseconds. */
		step(ms: number) {
			jest.advanceTimersByTime(ms);
			done++;
		},
	};
}

test('What is over within two seconds shows nothing', () => {
	for (const isTTY of [true, false]) {
		const { written, step, stop } = watch(isTTY, 2);
		step(1_000);
		step(900);
		stop();
		jest.advanceTimersByTime(60_000);
		expect(written).toEqual([]);
	}
});

test('On a terminal a bar is drawn from then on, and gone at the end', () => {
	const { written, step, stop } = watch(true, 4);
	step(1_000);
	step(1_000);
	jest.advanceTimersByTime(100);
	stop();
	expect(written.at(-2)).toBe(`\r\u001b[2K[${'#'.repeat(15)}${'-'.repeat(15)}]  50 %  2 done`);
	expect(written.at(-1)).toBe('\r\u001b[2K');
});

test('Elsewhere there is a line every 10 seconds, with no sign that only a terminal understands', () => {
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

test('More steps than were expected are still one whole bar', () => {
	const { written, step, stop } = watch(false, 1);
	step(1);
	step(10_000);
	stop();
	expect(written[0]).toContain(' 100 %  1 done');
});
