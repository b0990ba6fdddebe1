import type { ArrivedRequest, Fault } from '../../simulator/simulator.mts';
import { Dice, seedFor } from './dice.mts';

/** The RequestIds of the current request and of an earlier one. */
interface Ids {
	ownId: string;
	other: string;
}

type FaultFor = Fault | ((ids: Ids) => Fault);

const error = (Code: string, Message: string): Fault => ({ kind: 'error', Code, Message });
const body = (document: object): Fault => ({ kind: 'body', body: JSON.stringify(document) });
const ok = (RequestId: string) => ({ Response: { Status: 'OK', RequestId } });
const invalid = { Code: 'InvalidParameterValue', Message: 'invalid CustomerId' };
const PAGE = '<html><body>Sorry</body></html>';

/** Faults that may pass or whose request may have been applied. */
const PASSING: readonly FaultFor[] = [
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
	{ ...error('FailedOperation.Timeout', 'slow'), applyFirst: true },
	{ ...error('InternalError', 'FailedOperation.RRPCTimeout|slow'), applyFirst: true },
	{ ...body({ code: -1000, msg: 'busy', data: null }), applyFirst: true },
	({ other }) => body(ok(other)),
	({ other }) => ({ ...body(ok(other)), applyFirst: true }),
	({ other }) => ({ ...body({ Response: { Error: invalid, RequestId: other } }), applyFirst: true }),
	() => body({ Response: { Status: 'OK' } }),
	({ ownId }) => body({ code: 0, msg: 'failed', data: { Status: 'OK', RequestId: ownId } }),
	({ ownId }) => body({ Response: { Status: 'OK', RequestId: ownId, error: 'no' } }),
	({ ownId }) => ({
		kind: 'body',
		body: `{"Response":{"Status":"FAIL","Status":"OK","RequestId":"${ownId}"}}`,
	}),
	({ ownId }) => ({ kind: 'status', status: 404, body: JSON.stringify(ok(ownId)), applyFirst: true }),
];

/** Permanent faults of a request. */
const STAYING: readonly Fault[] = [
	error('InvalidParameterValue', 'invalid CustomerId'),
	error('InvalidParameterValue.InvalidJSON', 'invalid json'),
	error('UnsupportedOperation', '\u202e\u0000customer is locked'),
	error('LimitExceeded.DeviceExceedLimit', 'too many devices'),
	error('FailedOperation', 'nobody knows'),
	{ kind: 'status', status: 403, body: PAGE, headers: { 'content-type': 'text/html' } },
	{ kind: 'status', status: 413 },
];

/** Faults that end the whole run. */
const ENDING: readonly Fault[] = [
	error('InvalidParameterValue', 'Signature 无效'),
	error('InvalidParameterValue', 'AppKey 无效'),
	error('InvalidAction', 'Action 非法'),
	{ kind: 'status', status: 303, applyFirst: true },
	{ kind: 'status', status: 302, headers: { location: 'https://example.com/' } },
	{ kind: 'status', status: 429, headers: { 'retry-after': '3600' } },
];

/** How often each sort of fault hits a request. */
export interface FaultChances {
	passing: number;
	staying: number;
	ending: number;
}

/** Decides by customer and by the number of its request, so that concurrency does not change the faults of a customer. */
export function randomFaults(
	seed: number,
	chances: FaultChances,
): (request: ArrivedRequest) => Fault | undefined {
	const seen = new Map<string, number>();
	let other = 'of-nobody';
	return ({ CustomerId = '', RequestId: ownId = '' }) => {
		const ids = { ownId, other };
		other = ownId;
		const count = (seen.get(CustomerId) ?? 0) + 1;
		seen.set(CustomerId, count);
		const dice = new Dice(seedFor(seed, CustomerId, count));
		if (dice.happens(chances.passing)) {
			const fault = dice.pick(PASSING);
			return typeof fault === 'function' ? fault(ids) : fault;
		}
		if (dice.happens(chances.staying)) {
			return dice.pick(STAYING);
		}
		return dice.happens(chances.ending) ? dice.pick(ENDING) : undefined;
	};
}
