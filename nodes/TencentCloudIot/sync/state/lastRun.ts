import type { Clock } from '../../service/transport/clock';
import { type Health, type Reported, REPORTED_BELOW } from '../health';
import { FEWEST_CUSTOMERS } from '../safetyChecks';
import {
	ACCEPTED_REPORTED,
	entryOf,
	IN_PROGRESS,
	NumberEntries,
	sizeEntry,
	type StateEntries,
} from './entries';
import { FencedStore, type StateStore } from './store';

/** A customer that failed has its turn in one of this many runs. */
export const TURNS = 3;

/**
 * The numbers that a run leaves of itself: why and when something was last reported and how many that are gone were not, all
 * in one; when it began, minutes since 1970, until the year 2480; and whose turn it was.
 */
export const RUN_NUMBERS = new NumberEntries({
	report: REPORTED_BELOW.gone * REPORTED_BELOW.stop * REPORTED_BELOW.hour,
	minute: 2 ** 28,
	turn: TURNS,
});

const ALL_HEALTH: readonly Health[] = ['failing', 'degraded', 'ok'];

/**
 * In which condition a run finds the sync state.
 * - `used`: it has what the last run left
 * - `otherAccount`: the last run pushed to another account, so that nothing counts as unchanged
 * - `otherSecret`: the same, and the account differs in nothing but its App Secret
 * - `empty`: there is nothing: this is the first run, or what was there is lost
 * - `interrupted`: the last run was interrupted, so that nothing counts as unchanged
 * - `none`: this n8n has no store for it, so that everything is sent
 */
export type StateCondition = 'used' | 'otherAccount' | 'otherSecret' | 'empty' | 'interrupted' | 'none';

/**
 * What the last run left of itself. Its time is no part of the fingerprints: a workflow that rests over a weekend, or another
 * 'Push Again After (Days)', would look as if all customers had changed.
 */
export interface LastRun {
	state: StateCondition;
	/** When it began, minutes since 1970; undefined where it is not known. */
	minute: number | undefined;
	/** What was last reported; undefined where that is not known. */
	reported: Reported | undefined;
	/** Which of the customers that failed have their turn after it, 0 to 2. */
	turn: number;
	/** The entry of how many customers there is a note; undefined where the state does not say so. */
	noted: string | undefined;
}

/** Whose state it is. */
type Owner = Pick<StateEntries, 'account' | 'application'>;

/** What a run knows of a state before it reads it. */
interface Unread {
	owner: Owner;
	/** The number of entries in it. */
	count: number;
	/** How many customers the run itself has. */
	customers: number;
}

/** The entries that show the last run of an account. */
export function entriesOfLastRun({ owner, count, customers }: Unread): string[] {
	const ofOwner = [owner.account, owner.application, ACCEPTED_REPORTED, sizeEntry(count)];
	return [...ofOwner, ...ALL_HEALTH.map(healthEntry), ...RUN_NUMBERS.all(), ...notedNear(customers)];
}

const REPORT_ENTRIES: readonly string[] = [...ALL_HEALTH.map(healthEntry), ...RUN_NUMBERS.all('report')];

/** What a run has added by querying what was last reported: once taken back, the next run reads it also if this one dies. */
export function queriesOfReport(there: ReadonlySet<string>): string[] {
	return REPORT_ENTRIES.filter((entry) => !there.has(entry));
}

/** Puts what is reported now in the place of what was reported before; and the minute of this run, if given, in that of the last one's. */
export function replaceReport(reported: Reported, minute?: number) {
	if (minute === undefined) return { kind: REPORT_ENTRIES, entries: entriesOfRun(reported) };
	const kind = [...REPORT_ENTRIES, ...RUN_NUMBERS.all('minute')];
	return { kind, entries: entriesOfRun(reported, { minute }) };
}

/** @param others of the run's numbers */
function entriesOfRun(
	{ health, stop, hour, gone }: Reported,
	others: { minute?: number; turn?: number } = {},
): string[] {
	const most = REPORTED_BELOW;
	const report = (Math.min(gone, most.gone - 1) * most.stop + stop) * most.hour + hour;
	return [healthEntry(health), ...RUN_NUMBERS.of({ report, ...others })];
}

function reportedOf(report: number | undefined, there: ReadonlySet<string>): Reported | undefined {
	const health = ALL_HEALTH.find((one) => there.has(healthEntry(one)));
	if (health === undefined || report === undefined) return undefined;
	const most = REPORTED_BELOW;
	const stops = Math.floor(report / most.hour);
	return { health, stop: stops % most.stop, hour: report % most.hour, gone: Math.floor(stops / most.stop) };
}

/** This was reported last. */
export function healthEntry(health: Health): string {
	return entryOf(['health', health]);
}

/**
 * Reads the last run from the response. A state is closed if it has as many entries as the last run left: what another run
 * has added, and not yet taken back, is nobody's fingerprint.
 * @param there which of the queried ones were there
 */
export function readLastRun({ owner, count, customers }: Unread, there: ReadonlySet<string>): LastRun {
	const isClosed = (count === 0 || there.has(sizeEntry(count))) && !there.has(IN_PROGRESS);
	const other = there.has(owner.application) ? 'otherSecret' : 'otherAccount';
	const known = count === 0 ? 'empty' : there.has(owner.account) ? 'used' : other;
	const { report, minute, turn = -1 } = RUN_NUMBERS.read(there);
	return {
		state: isClosed ? known : 'interrupted',
		minute,
		reported: reportedOf(report, there),
		turn: (turn + 1) % TURNS,
		// Of a state in progress, what the interrupted run has queried looks as if it was there.
		noted: isClosed ? notedNear(customers).find((entry) => there.has(entry)) : undefined,
	};
}

/** What a run leaves of itself. */
interface RunLeft {
	owner: Owner;
	minute: number;
	reported: Reported;
	turn: number;
}

/** What a run leaves that ends: with the entries of its rows, a closed state. */
export function closedState({ owner, minute, reported, turn }: RunLeft, ofRows: readonly string[]): string[] {
	const entries = [owner.account, owner.application, ...entriesOfRun(reported, { minute, turn }), ...ofRows];
	return [...entries, sizeEntry(entries.length + 1)];
}

/** What is noted of a node. */
interface Noted {
	/** How many customers its last run had, within a tenth; undefined where that cannot be read. */
	customers: number | undefined;
	/** Another one after each loss of the state that somebody approved: a plan passes once. */
	generation: number;
}

const GENERATIONS = 64;

/**
 * That a node has had a sync state, and of how many customers: one that is empty is not that of a first run then. It stands in
 * the row of the workflow, which outlives that of the node. Other nodes, such as Remove Duplicates, may share it, so that nothing
 * else is touched there. It is read only where the node's own row is empty or cannot be read, and written where the number has
 * changed by a tenth.
 */
export class Note {
	readonly #store: FencedStore;
	readonly #isThere: string;
	readonly #numbers: NumberEntries<'customers' | 'generation'>;
	#read: Promise<Noted | undefined> | undefined;

	/** @param store of the workflow @param node its id */
	constructor(store: StateStore, node: string, clock: Clock) {
		this.#store = new FencedStore(store, clock);
		this.#isThere = entryOf(['note', node]);
		this.#numbers = new NumberEntries({ customers: 2 ** 22, generation: GENERATIONS }, `note ${node} `);
	}

	/** Reads it, once in a run. @returns undefined where there is none */
	async read(): Promise<Noted | undefined> {
		return await (this.#read ??= this.#readOnce());
	}

	/** Puts it in the place of what was noted before. A loss of the state that was read before is over then. */
	async write(customers: number): Promise<void> {
		const before = await this.read();
		const generation = before === undefined ? 0 : (before.generation + 1) % GENERATIONS;
		await this.#store.forget(this.#numbers.all());
		await this.#store.record([this.#isThere, ...this.#numbers.of({ customers, generation })]);
	}

	/**
	 * Writes it where the number has changed by a tenth, or there is none.
	 * @param noted the entry of the node's own state that says what is noted
	 * @returns the one that says so now
	 */
	async update(customers: number, noted: string | undefined): Promise<string | undefined> {
		const isNear = noted !== undefined && notedNear(customers).includes(noted);
		if (isNear || (noted === undefined && customers < FEWEST_CUSTOMERS)) return noted;
		return await this.write(customers).then(
			() => notedEntry(customers),
			() => undefined,
		);
	}

	async #readOnce(): Promise<Noted | undefined> {
		const all = [this.#isThere, ...this.#numbers.all()];
		const there = await this.#store.record(all);
		await this.#store.forget(all.filter((entry) => !there.has(entry)));
		if (!there.has(this.#isThere)) return undefined;
		const { customers, generation = 0 } = this.#numbers.read(there);
		return { customers, generation };
	}
}

/** That this many customers are noted, within a tenth, in the state of a node: then nothing has to be written. */
function notedEntry(customers: number, steps = 0): string {
	return entryOf(['noted', String(stepOf(customers) + steps)]);
}

/** The same of all numbers that are near enough. */
function notedNear(customers: number): string[] {
	return [-1, 0, 1].map((steps) => notedEntry(customers, steps));
}

/** Each step is a tenth more than the one below. */
function stepOf(customers: number): number {
	return Math.floor(Math.log(Math.max(1, customers)) / Math.log(1.1));
}
