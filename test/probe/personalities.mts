import type { Personality, Why } from './standIn.mts';

/** The expected findings about a personality. */
export interface Expected {
	SignatureScheme: string | undefined;
	RequestIdEchoed: boolean;
	OldTimestampRefused: boolean | undefined;
	RepeatedNonceRefused: boolean | undefined;
	Unanswered: number;
	Missing: readonly string[];
	NotPermitted: readonly string[];
	/** Whether the probe tested binding at all. */
	asksForBinding: boolean;
}

const USUAL: Expected = {
	SignatureScheme: 'json',
	RequestIdEchoed: true,
	OldTimestampRefused: true,
	RepeatedNonceRefused: true,
	Unanswered: 0,
	Missing: [],
	NotPermitted: [],
	asksForBinding: true,
};

type Case = readonly [name: string, one: Personality, expected: Expected];

const WORDS: Record<Why, string> = {
	key: 'AppKey is wrong',
	signature: 'Signature verification failed',
	time: 'Timestamp expired',
	replay: 'Nonce repeated',
	action: 'unknown Action',
	missing: 'missing required parameter',
	forbidden: 'application Zebulon Quackenbush has no permission',
};
const CODES: Record<Why, string> = {
	key: 'InvalidParameterValue.AppKey',
	signature: 'AuthFailure.SignatureFailure',
	time: 'InvalidTimestamp',
	replay: 'InvalidParameterValue',
	action: 'InvalidAction.NotFound',
	missing: 'MissingParameter',
	forbidden: 'UnauthorizedOperation',
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

function standIn(name: string, personality: Partial<Personality>, expected: Partial<Expected> = {}): Case {
	const whole: Personality = {
		lists: 'json',
		success: response,
		failure: coded,
		...personality,
	};
	return [name, whole, { ...USUAL, ...expected }];
}

/** Services of the stand-in, which has its own code and habits. */
export const STAND_INS: ReadonlyArray<Case> = [
	standIn('coded errors', {}),
	standIn('no time', { hidesTime: true }),
	standIn('lists refused', { lists: 'refused' }, { SignatureScheme: 'none' }),
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
	standIn('an hour ahead', { skew: 3600 }),
	standIn('an hour behind, Go', { skew: -3600, lists: 'go' }, { SignatureScheme: 'goFmt' }),
	standIn('takes old timestamps', { takesOldTimes: true }, { OldTimestampRefused: false }),
	standIn('takes repeated nonces', { takesRepeated: true }, { RepeatedNonceRefused: false }),
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
