import { describe, expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import type { ArrivedRequest, Fault } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { errorOf, push, row } from './pushRun.mts';

const rows = Array.from({ length: 4 }, (_, index) => row(`c${index}`, index));
const onError = 'continueErrorOutput' as const;

/** Carries out the request of c1 and answers it with this; everybody else is served as usual. */
const forC1 =
	(answer: (RequestId: string) => Fault) =>
	({ CustomerId, RequestId = '' }: ArrivedRequest): Fault | undefined =>
		CustomerId === 'c1' ? { ...answer(RequestId), applyFirst: true } : undefined;

const status = (code: number, body = ''): Fault => ({ kind: 'status', status: code, body });
const error = (Code: string, Message = 'x'): Fault => ({ kind: 'error', Code, Message });
const body = (document: object): Fault => ({ kind: 'body', body: JSON.stringify(document) });

async function pushMeeting(answer: (RequestId: string) => Fault, mode: OnError = onError) {
	const simulator = await runSimulator({ faults: forC1(answer) });
	const result = await push(rows, simulator, { onError: mode, options: { maxAttempts: 1 } });
	return { simulator, result };
}

async function expectUnclear(answer: (RequestId: string) => Fault, code: string): Promise<void> {
	const { simulator, result } = await pushMeeting(answer);
	expect(result.success.map(({ json }) => json.CustomerId)).toEqual(['c0', 'c2', 'c3']);
	expect(errorOf(result.error[0]!)).toMatchObject({
		CustomerId: 'c1',
		outcome: 'UNKNOWN',
		code,
		message: expect.stringMatching(/Tencent may or may not have applied it\.$/),
	});
	expectNothingLost(result, rows, simulator);
}

describe('A customer is told to be unclear, who may have been stored, after', () => {
	test.each([
		'FailedOperation.Timeout',
		'FailedOperation.RRPCTimeout',
		'FailedOperation',
		'InternalError',
		'InternalServerError',
		'ServiceUnavailable',
		'RequestTimeout',
		'SystemError',
		'UnknownError',
		'ResponseSizeLimitExceeded',
	])('the code %s.', async (Code) => await expectUnclear(() => error(Code), Code));

	test.each([500, 504, -1, -1000])(
		'the outer code %i without one of the service.',
		async (code) => await expectUnclear(() => body({ code, msg: 'busy', data: null }), String(code)),
	);

	test('InternalError with a code that is none of a refusal.', async () => {
		await expectUnclear(
			() => error('InternalError', 'FailedOperation.Timeout|slow'),
			'FailedOperation.Timeout',
		);
	});

	test.each([499, 408, 500, 503])(
		'HTTP status %i.',
		async (code) => await expectUnclear(() => status(code), `HTTP_${code}`),
	);
});

test('HTTP status 303, which follows on a request that was carried out, is unclear and ends the run.', async () => {
	const { simulator, result } = await pushMeeting(() => status(303));
	expect(errorOf(result.error[0]!)).toMatchObject({ outcome: 'UNKNOWN', code: 'REDIRECT', CustomerId: 'c1' });
	expectNothingLost(result, rows, simulator);
});

test.each(['InvalidParameterValue.UserLoginFailed', 'MissingParameter', 'LimitExceeded.DeviceExceedLimit'])(
	'InternalError that hides %s is that refusal, and is not tried again.',
	async (Code) => {
		const simulator = await runSimulator({ faults: [{ on: 'c1', ...error('InternalError', `${Code}|no`) }] });
		const result = await push(rows, simulator, { onError });
		expect(errorOf(result.error[0]!)).toMatchObject({
			code: Code,
			outcome: 'REFUSED',
			attempts: 1,
			message: `Tencent responded with ${Code}: no. Tencent refused it; nothing was changed.`,
		});
		expectNothingLost(result, rows, simulator);
	},
);

const ERROR = { Code: 'InvalidParameterValue', Message: 'no' };

describe('A success that cannot be believed', () => {
	test.each<[what: string, answer: (RequestId: string) => Fault]>([
		['names another request', () => body({ Response: { Status: 'OK', RequestId: 'another' } })],
		[
			'names another request outside',
			(RequestId) => body({ code: 0, data: { Status: 'OK', RequestId }, RequestId: 'x' }),
		],
		['names no request', () => body({ Response: { Status: 'OK' } })],
		[
			'has HTTP status 400',
			(RequestId) => status(400, JSON.stringify({ Response: { Status: 'OK', RequestId } })),
		],
		['has HTTP status 404', (RequestId) => status(404, JSON.stringify({ Status: 'OK', RequestId }))],
		[
			'has HTTP status 302',
			(RequestId) => status(302, JSON.stringify({ Response: { Status: 'OK', RequestId } })),
		],
		[
			'has its Status twice',
			(RequestId) => ({
				kind: 'body',
				body: `{"Response":{"Status":"FAIL","Status":"OK","RequestId":"${RequestId}"}}`,
			}),
		],
		[
			'has its Response twice',
			(RequestId) => ({
				kind: 'body',
				body: `{"Response":{"Error":{"Code":"E"}},"Response":{"Status":"OK","RequestId":"${RequestId}"}}`,
			}),
		],
		['has an Error', (RequestId) => body({ Response: { Status: 'OK', RequestId, Error: ERROR } })],
		['has an error', (RequestId) => body({ Response: { Status: 'OK', RequestId, error: 'no' } })],
		['has a Code', (RequestId) => body({ Response: { Status: 'OK', RequestId, Code: 'InternalError' } })],
		['has an Error beside it', (RequestId) => body({ Response: { Status: 'OK', RequestId }, Error: ERROR })],
		[
			'has a failing msg',
			(RequestId) => body({ code: 0, msg: '系统错误', data: { Status: 'OK', RequestId } }),
		],
	])('leaves its customer unclear when it %s.', async (_what, answer) => {
		await expectUnclear(answer, 'UNCLEAR_RESPONSE');
	});

	test.each<OnError>(['stopWorkflow', 'continueRegularOutput'])(
		'is believed by no On Error: %s.',
		async (mode) => {
			const { simulator, result } = await pushMeeting(
				() => body({ Response: { Status: 'OK', RequestId: 'another' } }),
				mode,
			);
			const told = JSON.stringify([result.success, result.failure?.message]);
			expect(told).toContain(
				'Tencent responded, but it was the response to another request. Tencent may or may not',
			);
			expectNothingLost(result, rows, simulator);
		},
	);

	test('is asked for again like any unclear answer, and the answer that comes then is believed.', async () => {
		const other = { ...body({ Response: { Status: 'OK', RequestId: 'another' } }), on: 'c1', times: 1 };
		const simulator = await runSimulator({ faults: [other] });
		const result = await push(rows, simulator, { onError });
		expect(result.success.map(({ json }) => json.Attempts)).toEqual([1, 2, 1, 1]);
		expectNothingLost(result, rows, simulator);
	});
});

test("A refusal of another request proves nothing of this one, and is not told as this one's.", async () => {
	await expectUnclear(
		() =>
			body({ Response: { Error: { Code: 'InvalidParameterValue', Message: 'x' }, RequestId: 'another' } }),
		'UNCLEAR_RESPONSE',
	);
});
