import { shownText } from '../host/shown';
import { aboutDuration, counted } from '../messages/words';
import { type Place, writeEnglish } from '../messages/text';
import type { Call } from '../resources/operation/operation';
import { presentMembers } from '../resources/operation/presentMembers';
import { notSent } from '../service/outcome';
import { firstPage } from '../service/paging';
import { withoutLossesAndMoves } from '../sync/lastReport';
import type { Verdict } from '../sync/verdicts';
import {
	NO_SIGNING_FACTS,
	type PlannedCall,
	type Preview,
	type RunResult,
	tallyRun,
	tallyPreview,
} from './report/result';
import { reportRun } from './report/runReport';
import { hints } from './report/summary';
import { stopsForInvalidRows, type Plan, type Run, type Selection } from './run';

/** Why a Sync would send a customer, as the beginning of the item's `Message`. */
const WHY_SENT: Readonly<Record<Verdict, string>> = {
	new: 'New customer: ',
	changed: 'Other devices than were accepted last: ',
	waiting: 'Left over from the last run: ',
	failed: 'Failed in the last run: ',
	due: 'Unchanged, re-pushed on schedule: ',
	unchanged: "Unchanged, and 'Send' is Every Customer: ",
};

/** Takes the place of `WHY_SENT` for a customer that an interrupted or still active run may have sent. */
const IN_DOUBT = 'Another run may have sent it: ';

/** The most devices that a column of a Dry Run names. */
const MOST_NAMED_DEVICES = 5;

/** What would change for a customer, as columns of n8n's table. The texts are from `countedNames`. */
interface ShownDeviceChanges {
	/** The devices that would be added. */
	Added: string;
	/** Each device that would go, with its new owner. A device that no row names is shown as "in no row": the state has only its hash. */
	Gone: string;
	/** The number of devices that would stay. */
	Kept: number;
}

/** Makes what a Dry Run shows: its result, the columns of its items, and the item that reports it. On a schedule that item reports a failed run. */
export const dryRun = {
	/** The result of a Dry Run, with the calls in the order in which a run would send them. */
	preview(run: Run, plan: Plan, { sendOrder, verdicts, blocked, facts }: Selection): Preview {
		const { calls, withheld, leftOut, remarks } = plan;
		const { operation, items } = run;
		const indexesToSend = new Set(sendOrder);
		const indexesInDoubt = new Set(facts?.inDoubt?.sendableIndexes);
		const { paging } = operation;
		const statusOf = (call: Call, callIndex: number): PlannedCall['expectedStatus'] => {
			if (!indexesToSend.has(callIndex)) {
				return { Status: 'UNCHANGED', Message: 'Tencent accepted exactly this last' };
			}
			if (blocked !== undefined) {
				return { Status: 'NOT_SENT', Message: writeEnglish(blocked.reason, 'everything') };
			}
			const { customer } = call;
			const countText = customer
				? counted(customer.devices.length, 'device')
				: operation.countPlanned([call]);
			const verdict = verdicts?.[callIndex];
			const whySent = verdict === undefined ? '' : WHY_SENT[verdict];
			return {
				Status: 'WOULD_SEND',
				Message: (indexesInDoubt.has(callIndex) ? IN_DOUBT : whySent) + countText,
			};
		};
		const plannedCallOf = (callIndex: number): PlannedCall[] => {
			const unpagedCall = calls[callIndex];
			if (unpagedCall === undefined) {
				return [];
			}
			const call =
				paging === undefined
					? unpagedCall
					: { ...unpagedCall, parameters: firstPage(unpagedCall.parameters, paging) };
			const deviceChanges = facts?.deviceChanges?.[callIndex];
			return [
				{ call, verdict: verdicts?.[callIndex], expectedStatus: statusOf(call, callIndex), deviceChanges },
			];
		};
		const unchangedIndexes = [...calls.keys()].filter((index) => !indexesToSend.has(index));
		const callsToSend = sendOrder.flatMap((index) => calls[index] ?? []);
		const plannedCalls = [...sendOrder, ...unchangedIndexes].flatMap(plannedCallOf);
		return {
			operation,
			timezone: run.execution.timezone,
			calls: plannedCalls,
			withheld,
			leftOut,
			remarks,
			planText: describePlan(run, callsToSend, blocked !== undefined),
			dueCallCount: sendOrder.length,
			blocked,
			stopsForInvalidRows: stopsForInvalidRows(plan, run),
			sync: facts,
			rowCount: items.length,
			tally: tallyPreview({ calls: plannedCalls, withheld, operation }),
		};
	},

	/** The columns about a customer's changes; none if the changes are not known, as in a Push. */
	deviceChangeColumns(deviceChanges: PlannedCall['deviceChanges']): Partial<ShownDeviceChanges> {
		if (deviceChanges === undefined) {
			return {};
		}
		const goneNames = deviceChanges.goneDevices.map(({ deviceId, newOwnerId }) => {
			return deviceId === undefined ? 'in no row' : `${deviceId} (now ${newOwnerId})`;
		});
		return {
			Added: countedNames(deviceChanges.addedDeviceIds),
			Gone: countedNames(goneNames),
			Kept: deviceChanges.keptDeviceIds.length,
		};
	},

	/** The item that reports a Dry Run: its counts, and its summary or, on a schedule, the report of a run that sent nothing. */
	report(preview: Preview, place: Place) {
		const counts = countPreview(preview, place);
		// Somebody who runs a Dry Run by hand sees that nothing was sent. Nobody watches a scheduled Sync, so its Dry Run reports a failed run.
		if (preview.sync?.isManual !== false) {
			const { message } = hints.ofDryRun(preview, place === 'everything' ? 'hint' : place);
			return { ...counts, Summary: shownText(`${message}.`) };
		}
		return { ...counts, ...reportRun(tallyRun(dryRun.asUnsentRun(preview)), place) };
	},

	/**
	 * The result of a scheduled Dry Run, which counts as a run that failed, since it sent nothing. Somebody has left 'Dry Run' on in a
	 * published workflow, and the workflow would otherwise look healthy.
	 */
	asUnsentRun(preview: Preview): RunResult {
		const { operation, timezone, calls, withheld, leftOut, remarks, sync, rowCount } = preview;
		const why = notSent('DRY_RUN');
		return {
			...NO_SIGNING_FACTS,
			operation,
			timezone,
			calls: calls.map(({ call, verdict }) => ({ call, verdict, fate: { kind: 'notTried', why } })),
			withheld,
			leftOut,
			remarks,
			blocked: why,
			endedEarly: undefined,
			isRetry: false,
			sync: sync && withoutLossesAndMoves(sync),
			rowCount,
			durationMs: 0,
		};
	},
};

/** The number of names and the first of them, e.g. "2: LOCK01/a, LOCK01/b"; '' if there are no names. */
function countedNames(names: readonly string[]): string {
	if (names.length === 0) {
		return '';
	}
	const unnamedCount = names.length - MOST_NAMED_DEVICES;
	const firstNames = names.slice(0, MOST_NAMED_DEVICES).join(', ');
	return shownText(`${names.length}: ${firstNames}${unnamedCount > 0 ? ` and ${unnamedCount} more` : ''}`);
}

/**
 * Describes what a run would send, e.g. "9 customers, 12 devices: 9 requests, about 1 s at 20 requests per second". A blocked run has a plan, but
 * sends nothing.
 */
function describePlan(run: Run, calls: readonly Call[], isBlocked: boolean): string {
	if (calls.length === 0) {
		return isBlocked ? 'The plan has no requests' : 'There is nothing to send';
	}
	const requestsText = describeRequests(run, calls);
	return isBlocked ? `The plan is ${requestsText}` : requestsText;
}

function describeRequests(
	{ operation, options: { requestsPerSecond } }: Run,
	calls: readonly Call[],
): string {
	const requestsText = counted(calls.length, 'request');
	const rateText = `${requestsPerSecond} ${requestsPerSecond === 1 ? 'request' : 'requests'} per second`;
	const timeClause =
		requestsPerSecond > 0
			? `, ${aboutDuration((1000 * calls.length) / requestsPerSecond)} at ${rateText}`
			: '';
	// How many pages a list has is known only when the list is read.
	if (operation.paging !== undefined) {
		return `At least ${requestsText}${timeClause}`;
	}
	return `${operation.countPlanned(calls)}: ${requestsText}${timeClause}`;
}

function countPreview({ calls, sync, dueCallCount, blocked, tally }: Preview, place: Place) {
	const verdictCounts = sync && tally.verdictCounts;
	return presentMembers({
		DryRun: true,
		Customers: tally.customers,
		...verdictCounts,
		Gone: sync?.gone,
		...countDeviceChanges(calls),
		Requests: dueCallCount,
		StopCode: blocked?.code,
		Stop: blocked && shownText(writeEnglish(blocked.reason, place)),
		Advice: blocked && shownText(writeEnglish(blocked.advice, place)),
	});
}

/**
 * Counts the devices that would be added, would go and would stay, of all customers that would be sent. A customer whose devices at Tencent
 * are not known does not count; undefined if the devices of no customer are known.
 */
function countDeviceChanges(calls: Preview['calls']) {
	const plannedDeviceChanges = calls.flatMap(({ expectedStatus, deviceChanges }) => {
		return expectedStatus.Status === 'WOULD_SEND' && deviceChanges !== undefined ? [deviceChanges] : [];
	});
	if (!calls.some(({ deviceChanges }) => deviceChanges !== undefined)) {
		return undefined;
	}
	const countIn = (member: 'addedDeviceIds' | 'goneDevices' | 'keptDeviceIds') => {
		return plannedDeviceChanges.reduce((deviceCount, change) => deviceCount + change[member].length, 0);
	};
	return {
		DevicesAdded: countIn('addedDeviceIds'),
		DevicesGone: countIn('goneDevices'),
		DevicesKept: countIn('keptDeviceIds'),
	};
}
