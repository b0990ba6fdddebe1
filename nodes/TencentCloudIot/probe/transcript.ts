import type { HttpResponse } from '../service/response/httpResponse';
import { isObject } from '../service/response/parseResponse';
import type { Parameters } from '../service/signing/signature';
import { cleanServerText } from '../service/response/serverText';
import { clockOffsetMs, type Observation } from './observation';

/** The form of transcripts, for whoever reads one. */
const FORMAT = 'n8n-nodes-tencent-iot transcript 1';

/** What takes the place of the RequestId that was sent. */
const REQUEST_ID = '{RequestId}';

/** Numbers of these members are kept, up to a million; others may be phone numbers. */
const KEPT_NUMBERS = /^(code|total|status)$/i;

/** The most elements of a list that are kept. */
const MOST_ELEMENTS = 2;

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
		/** The JSON with its values masked; a text of any other kind is left out. */
		body?: unknown;
	};
	/** Why there was no response, e.g. `CONNECTION_RESET`. */
	error?: string;
}

/** What was sent and received, without secrets, names, ids and phone numbers, as JSON text: to be shown to anybody. */
export function transcriptOf(observations: readonly Observation[]): string {
	return JSON.stringify({ format: FORMAT, exchanges: observations.map(exchangeOf) });
}

function exchangeOf(observation: Observation): TranscriptExchange {
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
			...(json !== undefined && { body: masked(json, fresh.RequestId) }),
		},
	};
}

function jsonIn({ body }: HttpResponse): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(body));
	} catch {
		return undefined;
	}
}

/** A value of a response with its form alone: texts keep the words of the protocol, numbers those that count. */
function masked(value: unknown, requestId: string, name = '', levels = 8): unknown {
	if (value === null || typeof value === 'boolean') return value;
	if (value === requestId) return REQUEST_ID;
	if (typeof value === 'string')
		return /^-?\d{1,6}$/.test(value) && KEPT_NUMBERS.test(name) ? value : maskedText(value);
	if (typeof value === 'number') return KEPT_NUMBERS.test(name) && Math.abs(value) < 1e6 ? value : 0;
	if (levels === 0) return '…';
	const inner = (one: unknown, its = '') => masked(one, requestId, its, levels - 1);
	if (Array.isArray(value)) return value.slice(0, MOST_ELEMENTS).map((one) => inner(one));
	if (!isObject(value)) return '…';
	return Object.fromEntries(
		Object.entries(value).map(([its, one], index) => [maskedName(its, index), inner(one, its)]),
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

/** A text with everything masked but words of the protocol, e.g. `CustomerId … 无效`. */
export function maskedText(text: string): string {
	return cleanServerText(text, LONGEST_TEXT)
		.replace(TOKENS, (_, word?: string, phrase?: string) => word ?? phrase ?? '…')
		.replace(/…[….\s]*…/g, '…');
}

/** The name of a member; one that may be a value, such as a phone number, is numbered. */
function maskedName(name: string, index: number): string {
	return /^[A-Za-z_]{1,40}$/.test(name) ? name : `…${index}`;
}
