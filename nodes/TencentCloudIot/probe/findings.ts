import { EFFECTS } from '../service/actions';
import { recordsIn } from '../service/paging';
import { SIGNATURE_SCHEMES } from '../service/signing/signature';
import { clockOffsetSeconds, isAccepted, NONEXISTENT_ACTION, type Observation } from './conversation';

/** What the responses show. A member is undefined if no request could show it, or if none of them got a clear response. */
export function findingsOf(observations: readonly Observation[]) {
	const observedFor = (purpose: Observation['request']['purpose']) =>
		observations.filter(({ request }) => request.purpose === purpose);
	const keyCheck = observedFor('key').at(-1);
	const schemeChecks = observedFor('scheme');
	const isEachSchemeRefused =
		schemeChecks.length === SIGNATURE_SCHEMES.length &&
		schemeChecks.every(({ reading }) => reading.authFailure === 'signature');
	const noScheme = isEachSchemeRefused ? ('none' as const) : undefined;
	const readings = observations.map(({ reading }) => reading);
	const readableReadings = readings.filter(({ kind }) => kind !== 'none');
	return {
		/** Whether key, signature and clock were accepted. */
		Accepted: keyCheck !== undefined && isAccepted(keyCheck),
		/** How lists are signed; `none` if every scheme was refused. */
		SignatureScheme: schemeChecks.find(isAccepted)?.request.scheme ?? noScheme,
		/** How far the service's clock is ahead of this machine's, seconds. */
		ClockOffsetSeconds: keyCheck && clockOffsetSeconds(keyCheck),
		/** Whether all readable responses repeated the RequestId of their request. */
		RequestIdEchoed:
			readableReadings.length === 0
				? undefined
				: readableReadings.every(({ isRequestIdEchoed }) => isRequestIdEchoed),
		/** Whether the service refuses an hour-old Timestamp. */
		OldTimestampRefused: isReplayRefused(observedFor('oldTimestamp')),
		/** Whether the service refuses a Timestamp and Nonce that it has already received. */
		RepeatedNonceRefused: isReplayRefused(observedFor('repeatedNonce')),
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

/** Whether the service refused this check, which repeats an accepted read; undefined if no response shows it. */
function isReplayRefused([observation]: readonly Observation[]): boolean | undefined {
	if (observation === undefined || observation.reading.isThrottled || observation.reading.kind === 'none') {
		return undefined;
	}
	return observation.reading.kind === 'refused';
}

/** The Total of the list with this member, or else the number of its records, from the first response that has the list. */
function totalOf(observations: readonly Observation[], member: string): number | undefined {
	for (const { kind, data } of observations.map(({ reading }) => reading)) {
		const records = kind === 'done' ? recordsIn(data, member) : undefined;
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
	const actions: FoundActions = { Found: [], Missing: [], NotPermitted: [], Unclear: [], NotAsked: [] };
	const nonexistent = observations.find(({ request }) => request.parameters.Action === NONEXISTENT_ACTION);
	const isConclusive = nonexistent !== undefined && isRefusalDistinct(nonexistent, observations);
	for (const action of Object.keys(EFFECTS).sort()) {
		const observationsOfAction = observations.filter(
			({ request }) => request.parameters.Action === action && !isReplayCheck(request.purpose),
		);
		const existences = observationsOfAction.map((observation) =>
			existenceOf(observation, isConclusive ? nonexistent : undefined),
		);
		const best = (['Found', 'NotPermitted', 'Missing'] as const).find((kind) => existences.includes(kind));
		const ifUnproven = observationsOfAction.length > 0 ? 'Unclear' : 'NotAsked';
		actions[best ?? ifUnproven].push(action);
	}
	return actions;
}

function isReplayCheck(purpose: Observation['request']['purpose']): boolean {
	return purpose === 'oldTimestamp' || purpose === 'repeatedNonce';
}

/** @param nonexistent the refusal of an Action that does not exist, if refusals can be told apart by it */
function existenceOf(observation: Observation, nonexistent: Observation | undefined): keyof FoundActions {
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
	if (nonexistent === undefined) {
		return 'Unclear';
	}
	return refusalText(observation) === refusalText(nonexistent) ? 'Missing' : 'Found';
}

/** Whether the refusal of an Action that does not exist differs from those of other requests. */
function isRefusalDistinct(nonexistent: Observation, observations: readonly Observation[]): boolean {
	const { kind, code, message, authFailure } = nonexistent.reading;
	if (kind !== 'refused' || authFailure !== undefined) {
		return false;
	}
	if (/Action|接口/i.test(`${code} ${message.replaceAll(NONEXISTENT_ACTION, '')}`)) {
		return true;
	}
	const otherRefusals = observations.filter(
		(observation) =>
			observation.request.purpose === 'action' &&
			observation !== nonexistent &&
			observation.reading.kind === 'refused',
	);
	return otherRefusals.some((observation) => refusalText(observation) !== refusalText(nonexistent));
}

/** Code and message of a refusal without its Action, RequestId and numbers, so that refusals can be compared. */
function refusalText(observation: Observation): string {
	const { code, message } = observation.reading;
	const { request, fresh } = observation;
	return [String(request.parameters.Action), fresh.RequestId]
		.reduce((text, removed) => text.replaceAll(removed, ''), `${code} ${message}`)
		.replace(/\d+/g, '');
}
