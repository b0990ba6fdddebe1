import type { DeviceChanges, Found } from '../began';
import { isChecked, isTold, nothingToJudgeBy, planIdOf, type Stop, stopBy, trippedBy } from '../safetyChecks';
import { rePushesSince, type Verdict } from '../verdicts';
import { type Content, type CustomerRecord, devicesOf, forEachWithPauses, type Pause } from './content';
import type { StateHashes } from './hashes';
import { findDepartures } from './departures';
import type { NamedCustomer, NamedCustomers, SendableCustomer } from './named';
import { normalOf } from './normal';
import type { FoundState } from './readState';
import { countsOf, type SyncSettings } from './settings';

interface Compared
	extends Pick<
		Found,
		| 'verdicts'
		| 'failing'
		| 'untold'
		| 'recent'
		| 'lostDevices'
		| 'gone'
		| 'moved'
		| 'stopped'
		| 'passedPlan'
		| 'missing'
		| 'unnamed'
		| 'isChanged'
		| 'deviceChanges'
	> {
	/** Whether nobody is to be sent, and the state says of all customers what this run would leave. */
	isAsBefore: boolean;
	/** The hashes of the devices of those that are to be sent, by index. */
	hashed: ReadonlyMap<number, Buffer>;
}

/** Compares the rows with the state: who is to be sent, what the safety checks say, and what is to be reported. */
export async function compare(
	settings: SyncSettings,
	named: NamedCustomers,
	found: FoundState,
	minute: number,
	pause: Pause,
): Promise<Compared> {
	const { customers, withheld, leftOut } = named;
	const { content, ofAccount, last } = found;
	await pause();
	const isScheduled = rePushesSince(settings.pushAgainAfterDays, minute, last.minute);
	const verdicts = customers.map(({ before, fingerprint }) => {
		const verdict = verdictOf(before, fingerprint);
		const isDue = verdict === 'unchanged' && isScheduled(fingerprint, before?.minute ?? 0);
		return isDue ? 'due' : verdict;
	});
	await pause();
	const present = new Set([...customers, ...withheld, ...leftOut].map(({ key }) => key));
	const absent = await missingFrom(ofAccount, present, pause);
	const idsOfRecords = (isMeant: (record: CustomerRecord) => boolean) => {
		const meant = [...customers, ...withheld].filter(({ before }) => before !== undefined && isMeant(before));
		return new Set(idsOf(meant));
	};
	const failing = idsOfRecords(({ isReported }) => isReported);
	const compared = { content: ofAccount, named, verdicts, missing: absent, minute };
	const departures = await findDepartures(settings, compared, pause);
	const { moved, hashed, explained } = departures;
	const missing = absent.filter((key) => !explained.has(key));
	const stop = judge({ settings, named, found, verdicts, missing, departures });
	const isApproved = stop !== undefined && stop.planId === settings.checks.approvedPlan;
	const isNobodySent = !settings.sendAll && verdicts.every((verdict) => verdict === 'unchanged');
	const areRowsAsBefore =
		absent.length === 0 &&
		customers.every(({ before, fingerprint }) => before?.fingerprint === fingerprint) &&
		withheld.every(({ before }) => before?.status === 'withheld') &&
		leftOut.every(({ before }) => before?.status === 'withoutDevice');
	const counts = countsOf(settings);
	// Of another account nobody knows what the rows were.
	const isKnown = content === ofAccount;
	return {
		// A plan has nobody who is only due: what is sent is what was approved.
		verdicts: isApproved ? verdicts.map((verdict) => (verdict === 'due' ? 'unchanged' : verdict)) : verdicts,
		stopped: isApproved ? undefined : stop,
		passedPlan: isApproved ? stop.planId : undefined,
		missing,
		unnamed: explained,
		failing,
		untold: idsOfRecords(({ isUntold }) => isUntold === true),
		recent: idsOfRecords(({ recovered }) => recovered !== undefined && hasJustRecovered(recovered, minute)),
		lostDevices: new Set(idsOf(leftOut.filter(hadDevices))),
		gone: ofAccount && missing.length,
		moved,
		isChanged: isKnown ? !areRowsAsBefore : undefined,
		hashed,
		deviceChanges: settings.dryRun ? await compareDevices(customers, settings.hashes, pause) : undefined,
		isAsBefore:
			isNobodySent &&
			areRowsAsBefore &&
			found.condition === 'used' &&
			(settings.isManual || (moved.length === 0 && isReportKept(settings, named, failing))) &&
			content !== undefined &&
			countInRows(content) === counts.customers &&
			JSON.stringify(content.counts) === JSON.stringify(counts),
	};
}

/** Whether the state already notes exactly those customers as reported that fail now. */
function isReportKept(
	{ inPart }: SyncSettings,
	{ customers, withheld }: NamedCustomers,
	failing: ReadonlySet<string>,
): boolean {
	return (
		inPart.size === 0 &&
		!customers.some(({ before }) => before?.isReported === true || before?.isUntold === true) &&
		failing.size === withheld.length
	);
}

function idsOf(named: readonly NamedCustomer[]): string[] {
	return named.map(({ customerId }) => customerId);
}

/** A customer that fails again within this time after its recovery fails on and off: that is no news. Minutes. */
const EPISODE_MINUTES = 1440;

/** Whether a customer recovered so lately that a new failure is no news. A minute in the future was noted by a clock that was wrong. */
export function hasJustRecovered(recovered: number, minute: number): boolean {
	return recovered <= minute && minute - recovered < EPISODE_MINUTES;
}

/** How many customers of a state were in the last rows. */
function countInRows({ customers }: Content): number {
	let count = 0;
	for (const { status } of customers.values()) {
		if (status !== 'left') {
			count++;
		}
	}
	return count;
}

function verdictOf(record: CustomerRecord | undefined, fingerprint: string): Verdict {
	switch (record?.status) {
		case undefined:
		case 'gone':
		case 'left':
		case 'withoutDevice':
			return 'new';
		case 'accepted':
			return record.fingerprint === fingerprint ? 'unchanged' : 'changed';
		// Those in doubt go first, like those that were not sent.
		case 'doubt':
		case 'waiting':
			return 'waiting';
		case 'failed':
		case 'withheld':
			return 'failed';
	}
}

/** Whether a customer that has no device now is known to have had some. One that failed or was withheld may never have had any. */
function hadDevices({ before }: NamedCustomer): boolean {
	const status = before?.status;
	return status === 'accepted' || status === 'waiting' || status === 'doubt';
}

/** The hashes of the customers that were in the rows with a device, as far as that is known, and are not in them any more. */
async function missingFrom(
	content: Content | undefined,
	present: ReadonlySet<string>,
	pause: Pause,
): Promise<string[]> {
	const missing: string[] = [];
	await forEachWithPauses(content?.customers ?? [], pause, ([key, { status }]) => {
		if (status !== 'withoutDevice' && status !== 'left' && !present.has(key)) {
			missing.push(key);
		}
	});
	return missing;
}

/** What the safety checks go by. */
interface Judged {
	settings: SyncSettings;
	named: NamedCustomers;
	found: FoundState;
	verdicts: readonly Verdict[];
	/** The hashes of customers that are no longer in the rows. */
	missing: readonly string[];
	departures: Awaited<ReturnType<typeof findDepartures>>;
}

/** The safety checks. @returns why nothing is to be sent, unless exactly that was approved */
function judge(judged: Judged): Stop | undefined {
	const { settings, found } = judged;
	if (!isChecked(settings.checks)) {
		return undefined;
	}
	return found.content === undefined ? judgeWithoutState(judged) : judgeBy(found.content, judged);
}

/** Where nothing is known of what was sent before, a person has to say that everybody may be sent. */
function judgeWithoutState(judged: Judged): Stop | undefined {
	const { settings, found } = judged;
	const now = countsOf(settings);
	const code = found.condition === 'otherVersion' ? 'OTHER_VERSION' : 'STATE_LOST';
	const tripped = found.isLost ? nothingToJudgeBy(code, now.customers) : undefined;
	if (tripped === undefined) {
		return undefined;
	}
	const planId = planOf(judged, code);
	const { approvedPlan } = settings.checks;
	const stop = stopBy([tripped], planId, approvedPlan, wasStoppedBy(code, found));
	const requests = countPlanned(judged);
	return { ...stop, plan: { before: undefined, now, changes: undefined, requests } };
}

function judgeBy(content: Content, judged: Judged): Stop | undefined {
	const { settings, found, verdicts, missing, departures } = judged;
	const { customers } = judged.named;
	const { hashes, checks, rows } = settings;
	const { moved } = departures;
	const now = countsOf(settings, departures.explained.size);
	const isOfAccount = content === found.ofAccount;
	// Nothing is known of the customers that an interrupted first run had not named yet. What could not be read last time has not changed.
	const isComparable = ({ before }: SendableCustomer) => {
		const isKnown = before !== undefined && before.status !== 'left';
		return isOfAccount && (isKnown ? before.fingerprint !== '' : content.isComplete);
	};
	const comparable = customers.filter(isComparable);
	const differing = comparable.filter(({ before, fingerprint }) => before?.fingerprint !== fingerprint);
	const products = new Set([...rows.products.keys()].map((name) => hashes.product(name)));
	// Names that say nothing, or cannot be read for many devices, do not show which are missing.
	const isEachFound = !isTold(rows.products);
	const numbers = {
		before: content.counts,
		now,
		missing: isOfAccount && content.isComplete ? missingOf(content, judged) : undefined,
		normal: isOfAccount ? normalOf(content, settings.clock.nowMs()) : undefined,
		unnamed: rows.unnamed,
		productsFound: content.products.filter((product) => isEachFound || products.has(product)).length,
	};
	// What was sent under another customer in an earlier run is only still to be told.
	const moves = moved.filter(({ isSent }) => !isSent);
	const rowsJudged = {
		numbers,
		changes: { judged: comparable.length, changed: idsOf(differing) },
		moves: isOfAccount ? moves : undefined,
		present: idsOf(customers.slice(0, 5)),
	};
	const [first, ...further] = trippedBy(rowsJudged, checks);
	if (first === undefined) {
		return undefined;
	}
	const planId = planOf(judged, found.condition);
	const requests = countPlanned(judged);
	const stop = stopBy([first, ...further], planId, checks.approvedPlan, wasStoppedBy(first.code, found));
	if (!isOfAccount) {
		return { ...stop, plan: { before: content.counts, now, changes: undefined, requests } };
	}
	const added = idsOf(customers.filter((_, index) => verdicts[index] === 'new'));
	const addedIds = new Set(added);
	const changed = idsOf(differing).filter((customerId) => !addedIds.has(customerId));
	// A device that two customers had has moved once.
	const movedDevices = new Map(moves.map((move) => [move.device, move]));
	const changes = { added, changed, missing, moved: [...movedDevices.values()] };
	return { ...stop, plan: { before: content.counts, now, changes, requests } };
}

/** Who and what is missing, by sets. */
function missingOf(content: Content, { settings, named, missing, departures }: Judged) {
	const { lost, lostInPart } = departures;
	const wasSendable = (key: string) => content.customers.get(key)?.status !== 'withheld';
	return {
		customers: missing.length,
		sendable: missing.filter(wasSendable).length,
		withoutDevice: named.leftOut.filter(hadDevices).length,
		// A row that names no device may have had any of its customer.
		devices: lost + Math.max(0, lostInPart - (settings.rows.unnamed ?? 0)),
	};
}

/** How many requests a plan takes, without retries: one for each customer that it sends. */
function countPlanned({ settings, verdicts }: Judged): number {
	if (settings.sendAll) {
		return verdicts.length;
	}
	return verdicts.filter(isPlanned).length;
}

function wasStoppedBy(code: string, { last }: FoundState): boolean {
	return last.reported.stop === code;
}

/** Whether a plan has such a customer: who is only due depends on the hour, and a plan that was shown must be the one that is approved. */
function isPlanned(verdict: Verdict | undefined): boolean {
	return verdict !== 'unchanged' && verdict !== 'due';
}

/** Names what would be sent, and who is missing. The number of the state is in it, too, so that it passes once. */
function planOf({ named, found, verdicts, missing }: Judged, state: string): string {
	const sent = named.customers.filter((_, index) => isPlanned(verdicts[index]));
	const fingerprints = sent.map(({ fingerprint }) => fingerprint);
	const withheld = named.withheld.map(({ key }) => key);
	const leftOut = named.leftOut.map(({ key }) => key);
	return planIdOf([[state, String(found.last.stateNumber)], fingerprints, withheld, leftOut, missing]);
}

/** Compares the devices of each customer with those that the state has of it, for a Dry Run. */
async function compareDevices(
	customers: readonly SendableCustomer[],
	hashes: StateHashes,
	pause: Pause,
): Promise<DeviceChanges[]> {
	const owners = new Map<string, DeviceChanges['gone'][number]>();
	await forEachWithPauses(customers, pause, ({ customerId, devices }) => {
		for (const { DeviceId } of devices) {
			owners.set(hashes.device(DeviceId), { deviceId: DeviceId, to: customerId });
		}
	});
	const changes: DeviceChanges[] = [];
	await forEachWithPauses(customers, pause, ({ before, devices }) => {
		const missing = new Set(devicesOf(before));
		const added: string[] = [];
		const kept: string[] = [];
		for (const { DeviceId } of devices) {
			const wasThere = missing.delete(hashes.device(DeviceId));
			(wasThere ? kept : added).push(DeviceId);
		}
		const gone = [...missing].map((hash) => owners.get(hash) ?? { deviceId: undefined, to: undefined });
		changes.push({ added, kept, gone });
	});
	return changes;
}
