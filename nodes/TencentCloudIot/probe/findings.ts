import { EFFECTS } from '../service/actions';
import { recordsIn } from '../service/paging';
import { SIGNATURE_SCHEMES, type SignatureScheme } from '../service/signing/signature';
import { clockOffsetSeconds, isAccepted, NO_ACTION, type Observation } from './conversation';

/** What the responses show. A member is undefined if no request could show it, or none got a clear response. */
export function findingsOf(observations: readonly Observation[]) {
	const observedFor = (purpose: Observation['request']['purpose']) =>
		observations.filter(({ request }) => request.purpose === purpose);
	const keyCheck = observedFor('key').at(-1);
	const schemes = observedFor('scheme');
	const isNone =
		schemes.length === SIGNATURE_SCHEMES.length &&
		schemes.every(({ reading }) => reading.authFailure === 'signature');
	const noScheme = isNone ? ('none' as const) : undefined;
	const readings = observations.map(({ reading }) => reading);
	const readable = readings.filter(({ kind }) => kind !== 'none');
	return {
		/** Whether key, signature and clock were accepted. */
		Accepted: keyCheck !== undefined && isAccepted(keyCheck),
		/** How lists are signed; `none` if every scheme was refused. */
		SignatureScheme: acceptedScheme(observations) ?? noScheme,
		/** How far the service's clock is ahead of this machine's, seconds. */
		ClockOffsetSeconds: keyCheck && clockOffsetSeconds(keyCheck),
		/** Whether all readable responses repeated the RequestId of their request. */
		RequestIdEchoed: readable.length === 0 ? undefined : readable.every(({ isEchoed }) => isEchoed),
		/** Whether the service refuses an hour-old Timestamp. The next member: a Timestamp and Nonce that it has already received. */
		OldTimestampRefused: isReplayRefused(observations, 'oldTimestamp'),
		RepeatedNonceRefused: isReplayRefused(observations, 'repeatedNonce'),
		Actions: findActions(observations),
		/** How many customers the application has. */
		Customers: totalOf(observations, 'Customers'),
		/** Whether lists come with their number of entries. Without it no audit is possible. */
		ListsCountEntries:
			keyCheck && isAccepted(keyCheck) ? typeof keyCheck.reading.data.Total === 'number' : undefined,
		/** How many devices the chosen product has; `refused` if the application may not see it. */
		ProductDevices: productDevices(observedFor('product')),
		Requests: observations.length,
		/** How many requests got no readable response. */
		Unanswered: readings.filter(({ kind, isThrottled }) => kind === 'none' || isThrottled).length,
	};
}

/**
 * Whether the service refuses a request that somebody has recorded and sends again; undefined if no response shows it.
 */
function isReplayRefused(
	observations: readonly Observation[],
	check: 'oldTimestamp' | 'repeatedNonce',
): boolean | undefined {
	const observation = observations.find(({ request }) => request.purpose === check);
	if (observation === undefined || observation.reading.isThrottled || observation.reading.kind === 'none') {
		return undefined;
	}
	return observation.reading.kind === 'refused';
}

/** The scheme by which nested values were accepted. */
function acceptedScheme(observations: readonly Observation[]): SignatureScheme | undefined {
	const accepted = observations.find(
		(observation) => observation.request.purpose === 'scheme' && isAccepted(observation),
	);
	return accepted?.request.scheme;
}

function totalOf(observations: readonly Observation[], list: string): number | undefined {
	for (const { kind, data } of observations.map(({ reading }) => reading)) {
		const records = kind === 'done' ? recordsIn(data, list) : undefined;
		if (records !== undefined) {
			return typeof data.Total === 'number' ? data.Total : records.length;
		}
	}
	return undefined;
}

function productDevices([observation]: readonly Observation[]) {
	if (observation?.reading.kind === 'refused') {
		return 'refused';
	}
	return observation && totalOf([observation], 'Devices');
}

/**
 * The Actions, by what the responses show. `Missing`: rejected in the same way as an Action that does not exist. `Unclear`: the response
 * does not show whether the application has it.
 */
type FoundActions = Record<'Found' | 'Missing' | 'NotPermitted' | 'Unclear' | 'NotAsked', string[]>;

const NOT_PERMITTED = /^(UnauthorizedOperation|IpInBlacklist|IpNotInWhitelist|ActionOffline)(\.|$)/;

function findActions(observations: readonly Observation[]): FoundActions {
	const found: FoundActions = { Found: [], Missing: [], NotPermitted: [], Unclear: [], NotAsked: [] };
	const unknown = observations.find(({ request }) => request.parameters.Action === NO_ACTION);
	const isConclusive = unknown !== undefined && namesUnknownActions(unknown, observations);
	for (const action of Object.keys(EFFECTS).sort()) {
		const ofAction = observations.filter(
			({ request }) => request.parameters.Action === action && !isReplayCheck(request.purpose),
		);
		const kinds = ofAction.map((observation) => existenceOf(observation, isConclusive ? unknown : undefined));
		const best = (['Found', 'NotPermitted', 'Missing'] as const).find((kind) => kinds.includes(kind));
		const unknownKind = ofAction.length > 0 ? 'Unclear' : 'NotAsked';
		found[best ?? unknownKind].push(action);
	}
	return found;
}

function isReplayCheck(purpose: Observation['request']['purpose']): boolean {
	return purpose === 'oldTimestamp' || purpose === 'repeatedNonce';
}

function existenceOf(observation: Observation, unknown: Observation | undefined): keyof FoundActions {
	const { kind, code, authFailure, isThrottled } = observation.reading;
	if (kind === 'done') {
		return 'Found';
	}
	// The service checks key, signature and clock before it looks for the Action, so such a response says nothing about the Action.
	if (kind === 'none' || isThrottled || authFailure !== undefined) {
		return 'Unclear';
	}
	if (NOT_PERMITTED.test(code)) {
		return 'NotPermitted';
	}
	if (/^InvalidAction(\.|$)/.test(code)) {
		return 'Missing';
	}
	if (unknown === undefined) {
		return 'Unclear';
	}
	return refusalOf(observation) === refusalOf(unknown) ? 'Missing' : 'Found';
}

/** Whether the service rejects an Action that does not exist differently from other requests. */
function namesUnknownActions(unknown: Observation, observations: readonly Observation[]): boolean {
	const { kind, code, message, authFailure } = unknown.reading;
	if (kind !== 'refused' || authFailure !== undefined) {
		return false;
	}
	if (/Action|接口/i.test(`${code} ${message.replaceAll(NO_ACTION, '')}`)) {
		return true;
	}
	const otherRefusals = observations.filter(
		(observation) =>
			observation.request.purpose === 'action' &&
			observation !== unknown &&
			observation.reading.kind === 'refused',
	);
	return otherRefusals.some((observation) => refusalOf(observation) !== refusalOf(unknown));
}

/** Code and message of a rejected request, without its Action, RequestId and numbers: to compare rejections. */
function refusalOf(observation: Observation): string {
	const { code, message } = observation.reading;
	const { request, fresh } = observation;
	return [String(request.parameters.Action), fresh.RequestId]
		.reduce((text, name) => text.replaceAll(name, ''), `${code} ${message}`)
		.replace(/\d+/g, '');
}
