import type { Failure } from '../../service/outcome';
import { stopNumber } from '../health';
import {
	FEWEST_CUSTOMERS,
	isChecked,
	isTold,
	missedProducts,
	nothingToJudgeBy,
	planIdOf,
	type RowCounts,
	stopBy,
	tooFewCustomers,
	tooFewDevices,
	tooFewProducts,
	tooManyChanges,
} from '../safetyChecks';
import { entryOf, NumberEntries } from './entries';
import type { LastRun } from './lastRun';
import type { Lease } from './lease';
import { countsOf, type SyncSettings } from './settings';

/** The baselines that a state may have. What is put in the place of a state in one UPDATE must be new there: those in progress take turns. */
const SETS = ['closed', 'a', 'b'] as const;
type BaselineSet = (typeof SETS)[number];

/** To read a copy of a baseline is to record it: a run that dies before it has taken that back has spent it, and the next one reads another. */
const COPIES = [0, 1, 2] as const;

/** A state that this run has claimed, what for, and what it says of the last run. */
export interface Opened {
	settings: SyncSettings;
	lease: Lease;
	lastRun: LastRun;
	/** Whether another run has asked this state in progress, and died: no baseline is known to be new there. */
	isAsked: boolean;
	/** The baseline that the rows were judged by, once they are; it stays until another one stands in the place of the state. */
	judgedBy?: BaselineSet;
	/** When this run began, minutes since 1970. */
	minute: number;
}

/** The largest sample of the customers, and the smallest: its share is right within ten percent, nineteen times in twenty. */
const LARGEST_SAMPLE = 500;
const SMALLEST_SAMPLE = 100;

/** Removing entries takes time for each pair of a removed and a kept one: 3 seconds for this many pairs. */
export const MOST_PAIRS = 100_000_000;

/** The names of a baseline's numbers, and what each is below. */
const BELOW: Readonly<Record<keyof RowCounts, number>> = {
	customers: 2 ** 22,
	withheld: 2 ** 22,
	leftOut: 2 ** 22,
	devices: 2 ** 26,
	products: 2 ** 8,
};
const NAMES = Object.keys(BELOW) as Array<keyof RowCounts>;

/**
 * One copy of a baseline: what the safety checks judge the next rows by. It has counts, product names, and what was accepted
 * last of a sample of the customers. Nobody but the checks queries it: what a comparison has queried never looks accepted.
 */
export class BaselineEntries {
	/** It is about this account; the counts are those of any. */
	readonly account: string;
	readonly #copy: string;
	readonly #numbers: NumberEntries<keyof RowCounts>;

	/** @param copy one of a set @param account its entry */
	constructor(copy: string, account: string) {
		this.#copy = `baseline ${copy}`;
		this.account = entryOf([this.#copy, 'account', account]);
		this.#numbers = new NumberEntries(BELOW, `${this.#copy} `);
	}

	/** A run has queried this part of the copy. In one write with the queries: whoever finds it knows that they are no answers. */
	spent(part: 'sample' | 'unknown'): string {
		return entryOf([this.#copy, 'spent', part]);
	}

	/** Exactly these devices were accepted last of a customer. @param fingerprint from `StateEntries.fingerprint` */
	accepted(fingerprint: string): string {
		return entryOf([this.#copy, 'accepted', fingerprint]);
	}

	/** Nobody knows what was accepted last of a customer. @param known its entry */
	unknown(known: string): string {
		return entryOf([this.#copy, 'unknown', known]);
	}

	/** The rows had at least 20 devices with this product name. */
	product(name: string): string {
		return entryOf([this.account, 'product', name]);
	}

	/** The rows had exactly these counts. */
	same(counts: RowCounts): string {
		return entryOf([this.#copy, 'counts', ...NAMES.map((name) => String(counts[name]))]);
	}

	/** The entries of the counts. */
	encode(counts: RowCounts): string[] {
		return [this.same(counts), ...this.#numbers.encode(counts)];
	}

	/** All counts that there may be. */
	get digits(): string[] {
		return this.#numbers.all();
	}

	/** @returns undefined where one is not there, or not clear */
	decode(there: ReadonlySet<string>): RowCounts | undefined {
		const counts = this.#numbers.decode(there);
		return NAMES.every((name) => counts[name] !== undefined) ? (counts as RowCounts) : undefined;
	}
}

/**
 * Whether a customer belongs to the sample of this number of customers. Two runs sample the same ones, as far as both have them: the
 * sample of more customers is a part of that of fewer.
 */
export function isSampled(customerId: string, customers: number): boolean {
	return positionOf(customerId) * customers < sampleSize(customers);
}

/** The customers, by index, of the sample of this number of customers. */
function sampledOf({ customers }: SyncSettings, of: number): number[] {
	return [...customers.keys()].filter((index) => isSampled(customers[index]!.customerId, of));
}

/** How many customers are sampled, on average. */
export function sampleSize(customers: number): number {
	return Math.min(LARGEST_SAMPLE, Math.max(SMALLEST_SAMPLE, Math.floor(MOST_PAIRS / customers)));
}

/** Spreads ids evenly over [0, 1): FNV-1a with the finalizer of MurmurHash3, a hundredth of the time of a SHA-256. */
function positionOf(customerId: string): number {
	let hash = 0x811c9dc5;
	for (let index = 0; index < customerId.length; index++) {
		hash = Math.imul(hash ^ customerId.charCodeAt(index), 0x01000193);
	}
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** What the last run that ended left for the safety checks. */
export interface Baseline {
	copy: BaselineEntries;
	/** What its rows had. */
	counts: RowCounts;
	/** Whether those of this run have the same. */
	isSame: boolean;
	/** Whether it pushed to this account: what it had accepted says nothing of another one. */
	isOfAccount: boolean;
	/** Product names of this run that it had. */
	productsFound: number;
	/** Customers of this run that both sampled, by index. */
	sample: readonly number[];
	/** Those of them for which exactly what is in the rows was accepted last. */
	asAccepted: ReadonlySet<number>;
}

/** Every check that tripped, the likeliest cause first. */
type AllTripped = Parameters<typeof stopBy>[0];

/** Another run has queried the copy of the baseline. */
const SPENT = 'spent';

/** The entries of each copy of a set. */
export function copiesOf(set: BaselineSet, account: string): BaselineEntries[] {
	return COPIES.map((copy) => new BaselineEntries(`${set} ${copy}`, account));
}

/**
 * Judges the rows by the baseline of the last run that ended, whatever other runs have done to the state since. Where there
 * has to be one and it cannot be read, nothing is to be sent.
 * @returns why nothing is to be sent, and what the baseline knows
 */
export async function judgeRows(
	opened: Opened,
): Promise<{ baseline?: Baseline | undefined; stopped: Failure | undefined }> {
	const { settings, lastRun, lease } = opened;
	const { entries, checks, note } = settings;
	let isSpent = false;
	for (const set of lease.isClosed ? (['closed'] as const) : SETS) {
		const copies = copiesOf(set, entries.account);
		// Claims ask the first copy before they own the state: what stands there counts in a closed state alone.
		if (set === 'closed' && !lease.isClosed) copies.shift();
		let isThere = true;
		for (const copy of copies) {
			const baseline = await readCopy(copy, opened);
			isThere = baseline !== undefined;
			if (baseline === undefined) break;
			if (baseline === SPENT) continue;
			const tripped = isChecked(checks) ? await judgeBy(baseline, opened) : undefined;
			if (tripped === SPENT) continue;
			opened.judgedBy = set;
			return { baseline, stopped: tripped && (await stopFor(tripped, opened, baseline)) };
		}
		isSpent ||= isThere;
	}
	const isOther = lastRun.state === 'otherVersion';
	const isMany = countsOf(settings).customers >= FEWEST_CUSTOMERS;
	if (!isChecked(checks) || !(isOther ? isMany : isSpent || (await note?.read()) !== undefined))
		return { stopped: undefined };
	const tripped = nothingToJudgeBy(isOther ? 'OTHER_VERSION' : 'STATE_LOST');
	return { stopped: await stopFor([tripped], opened) };
}

/**
 * Undefined where the plan is approved: what is new of each state lets it pass once. Where that cannot be read, an approved plan
 * makes another one of what is noted before anything is sent.
 */
async function stopFor(
	tripped: AllTripped,
	{ settings, lastRun, lease }: Opened,
	baseline?: Baseline,
): Promise<Failure | undefined> {
	const { entries, customers, withheld, checks, note, dryRun } = settings;
	const [{ code }] = tripped;
	const known = code === 'STATE_LOST' ? undefined : code === 'OTHER_VERSION' ? lease.found : lastRun.novelty;
	const novelty = known ?? `noted ${await note?.read()}`;
	const fingerprints = customers.map(({ fingerprint }) => fingerprint);
	const unsent = withheld.map((customerId) => entries.ofCustomer('known', customerId));
	const state = code === 'STATE_LOST' ? 'lost' : lastRun.state;
	const planId = planIdOf(fingerprints, unsent, `${state} ${novelty}`);
	const isAgain = lastRun.reported?.stop === stopNumber(tripped[0]);
	if (planId !== checks.approvedPlan) {
		const { sample = [], asAccepted = new Set(), isOfAccount = false, counts: before } = baseline ?? {};
		const compared = isOfAccount ? sample : [];
		const differing = compared.filter((index) => !asAccepted.has(index));
		const changed = differing.map((index) => customers[index]!.customerId);
		const plan = { before, now: countsOf(settings), judged: compared.length, changed };
		const stop = stopBy(tripped, planId, checks.approvedPlan, isAgain);
		if (!lease.isClosed) return { ...stop, plan };
		// If this run dies here, it leaves a state in progress: of that nobody asks who was there.
		const knownOf = (id: string) => entries.ofCustomer('known', id);
		const there = await lease.ask(changed.map(knownOf));
		return { ...stop, plan: { ...plan, added: changed.filter((id) => !there.has(knownOf(id))) } };
	}
	if (known === undefined && !dryRun) await note?.write();
	return undefined;
}

function askedOf(copy: BaselineEntries, settings: SyncSettings) {
	const { customers, rows } = settings;
	const now = countsOf(settings);
	const names = isTold(rows.products) ? [...rows.products.keys()] : [];
	const accepted = new Map(
		sampledOf(settings, now.customers).map((index) => [index, copy.accepted(customers[index]!.fingerprint)]),
	);
	const products = names.map((name) => copy.product(name));
	const all = [copy.account, copy.same(now), ...products, ...accepted.values()];
	return { now, accepted, products, all };
}

/** The questions about the baseline that a claim of a closed state asks. */
export function baselineQuestions(settings: SyncSettings): string[] {
	const copy = copiesOf('closed', settings.entries.account)[0]!;
	return [copy.spent('sample'), ...askedOf(copy, settings).all];
}

/** @returns undefined where no run has left a baseline */
async function readCopy(
	copy: BaselineEntries,
	{ settings, lease }: Opened,
): Promise<Baseline | typeof SPENT | undefined> {
	const { now, accepted, products, all } = askedOf(copy, settings);
	const there = await lease.askOnce(copy.spent('sample'), all);
	if (there === undefined) return SPENT;
	const isSame = there.has(copy.same(now));
	const digits = isSame ? there : await lease.ask(copy.digits);
	const counts = isSame ? now : copy.decode(digits);
	// Nobody knows what is missing of a baseline that is there in part, and what a run that died has asked is there twice.
	if (counts === undefined) return copy.digits.some((entry) => digits.has(entry)) ? SPENT : undefined;
	const sample = sampledOf(settings, Math.max(now.customers, counts.customers));
	return {
		copy,
		counts,
		isSame,
		isOfAccount: there.has(copy.account),
		productsFound: products.filter((product) => there.has(product)).length,
		sample,
		asAccepted: new Set(sample.filter((index) => there.has(accepted.get(index)!))),
	};
}

async function judgeBy(
	{ copy, counts: before, sample, asAccepted, productsFound, isOfAccount }: Baseline,
	{ settings, lease }: Opened,
): Promise<AllTripped | typeof SPENT | undefined> {
	const { entries, customers, withheld, rows, checks } = settings;
	const numbers = {
		before,
		now: countsOf(settings),
		unnamed: rows.unnamed,
		// Names that say nothing, or cannot be read for many devices, do not show which are missing.
		productsFound: isTold(rows.products) ? productsFound : before.products,
	};
	const idOf = (index: number) => customers[index]!.customerId;
	const present = customers.slice(0, 3).map(({ customerId }) => customerId);
	const changed = isOfAccount ? sample.filter((index) => !asAccepted.has(index)) : [];
	const judge = (unknown: ReadonlySet<number>): AllTripped | undefined => {
		const known = changed.filter((index) => !unknown.has(index)).map(idOf);
		const judged = { judged: sample.length - unknown.size, changed: known };
		const [first, ...others] = [
			tooFewCustomers(numbers, checks, { present, withheldIds: withheld }),
			tooFewDevices(numbers, checks, judged),
			...(isOfAccount
				? [tooManyChanges(numbers, checks, judged), tooFewProducts(numbers, checks, judged)]
				: []),
		].flatMap((one) => one ?? []);
		return first && [first, ...others];
	};
	const tripped = judge(new Set());
	if (tripped === undefined || changed.length === 0) return tripped;
	// Whether a customer has changed is unknown where nobody knows what was accepted last.
	const unknownOf = (index: number) => copy.unknown(entries.ofCustomer('known', idOf(index)));
	const there = await lease.askOnce(copy.spent('unknown'), changed.map(unknownOf));
	return there === undefined ? SPENT : judge(new Set(changed.filter((index) => there.has(unknownOf(index)))));
}

/**
 * Leaves the baseline of a run's rows to the next one.
 * @param isAccepted whether exactly what is in the rows of a customer was accepted last, by its index
 */
export function baselineOf(
	settings: SyncSettings,
	isAccepted: (index: number) => boolean,
	set: BaselineSet = 'closed',
): string[] {
	const { entries, customers, withheld } = settings;
	const counts = countsOf(settings);
	const products = missedProducts(settings.rows.products);
	const sampled = sampledOf(settings, counts.customers);
	const knownOf = (customerId: string) => entries.ofCustomer('known', customerId);
	const sampledWithheld = withheld.filter((customerId) => isSampled(customerId, counts.customers));
	return copiesOf(set, entries.account).flatMap((copy) => {
		return [
			copy.account,
			...copy.encode(counts),
			...products.map((name) => copy.product(name)),
			...sampled.map((index) => {
				const { customerId, fingerprint } = customers[index]!;
				return isAccepted(index) ? copy.accepted(fingerprint) : copy.unknown(knownOf(customerId));
			}),
			...sampledWithheld.map((customerId) => copy.unknown(knownOf(customerId))),
		];
	});
}
