import { describe, expect, test } from '@jest/globals';
import type { OutcomeName } from '../../nodes/TencentCloudIot/service/outcome';
import { Sending, type SendingLimits } from '../../nodes/TencentCloudIot/sync/sending';
import { expectReadable } from '../support/wording.mts';

const sendingWith = (limits: Partial<SendingLimits> = {}) =>
	new Sending({
		longestRunMs: 0,
		startMs: 1000,
		elapsedMs: () => 1000,
		isAlone: async () => true,
		...limits,
	});

function answerAll(sending: Sending, ...outcomes: OutcomeName[]): void {
	for (const outcome of outcomes) sending.answered('changed', outcome);
}

const times = (count: number, outcome: OutcomeName) => new Array<OutcomeName>(count).fill(outcome);

describe('The time budget', () => {
	test.each<[longestRunMs: number, nowMs: number, mayStart: boolean]>([
		[0, 1e9, true],
		[60_000, 60_999, true],
		[60_000, 61_000, false],
	])('of %i ms, begun at 1000 ms, at %i ms → %j', async (longestRunMs, nowMs, mayStart) => {
		const sending = sendingWith({ longestRunMs, elapsedMs: () => nowMs });
		expect(await sending.mayStart()).toBe(mayStart);
		expect(sending.stopped?.code).toBe(mayStart ? undefined : 'TIME_OVER');
	});

	test('leaves what is not begun to the next run, and says so', async () => {
		const sending = sendingWith({ longestRunMs: 1, elapsedMs: () => 5000 });
		await sending.mayStart();
		expectReadable(sending.stopped!);
		expect(sending.stopped).toMatchObject({
			outcome: 'NOT_SENT',
			scope: 'call',
			retry: 'never',
			reason: "The time of 'Longest Run' was over.",
			advice: 'The next run sends it first',
		});
	});
});

describe('A run whose customers are mostly refused or unclear', () => {
	test.each<[string, OutcomeName[], boolean]>([
		['11 of 20', [...times(9, 'OK'), ...times(11, 'REFUSED')], false],
		['11 of 20, unclear', [...times(11, 'UNKNOWN'), ...times(9, 'OK')], false],
		['half of 20', [...times(10, 'OK'), ...times(10, 'REFUSED')], true],
		['all of 19', times(19, 'REFUSED'), true],
		['all of 20', times(20, 'REFUSED'), false],
		['the last 11 of many', [...times(1000, 'OK'), ...times(11, 'UNKNOWN')], false],
		['the last 10 of many', [...times(1000, 'OK'), ...times(10, 'UNKNOWN')], true],
		['those that were never sent', times(1000, 'NOT_SENT'), true],
		['19 refused, others never sent', [...times(19, 'REFUSED'), ...times(50, 'NOT_SENT')], true],
		[
			'10 of each 20, over and over',
			Array.from({ length: 100 }, (_, at) => (at % 2 ? 'OK' : 'REFUSED')),
			true,
		],
	])('%s: may more be begun? %#', async (_, outcomes, mayStart) => {
		const sending = sendingWith();
		answerAll(sending, ...outcomes);
		expect(await sending.mayStart()).toBe(mayStart);
	});

	test('begins nothing more, and says so', async () => {
		const sending = sendingWith();
		answerAll(sending, ...times(8, 'OK'), ...times(12, 'UNKNOWN'));
		expectReadable(sending.stopped!);
		expect(sending.stopped).toMatchObject({
			code: 'MOSTLY_FAILED',
			outcome: 'NOT_SENT',
			scope: 'call',
			reason: 'Of the last 20 customers 12 were refused or unclear.',
			advice: 'See what the first of them say. The next run sends it first',
		});
		answerAll(sending, ...times(20, 'OK'));
		expect(await sending.mayStart()).toBe(false);
		expect(sending.stopped?.reason).toContain('12');
	});

	test('is not one whose customers failed last time already: they hold up nobody', async () => {
		const sending = sendingWith();
		for (let count = 0; count < 100; count++) sending.answered('failed', 'REFUSED');
		expect(await sending.mayStart()).toBe(true);
	});
});

describe('A run that another one has taken over', () => {
	test('begins nothing more, and says so', async () => {
		const sending = sendingWith({ isAlone: async () => false });
		expect(await sending.mayStart()).toBe(false);
		expectReadable(sending.stopped!);
		expect(sending.stopped).toMatchObject({
			code: 'TAKEN_OVER',
			reason: 'Another run of this node has taken over.',
		});
	});

	test('keeps the reason that it had before, and asks no more', async () => {
		let asked = 0;
		const isAlone = async () => (asked++, false);
		const sending = sendingWith({ longestRunMs: 1, elapsedMs: () => 5000, isAlone });
		await sending.mayStart();
		await sending.mayStart();
		expect(asked).toBe(0);
		expect(sending.stopped?.code).toBe('TIME_OVER');
	});
});
