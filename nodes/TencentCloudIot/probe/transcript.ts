import type { HttpResponse } from '../service/response/httpResponse';
import { isObject } from '../service/response/parseResponse';
import type { Parameters } from '../service/signing/signature';
import { cleanServerText } from '../service/response/serverText';
import { clockOffsetMs, type Observation } from './observation';

/** The form of transcripts, for whoever reads one. */
const FORMAT = 'n8n-nodes-tencent-iot transcript 1';

/** What takes the place of the RequestId that was sent. */
const REQUEST_ID = '{RequestId}';

/** The members of envelopes and of the responses to what the probe asks for (product 1465). */
const DOCUMENTED_NAMES = new Set(
	(
		'Response Error Code Message RequestId Status Total code msg data message Data Result Customers CustomerId CountryCode ' +
		'PhoneNumber Orders OrderNo ItemId ItemVNO ItemNum Devices DeviceName ProductId LoginTime FirstOnlineTime CreateTime ' +
		'Version LogLevel DevAddr DevicePsk DeviceCert DevEUI AppKey AppSKey NwkSKey Model ModelDefine'
	).split(' '),
);

/** Numbers of these members of an envelope are kept, up to six digits; others may be phone numbers. */
const KEPT_NUMBERS = /^(code|total)$/i;

/** What surrounds the members of a result. */
const ENVELOPE = /^(Response|data)$/;

/** The most elements of a list that are kept, and the most members of an object. */
const MOST_ELEMENTS = 2;
const MOST_MEMBERS = 50;

/** A larger body is left out: what the probe asks for has one record. Bytes. */
const LARGEST_BODY = 20_000;

interface TranscriptExchange {
	/** The Action and its own parameters. */
	request: Parameters;
	/** How nested values were signed. */
	scheme: string;
	/** How old the timestamp was by the service's clock, seconds. */
	ageSeconds: number;
	/** Whether timestamp and nonce were those of an earlier request. */
	isRepeated: boolean;
	response?: {
		status: number;
		contentType: string;
		/** How far the service's clock is ahead, seconds. */
		clockOffsetSeconds?: number;
		/** The JSON with its values masked; a text of any other kind, or a long one, is left out. */
		body?: unknown;
	};
	/** Why there was no response, e.g. `CONNECTION_RESET`. */
	error?: string;
}

/**
 * What was sent and received, without secrets, names, ids and phone numbers, as JSON text: to be shown to anybody.
 * @param appKey may be made of words of the protocol, which are kept
 */
export function transcriptOf(observations: readonly Observation[], appKey: string): string {
	const exchanges = observations.map((one) => exchangeOf(one, appKey));
	return JSON.stringify({ format: FORMAT, exchanges });
}

function exchangeOf(observation: Observation, appKey: string): TranscriptExchange {
	const { question, exchange, fresh } = observation;
	const { parameters, scheme, ageSeconds = 0, repeats } = question;
	// The one value that is the user's.
	const { ProductId, ...request } = parameters;
	const asked = {
		request: { ...request, ...(ProductId !== undefined && { ProductId: '…' }) },
		...{ scheme, ageSeconds, isRepeated: repeats !== undefined },
	};
	if ('error' in exchange) return { ...asked, error: exchange.error.kind };
	const { status, contentType } = exchange.response;
	const offsetMs = clockOffsetMs(observation);
	const json = jsonIn(exchange.response);
	return {
		...asked,
		response: {
			status,
			contentType: /html|json|plain/.exec(contentType)?.[0] ?? '',
			...(offsetMs !== undefined && { clockOffsetSeconds: Math.round(offsetMs / 1000) }),
			...(json !== undefined && {
				body: masked(json, { requestId: fresh.RequestId, appKey, levels: 8, name: '', isTop: true }),
			}),
		},
	};
}

function jsonIn({ body }: HttpResponse): unknown {
	if (body.length > LARGEST_BODY) return undefined;
	try {
		return JSON.parse(new TextDecoder().decode(body));
	} catch {
		return undefined;
	}
}

interface Masking {
	requestId: string;
	appKey: string;
	/** Of the member whose value it is. */
	name: string;
	/** Whether that is one of an envelope. */
	isTop: boolean;
	levels: number;
}

/** A value of a response with its form alone: texts keep the words of the protocol, numbers those that count. */
function masked(value: unknown, masking: Masking): unknown {
	const { requestId, appKey, name, isTop, levels } = masking;
	if (value === null || typeof value === 'boolean') return value;
	if (value === requestId) return REQUEST_ID;
	if (typeof value === 'string') return maskedText(value, appKey);
	if (typeof value === 'number') return isTop && KEPT_NUMBERS.test(name) && Math.abs(value) < 1e6 ? value : 0;
	if (levels === 0) return '…';
	const inner = (one: unknown, its: Partial<Masking>) =>
		masked(one, { ...masking, isTop: false, levels: levels - 1, ...its });
	if (Array.isArray(value)) return value.slice(0, MOST_ELEMENTS).map((one) => inner(one, { name: '' }));
	if (!isObject(value)) return '…';
	const isOfEnvelope = isTop && (name === '' || ENVELOPE.test(name));
	return Object.fromEntries(
		Object.entries(value)
			.slice(0, MOST_MEMBERS)
			.map(([its, one], index) => [
				DOCUMENTED_NAMES.has(its) ? its : `…${index}`,
				inner(one, { name: its, isTop: isOfEnvelope }),
			]),
	);
}

/** Characters. */
const LONGEST_TEXT = 500;

/**
 * What words of the protocol and of error messages are made of; then whatever else there is: it may be a name, an id or a
 * token.
 */
const TOKENS =
	/((?:action|app|auth|customer|code|device|empty|error|exceeded|expired|fail|found|frequency|id|ed|ure|internal|invalid|is|item|key|limit|missing|no|nonce|not|of|ok|success|operation|order|param|eter|product|rate|refused|repeat|request|required|response|s|service|signature|the|time|stamp|too|many|unauthorized|value|wrong)+)(?![A-Za-z])|(签名|无效|非法|错误|时间戳|过期|参数|缺失|缺少|必选|必填|不能为空|不存在|重复|频率|限制|次数|权限|内部|失败|请求|接口|客户|用户|设备|产品|订单)|\d+|[A-Za-z]+|[\p{L}\p{M}\p{N}]/giu;

/**
 * A text with everything masked but words of the protocol, e.g. `CustomerId … 无效`.
 * @param appKey is masked, too
 */
export function maskedText(text: string, appKey: string): string {
	return cleanServerText(text, LONGEST_TEXT)
		.replaceAll(appKey || '…', '…')
		.replace(TOKENS, (_, word?: string, phrase?: string) => word ?? phrase ?? '…')
		.replace(/[<>]/g, '…')
		.replace(/…[….\s]*…/g, '…');
}
