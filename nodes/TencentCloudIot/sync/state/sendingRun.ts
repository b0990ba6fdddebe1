/**
 * A run that owns the lock row while it sends. A customer that it is to send is, one after the other,
 *
 *     not named   its request may not start: the state does not say yet that the run may send it
 *     named       the state has it in doubt, from the claim or a beat on
 *     started     its request may have left. It is only named again if the request was held back, since this process stood still
 *     settled     all its requests have ended, and what they prove together is known
 *     saved       a beat has written that it was accepted; where the run writes receipts, only once it has one
 *
 * What the run writes:
 *
 *     claim       names the first customers
 *     each beat   saves who was accepted since the last one, and names whom the run may send in the next seconds
 *     end         writes what became of every customer, and frees the row
 *     late part   once another run has taken the row: names the customers that were started, or settled, when it may have had it already
 *
 * If the run dies, the customers that are named and not saved stay in doubt. The next run sends them, and those that have changed.
 */
import type { ChangeLast, LastCell } from '../last';
import { BEAT_MS, inTime, type Lock, stopwatch, Taken } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import { mayBeApplied, type OutcomeName } from '../../service/outcome';
import { TableUnusable } from '../../tables/dataTables';
import type { StartFacts, Sending } from '../syncRun';
import { addChange, readChanges } from '../changes';
import type { StateEnd, LastReport } from '../health';
import { expectedProducts } from '../safetyChecks';
import type { Standing } from '../verdicts';
import {
	type Content,
	type CustomerRecord,
	difference,
	partFormat,
	forEachWithPauses,
	lengthOf,
	NO_DEVICES,
	type Pause,
} from './content';
import { hasJustRecovered } from './compare';
import type { Departures } from './departures';
import { recordDepartures } from './leftDevices';
import { normalAfter } from './normal';
import type { NamedCustomer, NamedCustomers } from './named';
import type { FoundState } from './readState';
import { countsOf, minuteOf, type SyncSettings } from './settings';

/** In one of this many runs a customer that failed has its turn: it is sent among the others instead of last (`sendingOrder`). */
export const RETRY_GROUPS = 3;

/** This many customers are named in doubt before the first request. More would all be sent again if the run died at once. */
const FIRST_NAMED = 64;

/** From then on as many customers are named ahead as the run may send in this many beats: with one a late beat would make it wait. */
const BEATS_AHEAD = 2;

/** The whole state is written anew when the additions are longer than this part of it, or more than this: the next run reads them all. */
const LONGEST_ADDITIONS = 1 / 4;
const MOST_ADDITIONS = 100;

/** While no further customer is named, and a request waits for that, a failed change is tried again after this pause. Milliseconds. */
const RETRY_PAUSE_MS = 500;

/** A late part is tried this many times: a needless one costs little, but without one the next run could skip a customer wrongly, for good. */
const LATE_PART_ATTEMPTS = 3;

/** What a run that sends has read, and what it works with. */
interface SendingContext {
	table: SyncTable;
	lock: Lock;
	settings: SyncSettings;
	found: FoundState;
	named: NamedCustomers;
	departures: Departures;
	pause: Pause;
}

/** The states of a customer are at the head of this file. */
export class SendingRun implements Sending {
	readonly kind = 'sending';
	readonly facts: StartFacts;
	readonly stateNumber: number;
	readonly #context: SendingContext;
	/** The customers of this account in the state that the run has read, by their hashes. */
	readonly #recordsBefore: ReadonlyMap<string, CustomerRecord>;
	/** The place of each customer, by its index, in `facts.order`. */
	readonly #placeOf: ReadonlyMap<number, number>;
	/** How many customers at the head of `facts.order` are named in doubt: these may be sent. */
	#namedCount = 0;
	/** A request waits until this many customers are named. */
	#neededCount = 0;
	/** The customers, by index, whose request may have started. */
	readonly #started = new Set<number>();
	/** How many had started when customers were named last: the difference shows how fast the run sends. */
	#startedWhenNamed = 0;
	/** The time since customers were named last. */
	#sinceNamedMs: () => number;
	/** How many customers are to be named ahead of those that have started. */
	#namedAhead = FIRST_NAMED;
	/** By the index of a customer: what its requests prove together. */
	readonly #outcomes = new Map<number, OutcomeName>();
	/** By the index of a customer: the hashes of its devices, as far as they were made before or since. */
	readonly #devices: Map<number, Buffer>;
	/** The customers that were accepted (and have their receipts, where the run writes some), while the table does not say so yet. */
	readonly #unsaved = new Set<number>();
	/** The customers to be named in a late part: their request ended, or was under way, when another run could already have taken over. */
	readonly #unsure = new Set<number>();
	/** The beat that is under way. */
	#saving: Promise<boolean> | undefined;

	constructor(facts: StartFacts, context: SendingContext) {
		this.facts = facts;
		this.#context = context;
		this.#devices = new Map(context.departures.deviceHashes);
		this.#placeOf = new Map(facts.order.map((index, place) => [index, place]));
		const { found, settings } = context;
		this.#recordsBefore = found.accountContent?.customers ?? new Map();
		this.stateNumber = found.last.stateNumber + 1;
		this.#sinceNamedMs = stopwatch(settings.clock);
	}

	/**
	 * Names the first customers in doubt, and takes the right to send.
	 * @throws Taken where another run has the row, or what the table rejects with; nothing was sent then
	 */
	async claim(): Promise<void> {
		const { table, lock, found, settings } = this.#context;
		let customers = new Map(found.lateParts.flatMap((part) => [...part.customers]));
		const indexes = this.#nextToName();
		await this.#addRecords(customers, indexes, 'doubt');
		const isWhole = found.isLost || this.#isTooLong(lengthOf(customers));
		if (isWhole) {
			customers = new Map([...this.#recordsBefore, ...customers]);
		}
		const content = await this.#encode(customers);
		const { beganMs } = settings;
		await lock.claim({ addition: { content, isWhole }, last: (before) => ({ ...before, beganMs }) });
		this.#noteNamed(indexes);
		if (!found.last.isNoted) {
			// It tells a lost state from one that never was. Without an answer nothing is sent: the next run notes it.
			await inTime(settings.clock, table.noteState());
		}
		await lock.removeUnused(found.otherLatePartNames);
		lock.startBeats(async () => await this.#save());
	}

	get isHeld(): boolean {
		return this.#context.lock.isHeld;
	}

	get isTakenOver(): boolean {
		return this.#context.lock.isTaken;
	}

	async mayStart(index: number | undefined): Promise<boolean> {
		const { lock, settings } = this.#context;
		const place = index === undefined ? -1 : this.#placeOf.get(index);
		if (place === undefined) {
			return false;
		}
		if (index !== undefined && !lock.isHeld) {
			// It did not leave since this process stood still, or its last attempt has ended: nothing of it is under way.
			this.#started.delete(index);
		}
		const isReady = () => lock.isHeld && place < this.#namedCount;
		this.#neededCount = Math.max(this.#neededCount, place + 1);
		while (!isReady() && !lock.isTaken) {
			// The beat below shows a process that stood still whether it still has the row.
			const wasHeld = lock.isHeld;
			const isSaved = await this.#save();
			if (isReady()) {
				break;
			}
			const staysLost = !wasHeld && !lock.isHeld;
			if (staysLost || settings.signal?.aborted) {
				return false;
			}
			if (!isSaved) {
				await settings.clock.sleep(RETRY_PAUSE_MS, settings.signal);
			}
		}
		if (!isReady()) {
			return false;
		}
		if (index !== undefined) {
			this.#started.add(index);
			if (this.#isNamedSoonUsedUp()) {
				void this.#save();
			}
		}
		return true;
	}

	/** Whether few named customers are left to start: the next ones are named before a request has to wait for it. */
	#isNamedSoonUsedUp(): boolean {
		const notStarted = this.#namedCount - this.#started.size;
		return notStarted < this.#namedAhead / 4 && this.#namedCount < this.facts.order.length;
	}

	settled(index: number, outcome: OutcomeName): void {
		const { lock, settings } = this.#context;
		this.#outcomes.set(index, outcome);
		if (outcome === 'OK' && settings.writesReceipts !== true) {
			this.#unsaved.add(index);
		}
		if (!lock.isHeld) {
			this.#unsure.add(index);
		}
	}

	receiptsStand(indexes: readonly number[]): void {
		for (const index of indexes) {
			if (this.#outcomes.get(index) === 'OK') {
				this.#unsaved.add(index);
			}
		}
	}

	async end(
		standings: readonly Standing[],
		reported: LastReport,
		change: ChangeLast = (before) => before,
	): Promise<StateEnd> {
		const { lock, settings, found } = this.#context;
		const passedMs = stopwatch(settings.clock);
		lock.stopBeats();
		await this.#saving;
		try {
			await this.#writeEnd(standings, reported, change);
			await lock.removeUnused(found.otherLatePartNames);
			return { kind: 'kept', hasReport: true, tookMs: passedMs() };
		} catch (cause) {
			await this.#nameUnsureLate();
			const unusable = cause instanceof TableUnusable ? cause.why : undefined;
			const kind = cause instanceof Taken ? 'takenOver' : 'unknown';
			return { kind, hasReport: false, tookMs: passedMs(), unusable };
		}
	}

	/** Writes what became of every customer, and frees the row. @throws where it is not known that this took effect */
	async #writeEnd(standings: readonly Standing[], reported: LastReport, change: ChangeLast): Promise<void> {
		const { lock, named, found, pause } = this.#context;
		const { minute } = this.facts;
		const turn = (found.last.turn + 1) % RETRY_GROUPS;
		const last = (before: LastCell): LastCell => {
			const after = { ...change(before), isNoted: true, reported };
			return this.facts.isChanged === true
				? { ...after, changes: addChange(readChanges(before['changes']), minute) }
				: after;
		};
		// The state of another account stays until Tencent has accepted a customer of this one: the App Key may be a mistake.
		const isOfOtherAccount = found.content !== found.accountContent;
		if (isOfOtherAccount && !standings.includes('accepted')) {
			await lock.release({ stateName: lock.foundStateName, last });
			return;
		}
		const customers = await this.#recordsAtEnd(standings, reported);
		const changed = await difference(this.#recordsBefore, customers, pause);
		// Additions of this run have changed what the table says of the customers that were named, so each of them is written again.
		for (const index of this.facts.order.slice(0, this.#namedCount)) {
			const { key } = named.customers[index]!;
			changed.set(key, customers.get(key)!);
		}
		const isWhole = !this.#wasComplete || found.hasOtherAccount || this.#isTooLong(lengthOf(changed));
		const content = await partFormat.write(this.#contentOf(isWhole ? customers : changed, true), pause);
		await lock.release({
			addition: { content, isWhole },
			last: (before) => ({ ...last(before), minute, turn, stateNumber: this.stateNumber }),
		});
	}

	/** Names in doubt, without owning the row, whom this run may have sent after it had lost it: the next run sends them again. */
	async #nameUnsureLate(): Promise<void> {
		const { lock, settings } = this.#context;
		if (this.#unsure.size === 0) {
			return;
		}
		const customers = new Map<string, CustomerRecord>();
		await this.#addRecords(customers, [...this.#unsure], 'doubt');
		// A customer whose request ends from now on is named once more: the next run may have read this part by then, and sent it.
		this.#unsure.clear();
		const content = await this.#encode(customers);
		for (let attempt = 1; attempt <= LATE_PART_ATTEMPTS; attempt++) {
			if (await lock.insertLatePart(content)) {
				return;
			}
			await settings.clock.sleep(RETRY_PAUSE_MS);
		}
	}

	/**
	 * Makes one beat; whoever asks for one meanwhile waits for the same. What it could not save goes into the next one.
	 * @returns whether it has saved
	 */
	async #save(): Promise<boolean> {
		this.#saving ??= this.#saveOrLeave().finally(() => {
			this.#saving = undefined;
		});
		return await this.#saving;
	}

	async #saveOrLeave(): Promise<boolean> {
		// Once the execution is over n8n carries out only one more statement, which `end` needs.
		if (this.isTakenOver || this.#context.settings.signal?.aborted) {
			return false;
		}
		try {
			await this.#saveNow();
			return true;
		} catch (cause) {
			if (cause instanceof Taken) {
				await this.#leaveToOther();
			}
			return false;
		}
	}

	/** Another run has the row. This process may die before its last requests end, so the customers whose requests are under way are named at once. */
	async #leaveToOther(): Promise<void> {
		this.#context.lock.stopBeats();
		for (const index of this.#started) {
			if (!this.#outcomes.has(index)) {
				this.#unsure.add(index);
			}
		}
		await this.#nameUnsureLate();
	}

	async #saveNow(): Promise<void> {
		const { lock } = this.#context;
		const accepted = [...this.#unsaved];
		const indexes = this.#nextToName();
		if (accepted.length === 0 && indexes.length === 0) {
			await lock.keep({});
			return;
		}
		const customers = new Map<string, CustomerRecord>();
		await this.#addRecords(customers, accepted, 'accepted');
		await this.#addRecords(customers, indexes, 'doubt');
		const content = await this.#encode(customers);
		await lock.keep({ addition: { content, isWhole: false } });
		for (const index of accepted) {
			this.#unsaved.delete(index);
		}
		this.#noteNamed(indexes);
	}

	/** The customers that the run may send in the next seconds and that the table does not name yet, by index. */
	#nextToName(): number[] {
		const { order } = this.facts;
		const perMs = (this.#started.size - this.#startedWhenNamed) / Math.max(1, this.#sinceNamedMs());
		const wanted = Math.ceil(perMs * BEATS_AHEAD * BEAT_MS);
		// At most twice as many as before: the speed of the first few is no measure yet.
		this.#namedAhead = Math.max(FIRST_NAMED, Math.min(wanted, 2 * this.#namedAhead));
		const end = Math.max(this.#namedCount, this.#neededCount, this.#started.size + this.#namedAhead);
		return order.slice(this.#namedCount, end);
	}

	/** Notes that the table names these customers now, so that they may be sent. */
	#noteNamed(indexes: readonly number[]): void {
		this.#namedCount += indexes.length;
		this.#startedWhenNamed = this.#started.size;
		this.#sinceNamedMs = stopwatch(this.#context.settings.clock);
	}

	/** Whether the state knew all customers of the rows when this run began. */
	get #wasComplete(): boolean {
		return this.#context.found.accountContent?.isComplete === true;
	}

	/** Whether the additions, with one more of this length, are too long: then the whole state is written instead. */
	#isTooLong(added: number): boolean {
		const { found, lock } = this.#context;
		// A whole state of this account would drop what another one has accepted.
		if (found.hasOtherAccount) {
			return false;
		}
		const [whole = 0, ...additions] = (lock.chain ?? []).map(({ length }) => length);
		const length = additions.reduce((sum, addition) => sum + addition, added);
		return additions.length >= MOST_ADDITIONS || length > LONGEST_ADDITIONS * whole;
	}

	async #encode(customers: Map<string, CustomerRecord>): Promise<string> {
		return await partFormat.write(this.#contentOf(customers, this.#wasComplete), this.#context.pause);
	}

	#contentOf(customers: Map<string, CustomerRecord>, isComplete: boolean): Content {
		const { settings, found } = this.#context;
		const { minute, presumedWithheld } = this.facts;
		const { hashes, namedDevices } = settings;
		const counts = countsOf(settings, presumedWithheld?.size);
		const normal = normalAfter(found.accountContent, {
			now: counts,
			nowMs: minute * 60_000,
			lastMinute: found.last.minute ?? minute,
			isApproved: this.facts.passedPlan !== undefined,
		});
		return {
			account: hashes.account,
			application: hashes.application,
			isComplete,
			counts,
			normal,
			products: expectedProducts(namedDevices.products).map((name) => hashes.product(name)),
			customers,
		};
	}

	async #addRecords(
		customers: Map<string, CustomerRecord>,
		indexes: readonly number[],
		status: CustomerRecord['status'],
	): Promise<void> {
		await forEachWithPauses(indexes, this.#context.pause, (index) =>
			this.#addRecord(customers, index, status),
		);
	}

	/** Adds what the state is to say of a customer whose rows can be sent. */
	#addRecord(
		customers: Map<string, CustomerRecord>,
		index: number,
		status: CustomerRecord['status'],
		isFailureReported?: boolean,
	): void {
		const { key, recordBefore, fingerprint } = this.#context.named.customers[index]!;
		const isSameSet = recordBefore?.fingerprint === fingerprint;
		const outcome = this.#outcomes.get(index);
		const isNewlyAccepted = status === 'accepted' && (outcome === 'OK' || !isSameSet);
		const minute = isNewlyAccepted
			? minuteOf(this.#context.settings.clock.nowMs())
			: (recordBefore?.minute ?? 0);
		// If nothing was applied, Tencent still has the devices of an earlier run. If this set was accepted before, the state has them already.
		const isUnsent = status === 'waiting' || (status === 'failed' && !mayBeApplied(outcome));
		const isAcceptedBefore = isSameSet && recordBefore.status === 'accepted';
		let devices = recordBefore?.devices ?? NO_DEVICES;
		if (!isUnsent && !isAcceptedBefore) {
			devices = this.#devicesOf(index);
		}
		// The other members stay as they are until the end of the run decides on them: it may die before that.
		const record: CustomerRecord = {
			...recordBefore,
			status,
			isFailureReported: isFailureReported ?? recordBefore?.isFailureReported ?? false,
			fingerprint,
			minute,
			devices,
		};
		customers.set(key, record);
	}

	/** The hashes of a customer's devices. They are made once: its record is written when it is named, when it is accepted and at the end. */
	#devicesOf(index: number): Buffer {
		const { settings, named } = this.#context;
		const hashed = this.#devices.get(index) ?? settings.hashes.devices(named.customers[index]!.devices);
		this.#devices.set(index, hashed);
		return hashed;
	}

	/** Notes with each customer whether a failure of it is still to be reported, and when it recovered from one. */
	#recordEpisodes(records: Map<string, CustomerRecord>, { unreportedFailures, recovered }: LastReport): void {
		const { named } = this.#context;
		const { minute: now } = this.facts;
		for (const { customerId, key, recordBefore } of [...named.customers, ...named.withheld]) {
			const record = records.get(key)!;
			if (recovered?.has(customerId) === true) {
				record.recovered = now;
			} else if (recordBefore?.recovered !== undefined && hasJustRecovered(recordBefore.recovered, now)) {
				record.recovered = recordBefore.recovered;
			}
			record.isFailureUnreported = unreportedFailures?.has(customerId) === true || undefined;
		}
	}

	/** What the state is to say of each customer after this run, by its hash. */
	async #recordsAtEnd(
		standings: readonly Standing[],
		reported: LastReport,
	): Promise<Map<string, CustomerRecord>> {
		const { named, departures, pause } = this.#context;
		const { minute: now } = this.facts;
		const { reportedFailures = new Set(), lostDevices = new Set(), moved: unreportedMoves = [] } = reported;
		const records = new Map<string, CustomerRecord>();
		await forEachWithPauses(named.customers.entries(), pause, ([index, { customerId }]) => {
			this.#addRecord(records, index, standings[index] ?? 'waiting', reportedFailures.has(customerId));
		});
		const addUnsent = (
			{ customerId, key, recordBefore }: NamedCustomer,
			status: CustomerRecord['status'],
		) => {
			const { devices = NO_DEVICES, minute = 0, leftDevices } = recordBefore ?? {};
			const isFailureReported = reportedFailures.has(customerId);
			records.set(key, { status, isFailureReported, fingerprint: '', minute, devices, leftDevices });
		};
		for (const customer of named.withheld) {
			addUnsent(customer, 'withheld');
		}
		for (const customer of named.leftOut) {
			// A customer without devices that leaves the rows is not reported. So it counts as having some until their loss is reported.
			addUnsent(customer, lostDevices.has(customer.customerId) ? 'waiting' : 'withoutDevice');
		}
		for (const key of this.facts.presumedWithheld ?? []) {
			const before = this.#recordsBefore.get(key);
			if (before !== undefined) {
				records.set(key, { ...before, status: 'withheld', fingerprint: '' });
			}
		}
		this.#recordEpisodes(records, reported);
		await recordDepartures(
			records,
			{ recordsBefore: this.#recordsBefore, departures, unreportedMoves, now },
			pause,
		);
		return records;
	}
}
