import { shownText } from '../../host/shown';
import { presentMembers } from '../../resources/operation/presentMembers';
import { inCommas, inCounts, ofRows, type Place, type Text, write } from '../../messages/text';
import { aboveZero, RUN } from '../../messages/run';
import { deviceTextsOf } from '../../sync/log/describeProof';
import { asStop } from '../../sync/stop';
import { failureLineOf, type NamedFailure } from './failures';
import {
	formerOwnerOf,
	lastReceiptsOfMissing,
	lastReceiptText,
	MOST_EXAMPLES,
	nameFormerOwner,
	showLastReceipt,
} from './gone';
import type { EndedRun } from './result';

/** An example names at most this many devices of its customer. */
const MOST_EXAMPLE_DEVICES = 3;

/** An example of what a plan would change, as the report shows it. */
interface PlanExample {
	Kind: 'new' | 'changed' | 'missing' | 'moved' | 'withheld';
	/** The customer. For a device that moves: its former customer, null if that customer is not known. */
	CustomerId: string | null;
	/**
	 * For a new or changed customer: its devices as they are in the rows, e.g. `PRODUCT/device · SN-0001 · Smart Lock`. For a device that moves:
	 * its DeviceId only.
	 */
	Devices: string[];
	/** For a device that moves: its new customer. */
	To?: string;
	/** For a customer that is missing: the outcome of its last receipt, e.g. `OK`. */
	LastOutcome?: string;
	/** When that outcome was known, UTC: `2026-11-28T19:25:01.123Z`. */
	LastAt?: string;
	/** The RequestId of that receipt; left out if no request was made. */
	LastRequestId?: string;
	/** For a customer that is withheld: why, in English and Chinese. */
	Reason?: string;
	ReasonZh?: string;
}

/** An example of what a plan would change. */
interface Example {
	/** The example as the report shows it. */
	shownExample: PlanExample;
	/** The example as a line of the form in which a person approves the plan. */
	line: Text;
}

/**
 * Describes what a Sync that a safety check stopped would do, for the person who approves the plan. Numbers that are not known are left out.
 * @param failures all failures of the run: a failure with findings is a withheld customer
 * @returns the lines of the approval form, and the plan as a member of the run's report; undefined if no safety check stopped the run
 */
export function reportPlan(run: EndedRun, failures: readonly NamedFailure[], place: Place) {
	const stop = asStop(run.blocked);
	if (stop?.planFacts === undefined) {
		return undefined;
	}
	const { before, now, changes, requestCount } = stop.planFacts;
	const examples = place === 'everything' ? examplesOf(run, failures) : [];
	const countTexts: Text[] = [];
	const changeCounts = changes && {
		New: changes.newIds.length,
		Changed: changes.changedIds.length,
		Missing: changes.missingKeys.length,
		MovedDevices: changes.movedDevices.length,
	};
	if (changeCounts !== undefined) {
		const { New: added, Changed: changed, Missing: count } = changeCounts;
		countTexts.push(RUN.plan.changed({ added, changed }), RUN.plan.missing({ count }));
	}
	countTexts.push(RUN.plan.withheld({ count: now.withheld }));
	const lines: Text[] = [
		stop.reason,
		RUN.plan.customers({ before: before?.customers, now: now.customers, counts: inCounts(countTexts) }),
		RUN.plan.devices({
			before: before?.devices,
			now: now.devices,
			moved: aboveZero(changeCounts?.MovedDevices ?? 0),
		}),
		...examples.map(({ line }) => line),
		requestCount === 0 ? RUN.plan.approveMissing() : RUN.plan.approve({ requests: requestCount }),
		before === undefined ? RUN.plan.rejectWithoutState() : RUN.plan.reject(),
	];
	const bilingualLines = lines.map((line) => write(line, place));
	const english = bilingualLines.map(([line]) => shownText(line));
	const chinese = bilingualLines.map(([, line]) => shownText(line));
	const report = presentMembers({
		/** The plan ID that the option 'Approved Plan' takes. */
		PlanId: stop.planId,
		/** The code of the safety check that stopped the run. */
		Code: stop.code,
		/** Numbers of customers that are new, changed or missing since the last run, and of devices that moved. */
		...changeCounts,
		/** The number of customers that are withheld because of invalid rows. */
		Withheld: now.withheld,
		CustomersBefore: before?.customers,
		DevicesBefore: before?.devices,
		CustomersNow: now.customers,
		DevicesNow: now.devices,
		/** The number of requests, including the requests for customers that earlier runs left or failed to send. */
		Requests: requestCount,
		/** The first examples of each kind of change; empty if customers must not be named. */
		Examples: examples.map(({ shownExample }) => shownExample),
		/** The whole plan as the text of a form: lines in Chinese, then in English. */
		Text: [...chinese, '', ...english].join('\n'),
	});
	return { report, lines: { english, chinese } };
}

function examplesOf(run: EndedRun, failures: readonly NamedFailure[]): Example[] {
	const { newIds = [], changedIds = [] } = asStop(run.blocked)?.planFacts?.changes ?? {};
	return [
		...differingExamples(run, 'new', newIds),
		...differingExamples(run, 'changed', changedIds),
		...missingExamples(run),
		...movedExamples(run),
		...withheldExamples(failures),
	];
}

/** Makes examples of a plan's new customers, or of its changed ones. @param differingIds the ids of all new (or changed) customers */
function differingExamples(
	{ calls }: EndedRun,
	kind: 'new' | 'changed',
	differingIds: readonly string[],
): Example[] {
	const wantedIds = new Set(differingIds);
	const differingCustomers = calls.flatMap(({ call: { customer } }) => {
		return customer !== undefined && wantedIds.has(customer.id) ? customer : [];
	});
	return differingCustomers.slice(0, MOST_EXAMPLES).map(({ id, devices }): Example => {
		const firstDevices = devices.slice(0, MOST_EXAMPLE_DEVICES);
		const deviceTexts = deviceTextsOf(firstDevices).map((text) => shownText(text));
		if (devices.length > MOST_EXAMPLE_DEVICES) {
			deviceTexts.push('…');
		}
		const facts = { id: ofRows(shownText(id)), change: inCommas(deviceTexts.map((text) => ofRows(text))) };
		const line = kind === 'new' ? RUN.plan.new(facts) : RUN.plan.changedExample(facts);
		return { shownExample: { Kind: kind, CustomerId: shownText(id), Devices: deviceTexts }, line };
	});
}

/** Makes examples of customers that are missing from the rows. The state has only their hashes, so the log must have their ids. */
function missingExamples(run: EndedRun): Example[] {
	return lastReceiptsOfMissing(run)
		.slice(0, MOST_EXAMPLES)
		.map((receipt): Example => {
			const line = RUN.plan.missingExample({ change: lastReceiptText(receipt, run.timezone) });
			return { shownExample: { Kind: 'missing', Devices: [], ...showLastReceipt(receipt) }, line };
		});
}

function movedExamples({ blocked, lastReceiptsOfGone }: EndedRun): Example[] {
	const movedDevices = asStop(blocked)?.planFacts?.changes?.movedDevices ?? [];
	return movedDevices.slice(0, MOST_EXAMPLES).map((move): Example => {
		const device = shownText(move.deviceId);
		const newOwner = shownText(move.newOwnerId);
		const formerOwner = formerOwnerOf(move, lastReceiptsOfGone);
		const line = RUN.plan.movedExample({
			device: ofRows(device),
			from: nameFormerOwner(move, lastReceiptsOfGone),
			to: ofRows(newOwner),
		});
		const CustomerId = formerOwner === undefined ? null : shownText(formerOwner);
		return { shownExample: { Kind: 'moved', CustomerId, Devices: [device], To: newOwner }, line };
	});
}

function withheldExamples(failures: readonly NamedFailure[]): Example[] {
	const withheldFailures = failures.filter(({ findings }) => findings !== undefined);
	const failuresWithIds = withheldFailures.flatMap((failure) =>
		failure.callName === undefined ? [] : { ...failure, id: failure.callName },
	);
	return failuresWithIds.slice(0, MOST_EXAMPLES).map((failure): Example => {
		const failureLine = failureLineOf(failure);
		const [english, chinese] = write(failureLine, 'everything');
		const id = shownText(failure.id);
		const reasons = { Reason: shownText(english), ReasonZh: shownText(chinese) };
		const line = RUN.plan.withheldExample({ id: ofRows(id), change: failureLine });
		return { shownExample: { Kind: 'withheld', CustomerId: id, Devices: [], ...reasons }, line };
	});
}
