import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { showProgress } from '../../start/progress.mts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function watch(isTTY: boolean) {
	const written: string[] = [];
	let count = 0;
	const stop = showProgress({ isTTY, write: (text) => written.push(text) }, () => `${count} done`);
	return { written, stop, setCount: (value: number) => (count = value) };
}

test('On a terminal one line is rewritten whenever the text has changed', () => {
	const { written, stop, setCount } = watch(true);
	setCount(1);
	jest.advanceTimersByTime(300);
	setCount(2);
	stop();
	expect(written).toEqual(['\r\u001b[2K0 done', '\r\u001b[2K1 done', '\r\u001b[2K2 done', '\n']);
});

test('Elsewhere it is a line every 10 seconds, changed or not, and the last text always comes', () => {
	const { written, stop, setCount } = watch(false);
	for (let count = 1; count <= 15; count++) {
		setCount(count);
		jest.advanceTimersByTime(1_000);
	}
	jest.advanceTimersByTime(15_000);
	setCount(16);
	stop();
	jest.advanceTimersByTime(20_000);
	expect(written).toEqual(['0 done\n', '10 done\n', '15 done\n', '15 done\n', '16 done\n']);
});
