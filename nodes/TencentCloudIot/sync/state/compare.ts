import type { Failure } from '../../service/outcome';
import type { Found, StateCondition } from '../began';
import { stopNumber } from '../health';
import {
	FEWEST_CUSTOMERS,
	isChecked,
	isTold,
	nothingToJudgeBy,
	planIdOf,
	stopBy,
	tooFewCustomers,
	tooFewDevices,
	tooFewProducts,
	tooManyChanges,
} from '../safetyChecks';
import { rePushesSince, type Verdict } from '../verdicts';
import type { Content, CustomerRecord } from './content';
import { HASH_BYTES } from './hashes';
import type { Last } from './last';
import { countsOf, type SyncSettings } from './settings';

/** The state as a run has found it. */
export interface FoundState {
	condition: StateCondition;
	/** Whether there was a state, and nobody knows what it said. */
	isLost: boolean;
	/** With what an interrupted run has added; undefined where there is none. */
	content: Content | undefined;
	last: Last | undefined;
	/** Names the rows that it was read from: others after each run that has sent, and after a loss. */
	rowIds: string;
}

/** A device that another customer had. */
export interface Moved {
	deviceId: string;
	/** Who had it; undefined for a customer that is not in the rows any more. */
	from: string | undefined;
	to: string;
}

interface Compared extends Pick<Found, 'verdicts' | 'failing' | 'lostDevices' | 'gone' | 'stopped'> {
	moved: readonly Moved[];
	/** Whether nobody is to be sent, and the state says of all customers what this run would leave. */
	isAsBefore: boolean;
}

/** Compares the rows with the state: who is to be sent, what the safety checks say, and what is to be reported. */
export function compare(settings: SyncSettings, found: FoundState, minute: number): Compared {
	const { condition, content, last } = found;
	const { hashes, customers, withheld, leftOut, inPart, sendAll, isManual } = settings;
	const isOfAccount = content?.account === hashes.account;
	const known = isOfAccount ? content.customers : new Map<string, CustomerRecord>();
	const recordOf = (customerId: string) => known.get(hashes.customer(customerId));
	const records = customers.map(({ customerId }) => recordOf(customerId));
	const isScheduled = rePushesSince(settings.pushAgainAfterDays, minute, last?.minute);
	const verdicts = customers.map(({ fingerprint }, index) => {
		const verdict = verdictOf(records[index], fingerprint);
		return verdict === 'unchanged' && isScheduled(fingerprint) ? 'due' : verdict;
	});
	const ofWithheld = withheld.map(recordOf);
	const ofLeftOut = leftOut.map(recordOf);
	const present = [...records, ...ofWithheld, ...ofLeftOut].filter((record) => record && hasDevices(record));
	const before = [...known.values()].filter(hasDevices).length;
	const reported = (ids: readonly string[], of: ReadonlyArray<CustomerRecord | undefined>) =>
		ids.filter((_, index) => of[index]?.isReported);
	const idsOf = customers.map(({ customerId }) => customerId);
	const failing = new Set([...reported(idsOf, records), ...reported(withheld, ofWithheld)]);
	const lostDevices = leftOut.filter((_, index) => {
		const record = ofLeftOut[index];
		// One that failed or was withheld may never have had a device.
		return record && hasDevices(record) && record.status !== 'failed' && record.status !== 'withheld';
	});
	const counts = countsOf(settings);
	const isAsBefore =
		condition === 'used' &&
		!sendAll &&
		verdicts.every((verdict) => verdict === 'unchanged') &&
		ofWithheld.every((record) => record?.status === 'withheld') &&
		ofLeftOut.every((record) => record?.status === 'withoutDevice') &&
		known.size === counts.customers &&
		// Else it is to be left of somebody that its failing was reported, or that this is over.
		(isManual || (inPart.size === 0 && reported(idsOf, records).length === 0 && failing.size === withheld.length)) &&
		JSON.stringify(content?.counts) === JSON.stringify(counts);
	return {
		verdicts,
		stopped: judge(settings, found, records, verdicts),
		failing,
		lostDevices: new Set(lostDevices),
		gone: isOfAccount ? before - present.length : undefined,
		moved: movedDevices(settings, known, verdicts),
		isAsBefore,
	};
}

function verdictOf(record: CustomerRecord | undefined, fingerprint: string): Verdict {
	switch (record?.status) {
		case undefined:
		case 'withoutDevice':
			return 'new';
		case 'accepted':
			return record.fingerprint === fingerprint ? 'unchanged' : 'changed';
		// Those in doubt go first, like those that were not sent.
		case 'doubt':
		case 'waiting':
			return 'waiting';
		default:
			return 'failed';
	}
}

/** Whether the customer was in the rows with a device, as far as that is known. */
function hasDevices({ status }: CustomerRecord): boolean {
	return status !== 'withoutDevice';
}

/** The safety checks. @returns why nothing is to be sent */
function judge(
	settings: SyncSettings,
	{ condition, isLost, content, last, rowIds }: FoundState,
	records: ReadonlyArray<CustomerRecord | undefined>,
	verdicts: readonly Verdict[],
): Failure | undefined {
	const { hashes, customers, withheld, checks, rows } = settings;
	if (!isChecked(checks)) return undefined;
	const now = countsOf(settings);
	const planOf = (state: string) => {
		const unsent = withheld.map((customerId) => hashes.customer(customerId));
		return planIdOf(customers.map(({ fingerprint }) => fingerprint), unsent, `${state} ${rowIds}`);
	};
	const isAgain = (code: string) => last?.reported.stop === stopNumber({ code });
	if (content === undefined) {
		if (!isLost || (condition === 'otherVersion' && now.customers < FEWEST_CUSTOMERS)) return undefined;
		const code = condition === 'otherVersion' ? 'OTHER_VERSION' : 'STATE_LOST';
		const planId = planOf(code);
		if (planId === checks.approvedPlan) return undefined;
		const plan = { before: undefined, now, judged: 0, changed: [] };
		return { ...stopBy([nothingToJudgeBy(code)], planId, checks.approvedPlan, isAgain(code)), plan };
	}
	const isOfAccount = content.account === hashes.account;
	const isKnown = (index: number) => isOfAccount && (records[index] === undefined || records[index].fingerprint !== '');
	const judged = [...customers.keys()].filter(isKnown);
	const differing = judged.filter((index) => records[index]?.fingerprint !== customers[index]!.fingerprint);
	const changed = differing.map((index) => customers[index]!.customerId);
	const added = differing.filter((index) => verdicts[index] === 'new').map((index) => customers[index]!.customerId);
	const products = new Set([...rows.products.keys()].map((name) => hashes.product(name)));
	const numbers = {
		before: content.counts,
		now,
		unnamed: rows.unnamed,
		// Names that say nothing, or cannot be read for many devices, do not show which are missing.
		productsFound: isTold(rows.products)
			? content.products.filter((product) => products.has(product)).length
			: content.counts.products,
	};
	const present = customers.slice(0, 3).map(({ customerId }) => customerId);
	const ofChanges = { judged: judged.length, changed };
	const [first, ...others] = [
		tooFewCustomers(numbers, checks, { present, withheldIds: withheld }),
		tooFewDevices(numbers, checks, ofChanges),
		...(isOfAccount
			? [tooManyChanges(numbers, checks, ofChanges), tooFewProducts(numbers, checks, ofChanges)]
			: []),
	].flatMap((tripped) => tripped ?? []);
	const planId = planOf(condition);
	if (first === undefined || planId === checks.approvedPlan) return undefined;
	const plan = { before: content.counts, now, judged: judged.length, changed, added };
	return { ...stopBy([first, ...others], planId, checks.approvedPlan, isAgain(first.code)), plan };
}

/** The devices of those that are new or changed that somebody else had. */
function movedDevices(
	{ hashes, customers, withheld, leftOut }: SyncSettings,
	known: ReadonlyMap<string, CustomerRecord>,
	verdicts: readonly Verdict[],
): Moved[] {
	const sent = new Map<string, { deviceId: string; to: string }>();
	for (const [index, { customerId, devices }] of customers.entries()) {
		if (verdicts[index] !== 'new' && verdicts[index] !== 'changed') continue;
		for (const { DeviceId } of devices) sent.set(hashes.device(DeviceId), { deviceId: DeviceId, to: customerId });
	}
	if (sent.size === 0 || known.size === 0) return [];
	const all = [...customers.map(({ customerId }) => customerId), ...withheld, ...leftOut];
	const ids = new Map(all.map((customerId) => [hashes.customer(customerId), customerId]));
	return [...known].flatMap(([customer, { devices }]) => {
		const from = ids.get(customer);
		return devicesOf(devices).flatMap((device): Moved[] => {
			const moved = sent.get(device);
			return moved === undefined || moved.to === from ? [] : [{ ...moved, from }];
		});
	});
}

/** The hashes of the devices of a record. */
function devicesOf(devices: Buffer): string[] {
	return Array.from({ length: devices.length / HASH_BYTES }, (_, index) =>
		devices.toString('base64url', index * HASH_BYTES, (index + 1) * HASH_BYTES),
	);
}
