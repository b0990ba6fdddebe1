import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../nodes/TencentCloudIot/host/systemClock';
import { syncOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/sync.operation';
import { placesOf } from '../../nodes/TencentCloudIot/messages/text';
import { PreparedGroupMessage } from '../../nodes/TencentCloudIot/run/groupMessage';
import { NO_RECEIPTS, type ReceiptCounts } from '../../nodes/TencentCloudIot/run/receiptCounts';
import { tallyRun, type RunResult } from '../../nodes/TencentCloudIot/run/report/result';
import type { Run } from '../../nodes/TencentCloudIot/run/run';
import { type LastCell, makeLastCell } from '../../nodes/TencentCloudIot/sync/last';
import { ALL_WELL } from '../../nodes/TencentCloudIot/sync/lastReport';
import type { Stop } from '../../nodes/TencentCloudIot/sync/stop';
import { failureWith, textOf } from '../support/failures.mts';
import { customer, resultWith, withheldOf } from '../support/runResults.mts';

const NOW_MS = Date.UTC(2026, 11, 1, 6, 0, 5);
const HOUR_MS = 3_600_000;
const FORM = 'https://n8n.example/form/1';

afterEach(() => void jest.restoreAllMocks());

type Sync = NonNullable<RunResult['sync']>;

/** The facts that a test sets about a run, the cell `last` before it, and the node's options. */
interface Scene {
	last?: Partial<LastCell>;
	sync?: Partial<Sync>;
	result?: Partial<RunResult>;
	receipts?: Partial<ReceiptCounts>;
	messages?: object | undefined;
	outputItemPer?: 'request' | 'row' | 'run';
	namesCustomers?: boolean;
	workflow?: { id: string; name: string };
}

/** Prepares the message of a scheduled run without news of its own, with the changes of a test. */
function prepare({ last, sync, result, receipts, namesCustomers = true, ...scene }: Scene = {}) {
	jest.spyOn(systemClock, 'nowMs').mockReturnValue(NOW_MS);
	const { workflow = { id: 'w', name: 'CRM' }, outputItemPer = 'run' } = scene;
	const messages = 'messages' in scene ? scene.messages : { language: 'english', approvalForm: FORM };
	const storedLast: LastCell = { ...makeLastCell(1), isGreeted: true, ...last };
	const ended = resultWith({ sync: { ...resultWith().sync!, last: storedLast, ...sync }, ...result });
	const run = {
		execution: { id: '7', timezone: 'UTC', workflow },
		operation: syncOperation,
		options: { messages, outputItemPer },
		places: placesOf(namesCustomers),
	} as unknown as Run;
	const message = new PreparedGroupMessage(run, tallyRun(ended), { ...NO_RECEIPTS, ...receipts });
	const lastAfter = message.changeLastCell(storedLast);
	return { message, lastAfter, lines: message.messageBody.split('\n').filter((line) => line !== '') };
}

/** The plan of an earlier run, as the cell `last` keeps it. */
const planIn = (state: string, changes: object = {}) => ({
	plan: {
		planId: 'p1',
		atMs: 1,
		requests: 2,
		english: ['e'],
		chinese: ['c'],
		by: '王主管',
		state,
		...changes,
	},
});

/** Why a safety check stopped a run, with a plan of this ID. */
function stopWith(planId: string): Stop {
	const counts = { customers: 1, devices: 2, withheld: 0 };
	const changes = { newIds: ['a'], changedIds: [], missingKeys: [], movedDevices: [] };
	const correction = { examples: textOf('Examples'), advice: textOf('Advice') };
	const stop = failureWith({ code: 'TOO_MANY_CHANGES', outcome: 'NOT_SENT', scope: 'run' });
	return {
		...stop,
		planId,
		planFacts: { before: counts, now: counts, changes, requestCount: 5 },
		correction,
	};
}

/** A run that is stopped for the same reason as the run before it, which is not news. */
function stoppedAgain(planId: string): Pick<Scene, 'result' | 'sync'> {
	const lastReport = { ...ALL_WELL, health: 'failing', stop: 'TOO_MANY_CHANGES', minute: 1439 } as const;
	return { result: { blocked: stopWith(planId) }, sync: { lastReport } };
}

describe('A run without news of its own sends no message,', () => {
	test('and changes only the robot in the cell `last`', () => {
		const last = { log: { tableId: 't' }, ofAnotherVersion: 1 };
		const { message, lines, lastAfter } = prepare({ last });
		expect([message.hasNews, message.messageBody, lines]).toEqual([false, '', []]);
		expect(lastAfter).toMatchObject({ ...last, robot: 'text', isGreeted: true, plan: undefined });
		expect(lastAfter['news']).toMatchObject({ entries: [], told: [], omitted: 0 });
	});

	test.each<[why: string, scene: Scene, isSent: boolean]>([
		['except the first run of a schedule', { last: { isGreeted: false } }, true],
		[
			'even if it is the first one in the editor',
			{ last: { isGreeted: false }, sync: { isManual: true } },
			false,
		],
		['even if it has not read the state', { last: { isGreeted: false }, sync: { last: undefined! } }, false],
		[
			'even if it is the first one, which was cancelled',
			{ last: { isGreeted: false }, result: { blocked: failureWith({ code: 'CANCELLED' }) } },
			false,
		],
	])('%s', (_, scene, isSent) => {
		const { message, lines, lastAfter } = prepare(scene);
		expect([message.hasNews, lines.length > 0, lastAfter['isGreeted']]).toEqual([isSent, isSent, isSent]);
	});
});

describe('A message says', () => {
	test('what the run found, by default in both languages and as plain text', () => {
		const { lines, lastAfter } = prepare({ messages: undefined, result: { withheld: [withheldOf('h')] } });
		expect(lines[0]).toMatch(/^CRM：.*[一-龥]/);
		expect(lines.at(-1)).toMatch(/^[ -~]+$/);
		expect(lastAfter).toMatchObject({ robot: 'text', isGreeted: true });
	});

	test('the id of a workflow without a name', () => {
		const workflow = { id: 'w', name: '' };
		expect(prepare({ workflow, last: { isGreeted: false } }).lines[0]).toMatch(/^w: /);
	});

	test('it in the format of the chosen robot', () => {
		const messages = { messageFor: 'wecom', language: 'english' };
		const { message, lastAfter } = prepare({ messages, last: { isGreeted: false } });
		expect(JSON.parse(message.messageBody)).toMatchObject({ msgtype: 'text' });
		expect(lastAfter['robot']).toBe('wecom');
	});
});

const PASSED = { passedPlanId: 'p1' };
const OVER: Scene = { result: { blocked: failureWith({ code: 'CREDENTIAL_MISSING', scope: 'run' }) } };

describe('The next state of a waiting plan, and the sentence about it:', () => {
	test.each<[scene: string, facts: Scene, sentence: string | undefined, stateAfter: string]>([
		[
			'a run sends what a person approved',
			{ last: planIn('approved'), sync: PASSED },
			'This was the plan that 王主管 approved',
			'sent',
		],
		[
			'a run sends a waiting plan, whose ID is in the node',
			{ last: planIn('waiting'), sync: PASSED },
			"This was the plan in the node's option 'Approved Plan'",
			'over',
		],
		[
			'a run sends another plan than the approved one',
			{ last: planIn('approved'), sync: { passedPlanId: 'p2' } },
			"This was the plan in the node's option 'Approved Plan'",
			'over',
		],
		['the rows pass the checks by themselves', { last: planIn('waiting') }, undefined, 'over'],
		[
			'the rows pass the checks by themselves after the approval',
			{ last: planIn('approved') },
			undefined,
			'over',
		],
		['the plan was sent before', { last: planIn('sent') }, undefined, 'sent'],
		[
			'the run is stopped with the same plan',
			{ last: planIn('waiting'), ...stoppedAgain('p1') },
			undefined,
			'waiting',
		],
		[
			'a person has rejected it',
			{ last: planIn('rejected'), ...stoppedAgain('p1') },
			'王主管 has rejected this plan, so the form does not ask again',
			'rejected',
		],
		[
			'a message has said that a person rejected it',
			{ last: planIn('rejected', { isTold: true }), ...stoppedAgain('p1') },
			undefined,
			'rejected',
		],
		[
			'another plan takes its place after the approval',
			{ last: planIn('approved'), ...stoppedAgain('p2') },
			'王主管 approved another plan: rows or sync state have changed since',
			'waiting',
		],
		[
			'another plan takes its place after the rejection',
			{ last: planIn('rejected', { isTold: true }), ...stoppedAgain('p2') },
			'王主管 rejected another plan: rows or sync state have changed since',
			'waiting',
		],
		[
			'another plan takes its place before a decision',
			{ last: planIn('waiting'), ...stoppedAgain('p2') },
			undefined,
			'waiting',
		],
		[
			'a run that has passed the checks sends nothing, e.g. a Dry Run',
			{ last: planIn('approved'), sync: PASSED, ...OVER },
			undefined,
			'approved',
		],
	])('%s', (_, facts, sentence, stateAfter) => {
		const { lines, lastAfter } = prepare(facts);
		expect(lines.filter((line) => /王主管|^This was|: This was/.test(line))).toEqual(
			sentence === undefined ? [] : [expect.stringContaining(sentence)],
		);
		expect(lastAfter['plan']).toMatchObject({ state: stateAfter });
	});

	test('the message says once that a plan was rejected, and the plan keeps who rejected it', () => {
		const { lastAfter } = prepare({ last: planIn('rejected'), ...stoppedAgain('p1') });
		expect(lastAfter['plan']).toMatchObject({ state: 'rejected', isTold: true, by: '王主管' });
	});

	test('a new plan waits with its requests and the lines of its form', () => {
		const { lastAfter } = prepare(stoppedAgain('p2'));
		expect(lastAfter['plan']).toMatchObject({
			planId: 'p2',
			state: 'waiting',
			atMs: NOW_MS,
			requests: 5,
			isNameless: false,
			english: expect.arrayContaining([expect.stringContaining('5 requests')]),
			chinese: expect.arrayContaining([expect.stringContaining('5')]),
		});
	});
});

test.each<[scene: string, facts: Scene, isLinked: boolean]>([
	['waits', { last: planIn('approved'), ...stoppedAgain('p2') }, true],
	['was decided', { last: planIn('rejected'), ...stoppedAgain('p1') }, false],
	['was sent', { last: planIn('approved'), sync: PASSED }, false],
])('The message has the approval form while the plan %s: %j', (_, facts, isLinked) => {
	expect(prepare(facts).lines.some((line) => line.includes(FORM))).toBe(isLinked);
});

test('A message about a waiting plan has no form if the node has none', () => {
	const { lines } = prepare({ last: planIn('approved'), ...stoppedAgain('p2'), messages: undefined });
	expect(lines.join()).toContain('approved another plan');
	expect(lines.join()).not.toContain('http');
});

const MISSING = { missing: 3, why: 'tooLarge' } as const;
const reportedAgo = (hours: number, why = 'tooLarge') => ({
	unwrittenReceipts: { why, reportedMs: NOW_MS - hours * HOUR_MS, unreported: 4 },
});

describe('A message about missing receipts', () => {
	test.each<[scene: string, facts: Scene, sentence: string | undefined, unreported: number]>([
		['is due', { receipts: MISSING }, '3 receipts not written', 0],
		['waits for a day', { receipts: MISSING, last: reportedAgo(1) }, undefined, 7],
		['is due again after a day', { receipts: MISSING, last: reportedAgo(25) }, '7 receipts not written', 0],
		['is due for another reason', { receipts: MISSING, last: reportedAgo(1, 'full') }, '7 receipts not', 0],
		['is not due if none is missing', { last: reportedAgo(25) }, undefined, 4],
		[
			'is a line of a message about something else',
			{ last: { ...reportedAgo(1), isGreeted: false } },
			'4 receipts not written',
			0,
		],
		['says that the log is gone', { receipts: { isLogLost: true } }, 'Earlier receipts are gone', 0],
	])('%s', (_, facts, sentence, unreported) => {
		const { lines, lastAfter } = prepare(facts);
		expect(lines.filter((line) => /receipts/i.test(line))).toEqual(
			sentence === undefined ? [] : [expect.stringContaining(sentence)],
		);
		expect(lastAfter['unwrittenReceipts']).toMatchObject({ unreported });
	});

	test('is in both languages', () => {
		const messages = { language: 'both' };
		const { lines } = prepare({ receipts: { ...MISSING, isLogLost: true }, messages });
		expect(lines.join('\n')).toMatch(/3 条回执未写入.*更早的回执已不在.*3 receipts.*Earlier receipts/s);
	});

	test.each(['ALREADY_RUNNING', 'CANCELLED', 'TAKEN_OVER', 'STATE_NOT_USABLE'])(
		'is not sent by a run that ended with %s',
		(code) => {
			const lastReport = { ...ALL_WELL, health: 'failing', stop: code, minute: 1439 } as const;
			const blocked = failureWith({ code, outcome: 'NOT_SENT', scope: 'run' });
			const { lines } = prepare({ result: { blocked }, sync: { lastReport }, receipts: MISSING });
			expect(lines).toEqual([]);
		},
	);

	test('is sent by a run that was stopped for the same other reason as the run before', () => {
		const { lines } = prepare({ ...stoppedAgain('p1'), last: planIn('waiting'), receipts: MISSING });
		expect(lines.join('\n')).toContain('3 receipts not written');
	});
});

test('The memory of the log is kept for the next run, also by a run that writes no receipts', () => {
	const before = { isBegun: true, repeats: [], missing: 0, inDoubt: 0 };
	const after = { ...before, missing: 2 };
	expect(prepare({ last: { log: before }, receipts: { logMemory: after } }).lastAfter['log']).toEqual(after);
	expect(prepare({ last: { log: before } }).lastAfter['log']).toEqual(before);
});

/** The news of earlier runs that nobody has confirmed, the oldest first. */
const unconfirmed = (...texts: string[]) => ({
	news: {
		entries: texts.map((text, index) => {
			const isNameless = text.includes('nameless');
			return { id: `n${index}`, atMs: NOW_MS - HOUR_MS, english: [text], chinese: [text], isNameless };
		}),
		told: [{ execution: '6', ids: ['n0'] }],
		omitted: 0,
	},
});

describe('News of earlier runs that nobody has confirmed', () => {
	test('is sent again, after the news of this run, with its time', () => {
		const { lines } = prepare({ last: { ...unconfirmed('first', 'second'), isGreeted: false } });
		const NOT_DELIVERED = 'Not delivered before, 2026-12-01 05:00:05 GMT+0:';
		expect(lines[0]).toMatch(/^CRM: Sync is ok: /);
		expect(lines.slice(-4)).toEqual([NOT_DELIVERED, 'first', NOT_DELIVERED, 'second']);
	});

	test('is sent again by a run without news, and counts as the first message', () => {
		const { lines, message, lastAfter } = prepare({
			last: { ...unconfirmed('first'), isGreeted: undefined },
		});
		expect([message.hasNews, lines.at(-1), lastAfter['isGreeted']]).toEqual([true, 'first', true]);
	});

	test("is recorded as part of this execution's message, next to those of other executions", () => {
		const { lastAfter } = prepare({ last: unconfirmed('first', 'second') });
		expect(lastAfter['news']).toMatchObject({
			told: [
				{ execution: '6', ids: ['n0'] },
				{ execution: '7', ids: ['n1', 'n0'] },
			],
		});
	});

	test.each(['request', 'row'] as const)(
		'is in no message of a run with an item for each %s',
		(outputItemPer) => {
			const { lastAfter } = prepare({ outputItemPer, last: { ...unconfirmed('first'), isGreeted: false } });
			expect(lastAfter['news']).toMatchObject({
				entries: [{ id: 'n0' }, { atMs: NOW_MS }],
				told: [{ execution: '6', ids: ['n0'] }],
			});
		},
	);

	test('waits for the next message if a message with it would be too long', () => {
		const long = 'x'.repeat(900);
		const { lines, lastAfter } = prepare({ last: unconfirmed(long, `${long}b`, `${long}c`) });
		expect(lines.map((line) => line.at(-1)).filter((end) => /[xbc]/.test(end!))).toEqual(['c', 'x']);
		expect(lastAfter['news']).toMatchObject({ entries: [{ id: 'n0' }, { id: 'n1' }, { id: 'n2' }] });
	});

	test('is dropped and counted with Name Customers off, if it may name some', () => {
		const last = { ...unconfirmed('user_1', 'nameless'), ...planIn('waiting') };
		const { lines, lastAfter } = prepare({ last, namesCustomers: false, ...OVER });
		expect(lines.join('\n')).not.toContain('user_1');
		expect(lines.join('\n')).toContain('1 earlier message could not be kept');
		expect(lastAfter['plan']).toMatchObject({ state: 'waiting', english: [], chinese: [] });
	});
});

test('With Name Customers off, neither message nor plan names a customer, and both are marked as nameless', () => {
	const calls = [customer({ id: 'user_1' })];
	const { lines, lastAfter } = prepare({
		last: planIn('approved'),
		...stoppedAgain('p2'),
		result: { blocked: stopWith('p2'), calls, withheld: [withheldOf('user_2')] },
		namesCustomers: false,
	});
	expect(JSON.stringify([lines, lastAfter])).not.toMatch(/user_/);
	expect(lastAfter['plan']).toMatchObject({ isNameless: true });
	expect(lastAfter['news']).toMatchObject({ entries: [{ isNameless: true }] });
});

test('If the lock row has changed in the meantime, the message uses the new one and reports the run once', () => {
	const { message } = prepare({ last: { ...planIn('waiting'), isGreeted: false }, ...stoppedAgain('p1') });
	const changed = { ...makeLastCell(1), ...planIn('rejected'), ...unconfirmed('first') };
	const lastAfter = message.changeLastCell(changed);
	expect(message.messageBody).toContain('王主管 has rejected this plan');
	expect(message.messageBody.split('\n')).toContain('first');
	expect(lastAfter['news']).toMatchObject({ entries: [{ id: 'n0' }, { atMs: NOW_MS }] });
	message.changeLastCell(lastAfter);
	expect(message.messageBody.match(/has rejected this plan/g)).toHaveLength(1);
});

test('If the state was not kept, the message says so, and contains the news that the lock row had last', () => {
	const { message } = prepare({ last: unconfirmed('confirmed meanwhile') });
	message.changeLastCell({ ...makeLastCell(1), isGreeted: true, ...unconfirmed('first') });
	const notKept = { kind: 'takenOver', isReportStored: false, tookMs: 40 } as const;
	message.prepareAgain(tallyRun(resultWith({ sync: { ...resultWith().sync!, notKept } })));
	const lines = message.messageBody.split('\n').filter((line) => line !== '');
	expect([message.hasNews, lines[0]]).toEqual([
		true,
		expect.stringMatching(/^CRM: Sync is degraded: .*another run has taken over/),
	]);
	expect(lines.at(-1)).toBe('first');
	expect(message.messageBody).not.toContain('confirmed meanwhile');
});
