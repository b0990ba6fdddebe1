import { describe, expect, test } from '@jest/globals';
import type { Call } from '../../../nodes/TencentCloudIot/operation';
import { refusedKeyOf as openRefusedKey } from '../../../nodes/TencentCloudIot/run/refusedKey';
import type { Connection } from '../../../nodes/TencentCloudIot/service/connection';
import type { Failure, Outcome } from '../../../nodes/TencentCloudIot/service/outcome';
import { answered } from '../../support/fates.mts';
import { attempt, newExecutionData, type AttemptSettings, type ExecutionData } from '../attempt.mts';

const CONNECTION: Connection = {
	endpoint: 'https://service.example/',
	appKey: 'key',
	appSecret: 'secret',
	signatureSchemes: ['json'],
	allowedActions: 'everything',
};

const REFUSED: Failure = {
	outcome: 'REFUSED',
	code: 'AuthFailure.SignatureFailure',
	reason: 'The signature was refused.',
	advice: 'Correct the App Secret',
	retry: 'never',
	scope: 'run',
	authFailure: 'signature',
};

const callOf = (...itemIndexes: number[]): Call => ({ parameters: {}, itemIndexes });

const refusedKeyOf = (
	data: ExecutionData,
	{ connection = CONNECTION, ...settings }: AttemptSettings & { connection?: Connection } = {},
) => openRefusedKey(attempt(data, settings), connection);

/** The data of an execution in which the call of these items ended like this. */
function dataAfter(outcome: Outcome, call = callOf(2, 5), settings: AttemptSettings = {}): ExecutionData {
	const data = newExecutionData();
	refusedKeyOf(data, settings).record(call, answered(outcome));
	return data;
}

describe('A refused key', () => {
	test.each(['signature', 'appKey'] as const)('ends the next attempt, too: %s', (refused) => {
		const failure = { ...REFUSED, refused };
		expect(refusedKeyOf(dataAfter(failure)).failure).toEqual(failure);
	});

	test('is the outcome of the call that met it, and of no other', () => {
		const refusedKey = refusedKeyOf(dataAfter(REFUSED, callOf(2, 5)));
		expect(refusedKey.fateOf(callOf(2))).toEqual({ kind: 'earlierAttempt', outcome: REFUSED });
		expect(refusedKey.fateOf(callOf(5))).toBeUndefined();
	});

	test('is that of the first attempt: what a later one reports for its other calls changes nothing', () => {
		const data = dataAfter(REFUSED, callOf(2));
		refusedKeyOf(data).record(callOf(9), answered({ ...REFUSED, code: 'AuthFailure.SecretIdNotFound' }));
		const third = refusedKeyOf(data);
		expect(third.failure).toEqual(REFUSED);
		expect(third.fateOf(callOf(2))).toEqual({ kind: 'earlierAttempt', outcome: REFUSED });
		expect(third.fateOf(callOf(9))).toBeUndefined();
	});

	test('keeps neither key nor secret in the execution', () => {
		expect(JSON.stringify(dataAfter(REFUSED))).not.toMatch(/"(key|secret)"|service\.example/);
	});

	test.each([
		['a success', { outcome: 'OK', data: {}, requestId: 'r' } as const],
		['what one call alone met', { ...REFUSED, scope: 'call' } as const],
		['a refused timestamp', { ...REFUSED, authFailure: 'timestamp' } as const],
		['another reason that ends the run', { ...REFUSED, authFailure: undefined } as unknown as Failure],
	])('is not %s', (_, outcome) => {
		expect(refusedKeyOf(dataAfter(outcome)).failure).toBeUndefined();
	});

	test.each<[string, Parameters<typeof refusedKeyOf>[1]]>([
		['another round of a loop', { runIndex: 1 }],
		['another execution', { executionId: '8' }],
		['another App Key', { connection: { ...CONNECTION, appKey: 'other' } }],
		['another endpoint', { connection: { ...CONNECTION, endpoint: 'https://other.example/' } }],
		[
			'the same letters, divided otherwise',
			{ connection: { ...CONNECTION, endpoint: `${CONNECTION.endpoint}k`, appKey: 'ey' } },
		],
	])('is not known to %s', (_, other) => {
		const refusedKey = refusedKeyOf(dataAfter(REFUSED), other);
		expect(refusedKey.failure).toBeUndefined();
		expect(refusedKey.fateOf(callOf(2))).toBeUndefined();
	});

	test('is not kept where an agent calls the node as its tool', () => {
		const tool = { executedNode: 'AI Agent' };
		const data = dataAfter(REFUSED, callOf(0), tool);
		expect(refusedKeyOf(data, tool).failure).toBeUndefined();
		expect(data).toEqual(newExecutionData());
	});
});
