import type { RequestRecord } from '../../simulator/simulator.mts';
import { reportOf } from './reportViolations.mts';
import { pushesOf, toldBy, type Told, type Witness } from './witness.mts';

/** Invariants 3, 4 and 13: the reported outcome of a customer matches what the service stored and responded. */
export function serviceViolations(witness: Witness): string[] {
	const { simulator, result } = witness;
	const accepted = new Set(
		pushesOf(simulator).flatMap((request) => (request.applied ? [idOf(request)] : [])),
	);
	const sent = toldBy(result).filter(({ code }) => code !== 'INVALID_ROWS');
	const saying = (...outcomes: string[]) =>
		new Set(
			sent.filter(({ outcome }) => outcomes.includes(outcome)).map(({ CustomerId }) => CustomerId ?? ''),
		);
	// A report counts successful customers without naming them: invariant 16 compares these counts with the service.
	const isReported = reportOf(result) !== undefined;
	const doneByReport = without(accepted, saying('REFUSED', 'NOT_SENT', 'UNKNOWN'));
	const done = isReported ? new Set<string>() : saying('OK');
	const doneOrUnclear = saying('OK', 'UNKNOWN');
	if (isReported) {
		doneByReport.forEach((id) => doneOrUnclear.add(id));
	}
	return [
		...without(accepted, doneOrUnclear).map(
			(id) => `3: ${id} is stored and reported as neither OK nor UNKNOWN`,
		),
		...without(done, accepted).map((id) => `4: ${id} is reported as OK and was never accepted`),
		...[...done].flatMap((id) => wrongDevices(id, sent, witness)),
		...sent.flatMap((reported) => notAnswered(reported, simulator)),
	];
}

/** A customer that is reported as done had an OK response to its own request. */
function notAnswered(
	{ CustomerId, outcome, item: { json } }: Told,
	{ requests }: Witness['simulator'],
): string[] {
	if (outcome !== 'OK') {
		return [];
	}
	const answered = requests.find(({ RequestId }) => RequestId === json.RequestId);
	return answered?.CustomerId === CustomerId && answered?.outcome === 'OK'
		? []
		: [`13: ${CustomerId} is reported as OK by the response to another request`];
}

/**
 * The devices of a customer that is reported as done are those of the linked rows, each once; if pushes add, together with those
 * that it had before.
 */
function wrongDevices(id: string, sent: readonly Told[], { rows, simulator, facts = {} }: Witness): string[] {
	const links = sent.filter(({ CustomerId, outcome }) => CustomerId === id && outcome === 'OK');
	const wanted = links.flatMap(({ links }) => links).map((link) => rows[link]?.DeviceId);
	// Rows that are mapped by expressions do not show what was sent.
	if (!wanted.every((deviceId) => typeof deviceId === 'string')) {
		return [];
	}
	const bound = (simulator.bindings.get(id) ?? []).map(({ DeviceId }) => DeviceId).toSorted();
	const before = facts.adds ? (facts.before?.get(id) ?? []) : [];
	const deviceIds = [...before.map(({ DeviceId }) => DeviceId), ...wanted.map((deviceId) => deviceId.trim())];
	const expected = [...new Set(deviceIds)].toSorted();
	return JSON.stringify(bound) === JSON.stringify(expected)
		? []
		: [`4: ${id} has ${bound.join()} and should have ${expected.join()}`];
}

function without(ids: ReadonlySet<string>, excluded: ReadonlySet<string>): string[] {
	return [...ids].filter((id) => !excluded.has(id));
}

function idOf({ CustomerId }: RequestRecord): string {
	return CustomerId ?? '';
}
