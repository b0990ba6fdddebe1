import { describe, expect, test } from '@jest/globals';
import { Deadlines } from '../../../nodes/TencentCloudIot/service/transport/clock';
import { FakeClock } from '../../support/fakeClock.mts';

const TIMEOUT_MS = 1_000;

function deadlinesOf() {
	const clock = new FakeClock();
	const deadlines = new Deadlines(TIMEOUT_MS, clock);
	/** The deadlines that have passed, with their times. */
	const passed: string[] = [];
	const set = (name: string) => deadlines.set(() => passed.push(`${name} at ${clock.elapsedMs()}`));
	return { clock, deadlines, passed, set };
}

describe('A deadline', () => {
	test('passes at its own time when others were set before and after it', async () => {
		const { clock, passed, set } = deadlinesOf();
		set('a');
		set('b');
		await clock.advance(300);
		set('c');
		await clock.advance(900);
		set('d');
		await clock.advance(5_000);
		expect(passed).toEqual(['a at 1000', 'b at 1000', 'c at 1300', 'd at 2200']);
	});

	test('that was cancelled never passes, whether or not it was the next', async () => {
		const { clock, passed, set } = deadlinesOf();
		const takeBackFirst = set('a');
		await clock.advance(100);
		set('b');
		const takeBackLast = set('c');
		takeBackFirst();
		takeBackLast();
		await clock.advance(5_000);
		expect(passed).toEqual(['b at 1100']);
	});
});

describe('Deadlines', () => {
	test('share one alarm, however many there are', async () => {
		const { clock, set } = deadlinesOf();
		for (let n = 0; n < 100; n++) {
			set(`${n}`);
			await clock.advance(1);
			expect(clock.waiting).toBe(1);
		}
	});

	test('that have all passed or were cancelled leave no alarm once it has rung', async () => {
		const { clock, passed, set } = deadlinesOf();
		set('a');
		set('b')();
		await clock.advance(TIMEOUT_MS);
		expect(clock.waiting).toBe(0);
		set('c');
		expect(clock.waiting).toBe(1);
		await clock.advance(TIMEOUT_MS);
		expect(passed).toEqual(['a at 1000', 'c at 2000']);
	});

	test('leave no alarm when they are closed, and none passes afterwards', async () => {
		const { clock, deadlines, passed, set } = deadlinesOf();
		set('a');
		deadlines.close();
		expect(clock.waiting).toBe(0);
		await clock.advance(5_000);
		expect(passed).toEqual([]);
	});
});
