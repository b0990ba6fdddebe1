import { resources, type Resource } from '../resources';
import { readingOf, type Observation } from './observation';

/** A name that no Action has, to see how the service refuses one. */
export const NO_ACTION = 'ServiceCheckNoSuchAction';

const operations = resources.flatMap((resource: Resource) => resource.operations);

/** All Actions of the API (product 1465, pages 59062–59079). */
const ACTIONS = [
	...new Set([...operations.map(({ action }) => action), 'ServiceCallDeviceActionAsync']),
].sort();

/** Those that only read. */
export const READS = operations.flatMap(({ action, effect }) => (effect === 'read' ? [action] : []));

/** Which Actions there are for the application, each in one of these. */
export interface FoundActions {
	Found: string[];
	/** Refused as an Action that does not exist is refused. */
	Missing: string[];
	NotPermitted: string[];
	/** The response does not tell. */
	Unclear: string[];
	NotAsked: string[];
}

const NOT_PERMITTED = /^(UnauthorizedOperation|IpInBlacklist|IpNotInWhitelist|ActionOffline)(\.|$)/;

export function findActions(observations: readonly Observation[]): FoundActions {
	const found: FoundActions = { Found: [], Missing: [], NotPermitted: [], Unclear: [], NotAsked: [] };
	const unknown = observations.find(({ question }) => question.parameters.Action === NO_ACTION);
	const isTelling = unknown !== undefined && tellsActions(unknown, observations);
	for (const action of ACTIONS) {
		const asked = observations.filter(({ question }) => question.parameters.Action === action);
		const kinds = asked.map((one) => existenceOf(one, isTelling ? unknown : undefined));
		const best = (['Found', 'NotPermitted', 'Missing'] as const).find((kind) => kinds.includes(kind));
		found[best ?? (asked.length > 0 ? 'Unclear' : 'NotAsked')].push(action);
	}
	return found;
}

function existenceOf(asked: Observation, unknown: Observation | undefined): keyof FoundActions {
	const { kind, code, authFailure, isThrottled } = readingOf(asked);
	if (kind === 'done') return 'Found';
	// Key, signature and clock are checked before the Action is looked for.
	if (kind === 'none' || isThrottled || authFailure !== undefined) return 'Unclear';
	if (NOT_PERMITTED.test(code)) return 'NotPermitted';
	if (/^InvalidAction(\.|$)/.test(code)) return 'Missing';
	if (unknown === undefined) return 'Unclear';
	return refusalOf(asked) === refusalOf(unknown) ? 'Missing' : 'Found';
}

/** Whether the service refuses an Action that does not exist in a way of its own, and not as it refuses anything. */
function tellsActions(unknown: Observation, observations: readonly Observation[]): boolean {
	const { kind, code, message, authFailure } = readingOf(unknown);
	if (kind !== 'refused' || authFailure !== undefined) return false;
	if (/Action|接口/i.test(`${code} ${message.replaceAll(NO_ACTION, '')}`)) return true;
	const others = observations.filter(
		(one) => one.question.purpose === 'action' && one !== unknown && readingOf(one).kind === 'refused',
	);
	return others.some((one) => refusalOf(one) !== refusalOf(unknown));
}

/** How a request was refused, without what names it. */
function refusalOf(observation: Observation): string {
	const { code, message } = readingOf(observation);
	const { question, fresh } = observation;
	return [String(question.parameters.Action), fresh.RequestId]
		.reduce((text, name) => text.replaceAll(name, ''), `${code} ${message}`)
		.replace(/\d+/g, '');
}
