import type { HttpResponse } from '../service/response/httpResponse';
import { isObject } from '../service/response/parseResponse';
import type { Parameters } from '../service/signing/signature';
import { clockOffsetMs, type Observation } from './observation';
import { maskedName, maskedText } from './masking';

/** The form of transcripts, for whoever reads one. */
const FORMAT = 'n8n-nodes-tencent-iot transcript 1';

/** What takes the place of the RequestId that was sent. */
const REQUEST_ID = '{RequestId}';

/** Numbers of these members are kept, up to a million; others may be phone numbers. */
const KEPT_NUMBERS = /^(code|total|status)$/i;

/** The most elements of a list that are kept. */
const MOST_ELEMENTS = 2;

/** What was sent and received, without secrets, names, ids and phone numbers: to be shown to anybody. */
export interface Transcript {
	format: string;
	exchanges: TranscriptExchange[];
}

export interface TranscriptExchange {
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

export function transcriptOf(observations: readonly Observation[]): Transcript {
	return { format: FORMAT, exchanges: observations.map(exchangeOf) };
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
