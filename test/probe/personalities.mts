import type { SimulatorOptions } from '../../simulator/simulator.mts';
import type { Personality, Why } from './standIn.mts';

/** What a probe is to find out of a personality. */
export interface Expected {
	SignatureScheme: string | undefined;
	ClockWindow: { AcceptedSeconds?: number; RefusedSeconds?: number };
	RepeatedNonce: 'accepted' | 'refused';
	RequestIdEchoed: boolean;
	Unanswered: number;
	Missing: readonly string[];
	NotPermitted: readonly string[];
	/** Whether it was asked for at all whether customers can be bound. */
	asksForBinding: boolean;
}

const USUAL: Expected = {
	SignatureScheme: 'json',
	ClockWindow: { AcceptedSeconds: 240, RefusedSeconds: 360 },
	RepeatedNonce: 'refused',
	RequestIdEchoed: true,
	Unanswered: 0,
	Missing: [],
	NotPermitted: [],
	asksForBinding: true,
};
const ANY_AGE = { AcceptedSeconds: 3600 };

type Case<One> = readonly [name: string, one: One, expected: Expected];

const inOuter = (id: string, result: object) =>
	JSON.stringify({ code: 0, msg: '', data: { Response: { RequestId: id, ...result } } });
const NO_ORDERS = { ServiceGetOrderList: { Code: 'InvalidAction', Message: 'Action 非法' } };
const NO_BINDING = { ServiceBindDevice: { Code: 'InvalidAction', Message: 'Action 非法' } };

function simulated(
	name: string,
	options: SimulatorOptions,
	expected: Partial<Expected> = {},
): Case<SimulatorOptions> {
	return [name, options, { ...USUAL, SignatureScheme: options.nestedRule ?? 'json', ...expected }];
}

/** Twenty services by the simulator. */
export const SIMULATED: ReadonlyArray<Case<SimulatorOptions>> = [
	...(['json', 'goFmt', 'scalarsOnly', 'flattened', 'jsString'] as const).flatMap((nestedRule) => [
		simulated(`${nestedRule}, Response`, { nestedRule }),
		simulated(`${nestedRule}, outer envelope`, { nestedRule, envelope: 'outer' }),
	]),
	simulated('no envelope', { envelope: 'bare' }),
	simulated('no window for timestamps', { habits: { windowSeconds: null } }, { ClockWindow: ANY_AGE }),
	simulated('a short window', { habits: { windowSeconds: 60 } }, { ClockWindow: { RefusedSeconds: 240 } }),
	simulated(
		'replays accepted',
		{ nestedRule: 'goFmt', habits: { acceptsRepeatedNonce: true } },
		{ RepeatedNonce: 'accepted' },
	),
	simulated('no orders', { habits: { refuseActions: NO_ORDERS } }, { Missing: ['ServiceGetOrderList'] }),
	simulated(
		'no binding',
		{ envelope: 'outer', habits: { refuseActions: NO_BINDING } },
		{ Missing: ['ServiceBindDevice'] },
	),
	simulated(
		'no customers',
		{ habits: { refuseActions: { ServiceGetCustomerList: NO_BINDING.ServiceBindDevice } } },
		{ Missing: ['ServiceGetCustomerList'] },
	),
	simulated('lists refused', { habits: { refusesLists: true } }, { SignatureScheme: 'none' }),
	simulated('two envelopes within each other', { habits: { writeSuccess: inOuter } }),
	simulated(
		'no time, no window',
		{ envelope: 'bare', habits: { hidesDate: true, windowSeconds: null } },
		{ ClockWindow: ANY_AGE },
	),
];

const WORDS: Record<Why, string> = {
	key: 'AppKey is wrong',
	signature: 'Signature verification failed',
	time: 'Timestamp expired',
	replay: 'Nonce repeated',
	action: 'unknown Action',
	missing: 'missing required parameter',
	forbidden: 'application Zebulon Quackenbush has no permission',
	limit: 'too many requests',
};
const CODES: Record<Why, string> = {
	key: 'InvalidParameterValue.AppKey',
	signature: 'AuthFailure.SignatureFailure',
	time: 'InvalidTimestamp',
	replay: 'InvalidParameterValue',
	action: 'InvalidAction.NotFound',
	missing: 'MissingParameter',
	forbidden: 'UnauthorizedOperation',
	limit: 'RequestLimitExceeded',
};
const bare = (id: string, members: object) => ({ ...members, RequestId: id });
const response = (id: string, members: object) => ({ Response: { ...members, RequestId: id } });
const outer = (id: string, members: object) => ({ code: 0, msg: 'ok', data: { ...members, RequestId: id } });
const traced = (id: string, members: object) => ({
	code: 0,
	msg: 'success',
	data: { ...members, RequestId: id },
	traceId: 'tok_9f8e7d6c5b4a',
});
const silent = (_: string, members: object) => ({ Response: members });

const coded: Personality['failure'] = (id, why, about) => ({
	Response: {
		RequestId: id,
		Error: { Code: CODES[why], Message: `${WORDS[why]}: ${about} (欧阳娜娜, 13800138000)` },
	},
});
const numbered: Personality['failure'] = (id, why, about) => ({
	code: -1000,
	msg: `${WORDS[why]} ${about}`,
	data: { RequestId: id, Error: { Code: CODES[why], Message: WORDS[why] } },
});
const onlyNumbered: Personality['failure'] = (_, why, about) => ({
	code: -1000 - WORDS[why].length,
	msg: `${WORDS[why]} zeb@quack.example ${about}`,
	data: null,
});
const wrapped: Personality['failure'] = (id, why) => ({
	Error: { Code: 'InternalError', Message: `${CODES[why]}|${WORDS[why]}，客户欧阳娜娜` },
	RequestId: id,
});
const nameless: Personality['failure'] = (_, why) => ({
	Response: { Error: { Code: CODES[why], Message: WORDS[why] } },
});

function standIn(
	name: string,
	one: Partial<Personality>,
	expected: Partial<Expected> = {},
): Case<Personality> {
	const personality: Personality = {
		lists: 'json',
		success: response,
		failure: coded,
		window: 300,
		refusesReplays: true,
		...one,
	};
	return [name, personality, { ...USUAL, ...expected }];
}

/** Twenty services by the stand-in, which has code and habits of its own. */
export const STAND_INS: ReadonlyArray<Case<Personality>> = [
	standIn('coded errors', {}),
	standIn('Go', { lists: 'go' }, { SignatureScheme: 'goFmt' }),
	standIn('lists not signed', { lists: 'none', success: bare }, { SignatureScheme: 'scalarsOnly' }),
	standIn(
		'flattened lists',
		{ lists: 'flat', success: outer, failure: numbered },
		{ SignatureScheme: 'flattened' },
	),
	standIn('lists as JavaScript writes them', { lists: 'js' }, { SignatureScheme: 'jsString' }),
	standIn('numbered errors with details', { success: outer, failure: numbered }),
	standIn(
		'numbers alone',
		{ success: outer, failure: onlyNumbered, lists: 'go' },
		{ SignatureScheme: 'goFmt', RequestIdEchoed: false },
	),
	standIn('wrapped errors', { success: bare, failure: wrapped }),
	standIn('errors with status 400', { failureStatus: 400 }),
	standIn('errors with status 403', { failureStatus: 403, success: outer, failure: numbered }),
	standIn('errors that name no request', { failure: nameless }, { RequestIdEchoed: false }),
	standIn('successes that name no request', { success: silent }, { RequestIdEchoed: false }),
	standIn('a member besides', { success: traced, failure: numbered }),
	standIn('nobody', { hasNobody: true, lists: 'flat' }, { SignatureScheme: 'flattened' }),
	standIn(
		'any age, any nonce',
		{ window: undefined as never, refusesReplays: false },
		{ ClockWindow: ANY_AGE, RepeatedNonce: 'accepted' },
	),
	standIn('an hour ahead', { skew: 3600 }),
	standIn('an hour behind, Go', { skew: -3600, lists: 'go' }, { SignatureScheme: 'goFmt' }),
	standIn('carries out anything', { isLenient: true }, { asksForBinding: false }),
	standIn(
		'neither binding nor devices',
		{ missing: ['ServiceBindDevice', 'ServiceDescribeDevice'] },
		{ Missing: ['ServiceBindDevice', 'ServiceDescribeDevice'] },
	),
	standIn(
		'orders and binding forbidden',
		{ forbidden: ['ServiceGetOrderList', 'ServiceBindDevice'] },
		{ NotPermitted: ['ServiceBindDevice', 'ServiceGetOrderList'] },
	),
];
