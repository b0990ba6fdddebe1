import { recordsIn } from '../service/paging';
import { SIGNATURE_SCHEMES, type SignatureScheme } from '../service/signing/signature';
import { findActions, type FoundActions } from './actions';
import { acceptedScheme, isAccepted } from './conversation';
import { clockOffsetMs, readingOf, type Observation, type Purpose } from './observation';

/** What the responses show; a member that is undefined was not asked, or not answered clearly. */
export interface Findings {
	/** Whether key, signature and clock were accepted. */
	Accepted: boolean;
	/** How lists are signed; `none` where each scheme was refused. */
	SignatureScheme: SignatureScheme | 'none' | undefined;
	/** How far the service's clock is ahead of this machine's, seconds. */
	ClockOffsetSeconds: number | undefined;
	/** The oldest timestamp that was accepted, and the youngest that was refused, seconds. */
	ClockWindow: { AcceptedSeconds: number | undefined; RefusedSeconds: number | undefined };
	RepeatedNonce: 'accepted' | 'refused' | undefined;
	/** Whether all responses that could be read named their requests. */
	RequestIdEchoed: boolean | undefined;
	Actions: FoundActions;
	/** How many customers the application has; undefined when it was not told. */
	Customers: number | undefined;
	/** How many devices the named product has; `refused` where it is not visible. */
	ProductDevices: number | 'refused' | undefined;
	Requests: number;
	/** How many of them got no response that could be read. */
	Unanswered: number;
}

export function findingsOf(observations: readonly Observation[]): Findings {
	const of = (purpose: Purpose) => observations.filter(({ question }) => question.purpose === purpose);
	const key = of('key').at(-1);
	const schemes = of('scheme');
	const isNone =
		schemes.length === SIGNATURE_SCHEMES.length &&
		schemes.every((one) => readingOf(one).authFailure === 'signature');
	const [nonce] = of('nonce').map(readingOf);
	const offsetMs = key && clockOffsetMs(key);
	const readings = observations.map(readingOf);
	const readable = readings.filter(({ kind }) => kind !== 'none');
	return {
		Accepted: key !== undefined && isAccepted(key),
		SignatureScheme: acceptedScheme(observations) ?? (isNone ? 'none' : undefined),
		ClockOffsetSeconds: offsetMs === undefined ? undefined : Math.round(offsetMs / 1000),
		ClockWindow: windowOf(of('age')),
		RepeatedNonce: nonce && (nonce.kind === 'done' ? 'accepted' : nonceOf(nonce.kind, nonce.isThrottled)),
		RequestIdEchoed:
			readable.length === 0 ? undefined : readable.every(({ requestId }) => requestId === 'echoed'),
		Actions: findActions(observations),
		Customers: totalOf(observations, 'Customers'),
		ProductDevices: productDevices(of('product')),
		Requests: observations.length,
		Unanswered: readings.filter(({ kind, isThrottled }) => kind === 'none' || isThrottled).length,
	};
}

function nonceOf(kind: string, isThrottled: boolean): Findings['RepeatedNonce'] {
	return kind === 'refused' && !isThrottled ? 'refused' : undefined;
}

/** Refusals for another reason say nothing. */
function windowOf(aged: readonly Observation[]): Findings['ClockWindow'] {
	const ageOf = ({ question }: Observation) => question.ageSeconds;
	const accepted = aged.filter(isAccepted).map(ageOf);
	const refused = aged.filter((one) => readingOf(one).authFailure !== undefined).map(ageOf);
	return { AcceptedSeconds: accepted.at(-1), RefusedSeconds: refused.at(-1) };
}

function totalOf(observations: readonly Observation[], list: string): number | undefined {
	for (const { kind, data } of observations.map(readingOf)) {
		const records = kind === 'done' ? recordsIn(data, list) : undefined;
		if (records !== undefined) return typeof data.Total === 'number' ? data.Total : records.length;
	}
	return undefined;
}

function productDevices([asked]: readonly Observation[]): Findings['ProductDevices'] {
	if (asked === undefined) return undefined;
	const { kind } = readingOf(asked);
	return kind === 'refused' ? 'refused' : totalOf([asked], 'Devices');
}
