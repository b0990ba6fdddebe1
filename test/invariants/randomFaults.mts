import type { ArrivedRequest, Fault } from '../../simulator/simulator.mts';
import { Dice, seedFor } from './dice.mts';

const error = (Code: string, Message: string): Fault => ({ kind: 'error', Code, Message });
const PAGE = '<html><body>Sorry</body></html>';

/** What may pass by itself or may have been carried out. */
const PASSING: readonly Fault[] = [
	{ kind: 'reset' },
	{ kind: 'applyThenReset' },
	{ kind: 'applyThenReset' },
	{ kind: 'status', status: 500 },
	{ kind: 'status', status: 502, body: PAGE, headers: { 'content-type': 'text/html' } },
	{ kind: 'status', status: 503, headers: { 'retry-after': '0' } },
	{ kind: 'status', status: 504, applyFirst: true },
	error('InternalError', 'internal error'),
	{ ...error('InternalError', 'internal error'), applyFirst: true },
	{ kind: 'body', body: '' },
	{ kind: 'body', body: '{"Response":{"Status":', applyFirst: true },
	{ kind: 'body', body: '{"Response":null}', applyFirst: true },
	{ kind: 'body', body: '{"Response":{"Status":"ok"}}', applyFirst: true },
	{ kind: 'body', body: PAGE, applyFirst: true },
	{ kind: 'body', body: Buffer.from([0xff, 0xfe, 0x7b]), applyFirst: true },
];

/** What stays as it is. */
const STAYING: readonly Fault[] = [
	error('InvalidParameterValue', 'invalid CustomerId'),
	error('InvalidParameterValue.InvalidJSON', 'invalid json'),
	error('FailedOperation', '\u202e\u0000customer is locked'),
	{ kind: 'status', status: 403, body: PAGE, headers: { 'content-type': 'text/html' } },
	{ kind: 'status', status: 413 },
];

/** What ends the whole run. */
const ENDING: readonly Fault[] = [
	error('InvalidParameterValue', 'Signature 无效'),
	error('InvalidParameterValue', 'AppKey 无效'),
	error('InvalidAction', 'Action 非法'),
	{ kind: 'status', status: 302, headers: { location: 'https://example.com/' } },
	{ kind: 'status', status: 429, headers: { 'retry-after': '3600' } },
];

/** How often each sort of fault hits a request. */
export interface FaultChances {
	passing: number;
	staying: number;
	ending: number;
}

/** Decides by customer and by its how-manieth request, so that concurrency does not change what happens to whom. */
export function randomFaults(
	seed: number,
	chances: FaultChances,
): (request: ArrivedRequest) => Fault | undefined {
	const seen = new Map<string, number>();
	return ({ CustomerId = '' }) => {
		const count = (seen.get(CustomerId) ?? 0) + 1;
		seen.set(CustomerId, count);
		const dice = new Dice(seedFor(seed, CustomerId, count));
		if (dice.happens(chances.passing)) return dice.pick(PASSING);
		if (dice.happens(chances.staying)) return dice.pick(STAYING);
		return dice.happens(chances.ending) ? dice.pick(ENDING) : undefined;
	};
}
