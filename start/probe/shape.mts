import type { Exchange } from '../../simulator/like/transcript.mts';

/** The names of a response's members without their values, e.g. `{"Response":{"Total":0}}`; `-` where it had no JSON. */
export function shapeOf(exchange: Exchange | undefined): string {
	const body = exchange?.response?.body;
	return body === undefined ? '-' : JSON.stringify(shape(body));
}

function shape(value: unknown): unknown {
	if (Array.isArray(value)) return ['…'];
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shape(member)]));
	}
	return typeof value === 'string' ? '…' : value;
}
