import { parseResponse } from '../service/response/parseResponse';
import type { ResponseData, Outcome } from '../service/outcome';
import { readServerTime } from '../service/response/httpResponse';
import { classOfServiceError, unwrap, type ErrorClass } from '../service/response/classify';
import type { Freshness } from '../service/signing/request';
import type { Parameters, SignatureScheme } from '../service/signing/signature';
import type { Exchange } from '../service/transport/transport';

/** What a request of the probe is to find out. */
export type Purpose = 'key' | 'scheme' | 'action' | 'nonce' | 'age' | 'product';

/** One request of the probe. */
export interface Question {
	purpose: Purpose;
	/** The Action and its own parameters. */
	parameters: Parameters;
	scheme: SignatureScheme;
	/** How old its timestamp is by the service's clock, seconds. */
	ageSeconds?: number;
	/** What is added to this machine's clock to have the service's, seconds. */
	correctionSeconds: number;
	/** The request whose timestamp and nonce it repeats. */
	repeats?: Freshness;
}

/** A question with what came back. */
export interface Observation {
	question: Question;
	fresh: Freshness;
	signature: string;
	exchange: Exchange;
	/** What the response says. */
	reading: Reading;
	/** What a run would take it for. */
	outcome: Outcome;
	/** This machine's clock when it was sent, Unix milliseconds. */
	sentAtMs: number;
}

/** What a response says, read without the checks that a run makes. */
export interface Reading {
	/** `none`: no response, or none that could be read. */
	kind: 'done' | 'refused' | 'none';
	data: ResponseData;
	/** The error's, as far as there is one. */
	code: string;
	message: string;
	authFailure: ErrorClass['authFailure'];
	isThrottled: boolean;
	requestId: 'echoed' | 'missing' | 'other';
}

/** Parses a response, which may take a while. */
export function readResponse({ exchange, fresh, signature }: Omit<Observation, 'reading'>): Reading {
	const none: Reading = {
		...{ kind: 'none', data: {}, code: '', message: '', authFailure: undefined },
		...{ isThrottled: false, requestId: 'missing' },
	};
	if ('error' in exchange) return none;
	const { status, body } = exchange.response;
	const parsed = parseResponse(body, signature);
	const isThrottled = status === 429;
	if (parsed.kind !== 'data' && parsed.kind !== 'error') return { ...none, isThrottled };
	const echo = parsed.requestId === undefined ? 'missing' : 'other';
	const requestId = parsed.requestId === fresh.RequestId ? 'echoed' : echo;
	if (parsed.kind === 'data') {
		const isDone = status < 300 && parsed.contradiction === undefined;
		return { ...none, kind: isDone ? 'done' : 'none', data: parsed.data, requestId, isThrottled };
	}
	const { code, message } = unwrap(parsed.code, parsed.message);
	const { authFailure, retry } = classOfServiceError(code, message);
	return {
		...{ ...none, kind: 'refused', code, message, authFailure, requestId },
		isThrottled: isThrottled || retry === 'throttled',
	};
}

/** How far the service's clock is ahead of this machine's, milliseconds; undefined where no response says so. */
export function clockOffsetMs({ exchange }: Observation): number | undefined {
	if ('error' in exchange) return undefined;
	const serverTimeMs = readServerTime(exchange.response);
	// The header has whole seconds.
	return serverTimeMs === undefined ? undefined : serverTimeMs + 500 - exchange.response.receivedAtMs;
}
