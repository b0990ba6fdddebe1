import type { Found, StateCondition } from '../began';
import type { Last } from '../last';
import {
	FEWEST_CUSTOMERS,
	isChecked,
	isTold,
	nothingToJudgeBy,
	planIdOf,
	type Stop,
	stopBy,
	tooFewCustomers,
	tooFewDevices,
	tooFewProducts,
	tooManyChanges,
	tooManyMoves,
} from '../safetyChecks';
import { rePushesSince, type Verdict } from '../verdicts';
import { type Content, type CustomerRecord, forEachWithPauses, type Pause } from './content';
import { type Departures, findDepartures } from './departures';
import { compareDevices } from './deviceChanges';
import type { KeyedCustomers } from './keyed';
import { normalOf } from './normal';
import { countsOf, type SyncSettings } from './settings';

/** The state as a run has found it. */
export interface FoundState {
	condition: StateCondition;
	/** Whether the node had a state that is gone, or that cannot be read. */
	isLost: boolean;
	/** With what interrupted runs have added. Of another account where this one has none; undefined where there is none at all. */
	content: Content | undefined;
	last: Last;
}

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
	hashed: Departures['hashed'];
}

/** Compares the rows with the state: who is to be sent, what the safety checks say, and what is to be reported. */
export async function compare(
	settings: SyncSettings,
	keyed: KeyedCustomers,
	found: FoundState,
	minute: number,
	pause: Pause,
): Promise<Compared> {
	const { customers, withheld, leftOut, hashes, sendAll } = settings;
	const { content, last } = found;
	const ofAccount = content?.account === hashes.account ? content : undefined;
	const recordsOf = (keys: readonly string[]) => keys.map((key) => ofAccount?.customers.get(key));
	const records = {
		customers: recordsOf(keyed.customers),
		withheld: recordsOf(keyed.withheld),
		leftOut: recordsOf(keyed.leftOut),
	};
	await pause();
	const isScheduled = rePushesSince(settings.pushAgainAfterDays, minute, last.minute);
	const verdicts = customers.map(({ fingerprint }, index) => {
		const verdict = verdictOf(records.customers[index], fingerprint);
		return verdict === 'unchanged' && isScheduled(fingerprint) ? 'due' : verdict;
	});
	await pause();
	const present = new Set([...keyed.customers, ...keyed.withheld, ...keyed.leftOut]);
	const absent = await missingFrom(ofAccount, present, pause);
	const idsWith = (isMeant: (record: CustomerRecord) => boolean) => {
		const isMeantAt = (found: CustomerRecord | undefined) => found !== undefined && isMeant(found);
		return new Set([
			...customers.flatMap(({ customerId }, index) =>
				isMeantAt(records.customers[index]) ? customerId : [],
			),
			...withheld.filter((_, index) => isMeantAt(records.withheld[index])),
		]);
	};
	const failing = idsWith(({ isReported }) => isReported);
	const compared = { content: ofAccount, keyed, records, verdicts, missing: absent, minute };
	const departures = await findDepartures(settings, compared, pause);
	const { moved, hashed, explained } = departures;
	const missing = absent.filter((key) => !explained.has(key));
	const stop = judge({ settings, keyed, found, records, verdicts, missing, departures });
	const isApproved = stop !== undefined && stop.planId === settings.checks.approvedPlan;
	const isNobodySent = !sendAll && verdicts.every((verdict) => verdict === 'unchanged');
	return {
		// A plan has nobody who is only due: what is sent is what was approved.
		verdicts: isApproved ? verdicts.map((verdict) => (verdict === 'due' ? 'unchanged' : verdict)) : verdicts,
		stopped: isApproved ? undefined : stop,
		passedPlan: isApproved ? stop.planId : undefined,
		missing,
		unnamed: explained,
		failing,
		untold: idsWith(({ isUntold }) => isUntold === true),
		recent: idsWith(({ recovered }) => recovered !== undefined && hasJustRecovered(recovered, minute)),
		lostDevices: new Set(leftOut.filter((_, index) => hadDevices(records.leftOut[index]))),
		gone: ofAccount && missing.length,
		moved,
		isChanged: hasChanged({ settings, found, records, missing: absent }),
		hashed,
		deviceChanges: settings.dryRun ? await compareDevices(settings, records.customers, pause) : undefined,
		isAsBefore:
			isNobodySent &&
			found.condition === 'used' &&
			(moved.length === 0 || settings.isManual) &&
			leavesAsItIs(settings, content, records, failing),
	};
}

type Records = Readonly<Record<keyof KeyedCustomers, ReadonlyArray<CustomerRecord | undefined>>>;

/** Whether a run that sends nobody would leave the same state. */
function leavesAsItIs(
	settings: SyncSettings,
	content: Content | undefined,
	records: Records,
	failing: ReadonlySet<string>,
): boolean {
	const { isManual, inPart, withheld } = settings;
	const counts = countsOf(settings);
	// Else it is to be left of somebody that its failing was reported, or that this is over.
	const isReportLeft =
		isManual ||
		(inPart.size === 0 &&
			!records.customers.some((record) => record?.isReported || record?.isUntold) &&
			failing.size === withheld.length);
	return (
		isReportLeft &&
		records.withheld.every((record) => record?.status === 'withheld') &&
		records.leftOut.every((record) => record?.status === 'withoutDevice') &&
		content !== undefined &&
		countInRows(content) === counts.customers &&
		JSON.stringify(content.counts) === JSON.stringify(counts)
	);
}

/** Whether the rows are others than those of the last run. @returns undefined where nobody knows: the state is of another account */
function hasChanged({
	settings: { customers, hashes },
	found: { content },
	records,
	missing,
}: {
	settings: SyncSettings;
	found: FoundState;
	records: Records;
	missing: readonly string[];
}): boolean | undefined {
	if (content !== undefined && content.account !== hashes.account) {
		return undefined;
	}
	return (
		missing.length > 0 ||
		records.customers.some((record, index) => record?.fingerprint !== customers[index]?.fingerprint) ||
		records.withheld.some((record) => record?.status !== 'withheld') ||
		records.leftOut.some((record) => record?.status !== 'withoutDevice')
	);
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
function hadDevices(record: CustomerRecord | undefined): boolean {
	const status = record?.status;
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
	keyed: KeyedCustomers;
	found: FoundState;
	records: Records;
	verdicts: readonly Verdict[];
	/** The hashes of customers that are no longer in the rows. */
	missing: readonly string[];
	departures: Departures;
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
	const isSmall = code === 'OTHER_VERSION' && now.customers < FEWEST_CUSTOMERS;
	if (!found.isLost || isSmall) {
		return undefined;
	}
	const planId = planOf(judged, code);
	const { approvedPlan } = settings.checks;
	const stop = stopBy([nothingToJudgeBy(code)], planId, approvedPlan, wasStoppedBy(code, found));
	const requests = countPlanned(judged);
	return { ...stop, plan: { before: undefined, now, changes: undefined, requests } };
}

function judgeBy(content: Content, judged: Judged): Stop | undefined {
	const { settings, found, verdicts, missing, departures } = judged;
	const { hashes, customers, checks, rows } = settings;
	const { moved } = departures;
	const records = judged.records.customers;
	const now = countsOf(settings, departures.explained.size);
	const isOfAccount = content.account === hashes.account;
	// Nothing is known of the customers that an interrupted first run had not named yet. What could not be read last time has not changed.
	const isJudged = (index: number) => {
		const record = records[index];
		const isKnown = record !== undefined && record.status !== 'left';
		return isOfAccount && (isKnown ? record.fingerprint !== '' : content.isComplete);
	};
	const indexes = [...customers.keys()].filter(isJudged);
	const differing = indexes.filter((index) => records[index]?.fingerprint !== customers[index]?.fingerprint);
	const idsOf = (some: readonly number[]) => some.flatMap((index) => customers[index]?.customerId ?? []);
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
	const present = customers.slice(0, 5).map(({ customerId }) => customerId);
	const ofChanges = { judged: indexes.length, changed: idsOf(differing) };
	const tripped = [tooFewCustomers(numbers, checks, present)];
	const fewDevices = tooFewDevices(numbers, checks, ofChanges);
	// Devices that others have replaced are a wrong column rather than rows that are missing: then that is the first advice.
	const isDrop = 2 * (content.counts.devices - now.devices) >= (numbers.missing?.devices ?? 0);
	if (isDrop) {
		tripped.push(fewDevices);
	}
	if (isOfAccount) {
		// What was sent under another customer in an earlier run is only still to be told.
		const moves = moved.filter(({ isSent }) => !isSent);
		tripped.push(
			tooManyChanges(numbers, checks, ofChanges),
			tooManyMoves(numbers, checks, moves),
			tooFewProducts(numbers, checks, ofChanges),
		);
	}
	if (!isDrop) {
		tripped.push(fewDevices);
	}
	const [first, ...further] = tripped.filter((check) => check !== undefined);
	if (first === undefined) {
		return undefined;
	}
	const planId = planOf(judged, found.condition);
	const requests = countPlanned(judged);
	const stop = stopBy([first, ...further], planId, checks.approvedPlan, wasStoppedBy(first.code, found));
	if (!isOfAccount) {
		return { ...stop, plan: { before: content.counts, now, changes: undefined, requests } };
	}
	const isNew = (index: number) => verdicts[index] === 'new';
	const added = idsOf([...customers.keys()].filter(isNew));
	const changed = idsOf(differing.filter((index) => !isNew(index)));
	// A device that two customers had has moved once.
	const movedDevices = new Map(moved.flatMap((move) => (move.isSent ? [] : [[move.device, move]])));
	const changes = { added, changed, missing, moved: [...movedDevices.values()] };
	return { ...stop, plan: { before: content.counts, now, changes, requests } };
}

/** Who and what is missing, by sets. */
function missingOf(content: Content, { settings, records, missing, departures }: Judged) {
	const { lost, lostInPart } = departures;
	const wasSendable = (key: string) => content.customers.get(key)?.status !== 'withheld';
	return {
		customers: missing.length,
		sendable: missing.filter(wasSendable).length,
		withoutDevice: records.leftOut.filter(hadDevices).length,
		// A row that names no device may have had any of its customer.
		devices: lost + Math.max(0, lostInPart - (settings.rows.unnamed ?? 0)),
	};
}

/** How many requests a plan takes, without retries: one for each customer that it sends. */
function countPlanned({ settings, verdicts }: Judged): number {
	if (settings.sendAll) {
		return verdicts.length;
	}
	return verdicts.filter((verdict) => verdict !== 'unchanged' && verdict !== 'due').length;
}

function wasStoppedBy(code: string, { last }: FoundState): boolean {
	return last.reported.stop === code;
}

/**
 * Names what would be sent, and who is missing: what is scheduled only by the hour is left out, since a plan that was shown must be the
 * one that is approved. The number of the state is in it, too, so that it passes once.
 */
function planOf({ settings, keyed, found, verdicts, missing }: Judged, state: string): string {
	const sent = settings.customers.flatMap(({ fingerprint }, index) => {
		const verdict = verdicts[index];
		return verdict === 'unchanged' || verdict === 'due' ? [] : fingerprint;
	});
	const { withheld, leftOut } = keyed;
	return planIdOf([[state, String(found.last.stateNumber)], sent, withheld, leftOut, missing]);
}
