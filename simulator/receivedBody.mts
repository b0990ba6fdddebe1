import { isUtf8 } from 'node:buffer';
import type { Parameters } from './parameters.mts';
import { isObject } from './parameters.mts';
import { Refusal } from './refusal.mts';

/** A request's body, parsed as far as possible. */
export interface ReceivedBody {
	readonly text: string;
	/** Empty when the body is not a JSON object. */
	readonly parameters: Parameters;
	/** Set when the body is not a JSON object, or was not sent as JSON. */
	readonly refusal?: Refusal;
}

/** Parses a body; the result has a `refusal` if that fails. */
export function readBody(bytes: Buffer, contentType: string | undefined): ReceivedBody {
	const text = bytes.toString('utf8');
	const parameters = isUtf8(bytes) ? parseObject(text) : undefined;
	if (!parameters) {
		return { text, parameters: new Map(), refusal: invalidJson('请求格式不是 JSON') };
	}
	if (!contentType?.startsWith('application/json')) {
		return { text, parameters, refusal: invalidJson('Content-Type 不是 application/json') };
	}
	return { text, parameters };
}

function parseObject(text: string): Parameters | undefined {
	try {
		const body: unknown = JSON.parse(text);
		return isObject(body) ? new Map(Object.entries(body)) : undefined;
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined;
		}
		throw error;
	}
}

function invalidJson(message: string): Refusal {
	return new Refusal('InvalidParameterValue.InvalidJSON', message);
}
