import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../nodes/TencentCloudIot/host/systemClock';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import type { Call } from '../../nodes/TencentCloudIot/resources/operation/operation';
import type { CallResult } from '../../nodes/TencentCloudIot/run/report/result';
import type { Plan, Run, Selection } from '../../nodes/TencentCloudIot/run/run';
import { sendRun } from '../../nodes/TencentCloudIot/run/sendRun';
import { failureOf, type Fate } from '../../nodes/TencentCloudIot/service/fate';
import { NotSendable } from '../../nodes/TencentCloudIot/service/outcome';
import type { SimulatorOptions } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { failureWith, textOf, wordsOf } from '../support/failures.mts';
import { OK } from '../support/fates.mts';
import { customer } from '../support/runResults.mts';
import { sendingTo } from '../support/sending.mts';

/** The facts that a test sets about a run that sends the customers a, b and c one after the other. */
interface Scene {
	service?: SimulatorOptions;
	run?: Partial<Run>;
	options?: object;
	operation?: object;
	plan?: Partial<Plan>;
	selection?: Partial<Selection>;
}

async function send({ service, run: runChanges, options, operation, plan, selection }: Scene = {}) {
	const simulator = await runSimulator(service);
	const run = {
		execution: { timezone: 'UTC', node: { name: 'Push' }, signal: undefined },
		ports: {
			credential: { connection: async () => await Promise.resolve(sendingTo(simulator)) },
			host: sendingTo(simulator).host,
			log: { info: () => {} },
		},
		operation: { ...pushOperation, ...operation },
		options: { concurrency: 1, requestsPerSecond: 0, maxAttempts: 1, timeout: 60, longestRun: 0, ...options },
		stopAtFailure: false,
		sendingProgress: { isSending: false },
		startMs: systemClock.elapsedMs(),
		items: [{}, {}],
		...runChanges,
	} as unknown as Run;
	const calls = ['a', 'b', 'c'].map((id, index): Call => {
		const { call } = customer({ id, devices: 1, itemIndexes: [index] });
		return call;
	});
	const wholePlan = { calls, withheld: [], earlierFates: [], ...plan } as unknown as Plan;
	const wholeSelection: Selection = { sendOrder: [0, 1, 2], blocked: undefined, ...selection };
	const settled: Array<[index: number, result: CallResult]> = [];
	const result = await sendRun(run, wholePlan, wholeSelection, (...ended) => void settled.push(ended));
	const sent = simulator.requests.map(({ CustomerId }) => CustomerId);
	const kinds = result.calls.map(({ fate }) => {
		return 'outcome' in fate ? `${fate.kind} ${fate.outcome.outcome}` : fate.kind;
	});
	return { run, result, settled, sent, kinds };
}

const REFUSED = { Code: 'InvalidParameterValue', Message: 'no' };
const STOPPED = failureWith({ code: 'TOO_MANY_CHANGES', outcome: 'NOT_SENT', scope: 'run' });

describe('A run sends', () => {
	test('the selected calls in order, and leaves all others unchanged', async () => {
		const fates: Array<[number, Fate]> = [];
		const selection: Partial<Selection> = {
			sendOrder: [2, 0],
			verdicts: ['new', 'unchanged', 'changed'],
			addFate: (...fate) => void fates.push(fate),
		};
		const { run, result, settled, sent, kinds } = await send({ selection });
		expect([sent, kinds]).toEqual([
			['c', 'a'],
			['answered OK', 'unchanged', 'answered OK'],
		]);
		expect(settled.map(([index, { call, fate }]) => [index, call.customer?.id, fate.kind])).toEqual([
			[2, 'c', 'answered'],
			[0, 'a', 'answered'],
		]);
		expect(fates.map(([index]) => index)).toEqual([2, 0]);
		expect(result.calls.map(({ verdict }) => verdict)).toEqual(selection.verdicts);
		expect(result.calls.map(({ settledAtMs }) => typeof settledAtMs)).toEqual([
			'number',
			'undefined',
			'number',
		]);
		expect(result).toMatchObject({ blocked: undefined, isRetry: false, rowCount: 2, timezone: 'UTC' });
		expect(run.sendingProgress.isSending).toBe(true);
	});

	test('no call that an earlier attempt has settled', async () => {
		const earlierFates = [{ kind: 'earlierAttempt', outcome: OK } as const, undefined, undefined];
		const { sent, kinds, settled } = await send({ plan: { earlierFates } });
		expect([sent, kinds[0]]).toEqual([['b', 'c'], 'earlierAttempt OK']);
		expect(settled.map(([index]) => index)).toEqual([1, 2]);
	});

	test('and reports the outcomes as the ledger changed them', async () => {
		const ledger = {
			isFirstAttempt: false,
			recordFate: (call: Call, fate: Fate) =>
				call.customer?.id === 'b' ? { ...fate, outcome: failureWith() } : fate,
		} as unknown as Plan['ledger'];
		const { kinds, result, settled } = await send({ plan: { ledger } });
		expect(kinds).toEqual(['answered OK', 'answered UNKNOWN', 'answered OK']);
		expect(failureOf(settled[1]![1].fate)).toBeDefined();
		expect(result.isRetry).toBe(true);
	});
});

describe('A run sends nothing', () => {
	test.each<[why: string, scene: Scene]>([
		['if its selection is blocked', { selection: { blocked: STOPPED } }],
		['if its plan is blocked', { plan: { blocked: STOPPED } }],
		[
			'without a credential',
			{
				run: {
					ports: {
						credential: { connection: async () => await Promise.reject(new NotSendable(STOPPED)) },
					} as unknown as Run['ports'],
				},
			},
		],
	])('%s, and each call says why', async (_, { selection, ...scene }) => {
		const { run, result, sent, settled } = await send({
			...scene,
			selection: { ...selection, sendOrder: [1] },
		});
		expect([sent, result.blocked, run.sendingProgress.isSending]).toEqual([[], STOPPED, false]);
		expect(result.calls.map(({ fate }) => fate)).toEqual(
			new Array(3).fill({ kind: 'notTried', why: STOPPED }),
		);
		expect(settled.map(([index]) => index)).toEqual([1]);
	});

	test('after an unexpected error, which it throws instead of reporting it for each call', async () => {
		const ports = { credential: { connection: async () => await Promise.reject(new Error('?')) } };
		await expect(send({ run: { ports: ports as unknown as Run['ports'] } })).rejects.toThrow('?');
	});
});

describe('A run ends', () => {
	const refusing = { service: { refuseCustomers: { a: REFUSED } } };

	test('with the first failure only if a failure stops the workflow', async () => {
		const stopped = await send({ ...refusing, run: { stopAtFailure: true } });
		expect([stopped.sent, stopped.kinds]).toEqual([['a'], ['answered REFUSED', 'notTried', 'notTried']]);
		expect((await send(refusing)).sent).toEqual(['a', 'b', 'c']);
	});

	test.each([
		[true, []],
		[false, ['b', 'c']],
	])(
		'at once if an earlier attempt failed for good and a failure stops the workflow: %s',
		async (stopAtFailure, sent) => {
			const outcome = failureWith({ outcome: 'REFUSED' });
			const earlierFates = [{ kind: 'earlierAttempt', outcome } as const, undefined, undefined];
			expect((await send({ plan: { earlierFates }, run: { stopAtFailure } })).sent).toEqual(sent);
		},
	);

	test.each([
		[1, true],
		[2, false],
		[0, false],
	])(
		'after its time limit for a call of several requests, too: a limit of %i minutes, after 90 seconds: %s',
		async (longestRun, isOver) => {
			const answers: boolean[] = [];
			const conduct: Call['conduct'] = async (requests) => {
				answers.push(requests.isTimeOver());
				return await Promise.resolve({ kind: 'notTried', why: STOPPED });
			};
			const calls = [{ ...customer().call, conduct }];
			const startMs = systemClock.elapsedMs() - 90_000;
			const { sent, kinds } = await send({ options: { longestRun }, run: { startMs }, plan: { calls } });
			expect([answers, sent, kinds]).toEqual([[isOver], [], ['notTried']]);
		},
	);

	test('as soon as its selection blocks the next call', async () => {
		const whyBlocked = async (index?: number) => await Promise.resolve(index === 0 ? undefined : STOPPED);
		const { sent, kinds } = await send({ selection: { whyBlocked } });
		expect([sent, kinds]).toEqual([['a'], ['answered OK', 'postponed', 'postponed']]);
	});

	test('if the selection no longer lets a request leave, with the reason of the selection', async () => {
		let isTakenOver = false;
		const selection: Partial<Selection> = {
			mayLeave: () => {
				isTakenOver = true;
				return false;
			},
			whyBlocked: async () => await Promise.resolve(isTakenOver ? STOPPED : undefined),
		};
		const { sent, kinds } = await send({ selection });
		expect([sent, kinds]).toEqual([[], ['postponed', 'postponed', 'postponed']]);
	});
});

describe('A failure gives the advice of its operation', () => {
	const operation = {
		refusedAdvice: textOf('Correct it'),
		unclearAdvice: textOf('Look it up'),
	};
	const refused = { refuseCustomers: { a: REFUSED } };
	const unclear: SimulatorOptions = { faults: [{ on: 'a', kind: 'applyThenReset' }] };

	test.each<[scene: string, service: SimulatorOptions, operation: object, advice: RegExp]>([
		['for a value that the service refuses', refused, operation, /^Correct it$/],
		['for a request without a clear response', unclear, { ...operation, effect: 'once' }, /^Look it up$/],
		['but its own if the operation has none', unclear, { unclearAdvice: undefined, effect: 'once' }, /./],
		[
			'but its own for a refusal that is not about a value',
			{ refuseCustomers: { a: { Code: 'AuthFailure', Message: 'no' } } },
			operation,
			/^(?!Correct it)./,
		],
	])('%s', async (_, service, operationChanges, advice) => {
		const { result } = await send({ service, operation: operationChanges, selection: { sendOrder: [0] } });
		const failure = failureOf(result.calls[0]!.fate)!;
		expect(wordsOf(failure).advice).toMatch(advice);
		expect('onlyReads' in failure).toBe(false);
	});

	test('and that of a read is marked as unable to have stored anything', async () => {
		const { result } = await send({ service: refused, operation: { effect: 'read' } });
		expect(failureOf(result.calls[0]!.fate)).toMatchObject({ onlyReads: true });
		expect(result.calls[1]!.fate).not.toHaveProperty('outcome.onlyReads');
	});
});
