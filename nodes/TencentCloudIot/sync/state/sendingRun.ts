import type { ChangeLast, Last } from '../last';
import { BEAT_MS, inTime, type Lock, stopwatch, Taken } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import type { OutcomeName } from '../../service/outcome';
import { TableUnusable } from '../../tables/dataTables';
import type { Found, Sending } from '../began';
import { addChange, readChanges } from '../changes';
import type { Kept, Reported } from '../health';
import { missedProducts } from '../safetyChecks';
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
import { leaveDepartures } from './leftDevices';
import { normalAfter } from './normal';
import type { NamedCustomer, NamedCustomers } from './named';
import type { FoundState } from './readState';
import { countsOf, minuteOf, type SyncSettings } from './settings';

/** A customer that failed has its turn in one of this many runs. */
export const TURNS = 3;

/** So many customers are named in doubt before the first request: a run that dies at once leaves no more to be sent again. */
const FIRST_NAMED = 64;

/** From then on as many are named ahead as this many beats may send. */
const BEATS_AHEAD = 2;

/** The state is written anew when the additions are longer than this part of the whole, or there are more of them than this. */
const LONGEST_ADDITIONS = 1 / 4;
const MOST_ADDITIONS = 100;

/** While no customer that is named is left, a change that failed is tried again so often. Milliseconds. */
const AGAIN_MS = 500;

/** A late part is tried so often: it costs the next run nothing but a wrong skip is for good. */
const LATE_ATTEMPTS = 3;

/** What a run that sends has found. */
interface Opened {
	table: SyncTable;
	lock: Lock;
	settings: SyncSettings;
	found: FoundState;
	named: NamedCustomers;
	/** The hashes of the devices of those that are to be sent, by index, as far as they were made. */
	hashed: ReadonlyMap<number, Buffer>;
	/** When it began, minutes since 1970. */
	minute: number;
	pause: Pause;
}

/**
 * A run that owns the lock row while it sends. Nobody is sent whom the state does not name in doubt before:
 *
 *     claim        names the first customers
 *     each beat    says who was accepted since, once the receipt stands, and names whom the next seconds may send
 *     end          says what became of everybody: the row is free again
 *
 * A run that dies leaves in doubt whom it had named and not said more of. The next one sends those, and whoever has changed.
 */
export class SendingRun implements Sending {
	readonly kind = 'sending';
	readonly begun: Found;
	readonly stateNumber: number;
	readonly #opened: Opened;
	/** The state of this account, as it was found. */
	readonly #before: ReadonlyMap<string, CustomerRecord>;
	/** The place of each customer, by its index, in `begun.order`. */
	readonly #placeOf: ReadonlyMap<number, number>;
	/** How many customers at the head of `begun.order` were named in doubt, so that they may be sent. */
	#namedCount = 0;
	/** So many are to be named next at least, since somebody waits for it. */
	#waitedFor = 0;
	/** Those of them that have been sent. */
	readonly #started = new Set<number>();
	/** How many were, when the next ones were named last. */
	#startedBefore = 0;
	#sinceNamedMs: () => number;
	/** How many are named ahead of those that have been sent. */
	#ahead = FIRST_NAMED;
	/** How the requests of customers ended. */
	readonly #outcomes = new Map<number, OutcomeName>();
	readonly #devices: Map<number, Buffer>;
	/** Those that were accepted, and of which the table does not say so yet. */
	readonly #unsaved = new Set<number>();
	/** Customers whose request ended when another run may have taken over. */
	readonly #unsure = new Set<number>();
	#saving: Promise<boolean> | undefined;

	constructor(begun: Found, opened: Opened) {
		this.begun = begun;
		this.#opened = opened;
		this.#devices = new Map(opened.hashed);
		this.#placeOf = new Map(begun.order.map((index, place) => [index, place]));
		const { found, settings } = opened;
		this.#before = found.ofAccount?.customers ?? new Map();
		this.stateNumber = found.last.stateNumber + 1;
		this.#sinceNamedMs = stopwatch(settings.clock);
	}

	/** Names the first customers and takes the right to send. @throws before anything was sent */
	async claim(): Promise<void> {
		const { lock, found, settings } = this.#opened;
		let customers = new Map(found.late.flatMap((part) => [...part.customers]));
		const indexes = this.#nextToName();
		await this.#addRecords(customers, indexes, 'doubt');
		const isWhole = !found.hasParts || this.#isTooLong(lengthOf(customers));
		if (isWhole) {
			customers = new Map([...this.#before, ...customers]);
		}
		const content = await this.#encode(customers);
		const { beganMs } = settings;
		await lock.claim({ addition: { content, isWhole }, last: (before) => ({ ...before, beganMs }) });
		this.#areNamed(indexes);
		if (!found.last.isNoted) {
			await this.#noteState();
		}
		await lock.removeUnused(found.lateOfOthers);
		lock.startBeats(async () => await this.#save());
	}

	/**
	 * Leaves the entry by which a state that is lost is told from one that never was: before the first request. Where it is not known
	 * whether it was left the run gives up, and must leave a state, be it an empty one: an entry and no state look like a loss.
	 */
	async #noteState(): Promise<void> {
		const { table, lock, settings, found } = this.#opened;
		if (!found.hasParts && !found.isLost) {
			const content = await this.#encode(new Map());
			lock.leaveOnGivingUp({ addition: { content, isWhole: true } });
		}
		await inTime(settings.clock, table.noteState());
	}

	get isTakenOver(): boolean {
		return this.#opened.lock.isTaken;
	}

	async mayStart(index: number | undefined): Promise<boolean> {
		const { lock, settings } = this.#opened;
		const place = index === undefined ? -1 : this.#placeOf.get(index);
		if (place === undefined) {
			return false;
		}
		const isReady = () => lock.isHeld && place < this.#namedCount;
		this.#waitedFor = Math.max(this.#waitedFor, place + 1);
		while (!isReady() && !lock.isTaken) {
			// A process that stood still finds out here whether it still has the row.
			const wasHeld = lock.isHeld;
			const isSaved = await this.#save();
			if (isReady()) {
				break;
			}
			if ((!wasHeld && !lock.isHeld) || settings.signal?.aborted) {
				return false;
			}
			if (!isSaved) {
				await settings.clock.sleep(AGAIN_MS, settings.signal);
			}
		}
		if (index !== undefined && isReady()) {
			this.#started.add(index);
			const left = this.#namedCount - this.#started.size;
			if (left < this.#ahead / 4 && this.#namedCount < this.begun.order.length) {
				void this.#save();
			}
		}
		return isReady();
	}

	settled(index: number, outcome: OutcomeName): void {
		const { lock, settings } = this.#opened;
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
		reported: Reported,
		change: ChangeLast = (before) => before,
	): Promise<Kept> {
		const { lock, settings, found } = this.#opened;
		const passedMs = stopwatch(settings.clock);
		lock.stopBeats();
		await this.#saving;
		try {
			await this.#leave(standings, reported, change);
			await lock.removeUnused(found.lateOfOthers);
			return { left: 'kept', hasReport: true, tookMs: passedMs() };
		} catch (cause) {
			await this.#leaveUnsure();
			const unusable = cause instanceof TableUnusable ? cause.why : undefined;
			const left = cause instanceof Taken ? 'takenOver' : 'unknown';
			return { left, hasReport: false, tookMs: passedMs(), unusable };
		}
	}

	async #leave(standings: readonly Standing[], reported: Reported, change: ChangeLast): Promise<void> {
		const { lock, named, found, minute, pause } = this.#opened;
		const turn = (found.last.turn + 1) % TURNS;
		const last = (before: Last): Last => {
			const after = { ...change(before), isNoted: true, reported };
			return this.begun.isChanged === true
				? { ...after, changes: addChange(readChanges(before['changes']), minute) }
				: after;
		};
		// A state of another account stays until the service has accepted somebody of this one.
		const isOther = found.content !== found.ofAccount;
		if (isOther && !standings.includes('accepted')) {
			await lock.release({ stateName: lock.foundName, last });
			return;
		}
		const customers = await this.#recordsLeft(standings, reported);
		const changed = await difference(this.#before, customers, pause);
		// What the state says of those that were named is whatever the last addition said.
		for (const index of this.begun.order.slice(0, this.#namedCount)) {
			const { key } = named.customers[index]!;
			changed.set(key, customers.get(key)!);
		}
		const isFirst = !this.#isComplete;
		const isWhole = isFirst || found.hasOtherAccount || this.#isTooLong(lengthOf(changed));
		const content = await partFormat.write(this.#contentOf(isWhole ? customers : changed, true), pause);
		await lock.release({
			addition: { content, isWhole },
			last: (before) => ({ ...last(before), minute, turn, stateNumber: this.stateNumber }),
		});
	}

	/** Says whom this run may have sent after it had lost the row: the next run sends them again. */
	async #leaveUnsure(): Promise<void> {
		const { lock, settings } = this.#opened;
		if (this.#unsure.size === 0) {
			return;
		}
		const customers = new Map<string, CustomerRecord>();
		await this.#addRecords(customers, [...this.#unsure], 'doubt');
		const content = await this.#encode(customers);
		for (let attempt = 1; attempt <= LATE_ATTEMPTS; attempt++) {
			if (await lock.leaveLate(content)) {
				return;
			}
			await settings.clock.sleep(AGAIN_MS);
		}
	}

	/**
	 * Makes one beat, together with whoever asks for one meanwhile. What was not saved is in the next one.
	 * @returns whether it was saved
	 */
	async #save(): Promise<boolean> {
		this.#saving ??= this.#saveNow()
			.then(
				() => true,
				() => false,
			)
			.finally(() => {
				this.#saving = undefined;
			});
		return await this.#saving;
	}

	async #saveNow(): Promise<void> {
		const { lock } = this.#opened;
		// Once the execution is over n8n takes one more statement, and that is for the end.
		if (lock.isTaken || this.#opened.settings.signal?.aborted) {
			throw new Taken();
		}
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
		this.#areNamed(indexes);
	}

	/** Whom the next seconds may send that the table does not name yet. */
	#nextToName(): number[] {
		const { order } = this.begun;
		const perMs = (this.#started.size - this.#startedBefore) / Math.max(1, this.#sinceNamedMs());
		const wanted = Math.ceil(perMs * BEATS_AHEAD * BEAT_MS);
		// At most twice as many as before: how fast the first ones went says little.
		this.#ahead = Math.max(FIRST_NAMED, Math.min(wanted, 2 * this.#ahead));
		const end = Math.max(this.#namedCount, this.#waitedFor, this.#started.size + this.#ahead);
		return order.slice(this.#namedCount, end);
	}

	#areNamed(indexes: readonly number[]): void {
		this.#namedCount += indexes.length;
		this.#startedBefore = this.#started.size;
		this.#sinceNamedMs = stopwatch(this.#opened.settings.clock);
	}

	get #isComplete(): boolean {
		return this.#opened.found.ofAccount?.isComplete === true;
	}

	#isTooLong(added: number): boolean {
		const { found, lock } = this.#opened;
		// A whole state of this account would drop what another one has accepted.
		if (found.hasOtherAccount) {
			return false;
		}
		const [whole = 0, ...additions] = (lock.chain ?? []).map(({ length }) => length);
		const length = additions.reduce((sum, addition) => sum + addition, added);
		return additions.length >= MOST_ADDITIONS || length > LONGEST_ADDITIONS * whole;
	}

	async #encode(customers: Map<string, CustomerRecord>): Promise<string> {
		return await partFormat.write(this.#contentOf(customers, this.#isComplete), this.#opened.pause);
	}

	#contentOf(customers: Map<string, CustomerRecord>, isComplete: boolean): Content {
		const { settings, found, minute } = this.#opened;
		const { hashes, rows } = settings;
		const counts = countsOf(settings, this.begun.unnamed?.size);
		const normal = normalAfter(found.ofAccount, {
			now: counts,
			nowMs: minute * 60_000,
			lastMinute: found.last.minute ?? minute,
			isApproved: this.begun.passedPlan !== undefined,
		});
		return {
			account: hashes.account,
			application: hashes.application,
			isComplete,
			counts,
			normal,
			products: missedProducts(rows.products).map((name) => hashes.product(name)),
			customers,
		};
	}

	async #addRecords(
		customers: Map<string, CustomerRecord>,
		indexes: readonly number[],
		status: CustomerRecord['status'],
	): Promise<void> {
		await forEachWithPauses(indexes, this.#opened.pause, (index) =>
			this.#addRecord(customers, index, status),
		);
	}

	/** Adds a customer that has rows. */
	#addRecord(
		customers: Map<string, CustomerRecord>,
		index: number,
		status: CustomerRecord['status'],
		isReported?: boolean,
	): void {
		const { key, before, fingerprint } = this.#opened.named.customers[index]!;
		const isSameSet = before?.fingerprint === fingerprint;
		const outcome = this.#outcomes.get(index);
		const isNewlyAccepted = status === 'accepted' && (outcome === 'OK' || !isSameSet);
		const minute = isNewlyAccepted ? minuteOf(this.#opened.settings.clock.nowMs()) : (before?.minute ?? 0);
		// What was not sent, or refused, leaves the devices where they are: also in the last run, whose rows the fingerprint is of.
		const isUnsent =
			status === 'waiting' || (status === 'failed' && outcome !== 'OK' && outcome !== 'UNKNOWN');
		const isAcceptedBefore = isSameSet && before.status === 'accepted';
		let devices = before?.devices ?? NO_DEVICES;
		if (!isUnsent && !isAcceptedBefore) {
			devices = this.#devicesOf(index);
		}
		// A run that dies leaves what the state says besides.
		const record: CustomerRecord = {
			...before,
			status,
			isReported: isReported ?? before?.isReported ?? false,
			fingerprint,
			minute,
			devices,
		};
		customers.set(key, record);
	}

	/** The hashes of the devices of a customer, made once: it is named in doubt, then accepted, then left. */
	#devicesOf(index: number): Buffer {
		const { settings, named } = this.#opened;
		const hashed = this.#devices.get(index) ?? settings.hashes.devices(named.customers[index]!.devices);
		this.#devices.set(index, hashed);
		return hashed;
	}

	/** Keeps with each customer whether it has failed and nobody was told, and when it was well again. */
	#leaveEpisodes(records: Map<string, CustomerRecord>, { untold, recovered }: Reported): void {
		const { named, minute: now } = this.#opened;
		for (const { customerId, key, before } of [...named.customers, ...named.withheld]) {
			const record = records.get(key)!;
			if (recovered?.has(customerId) === true) {
				record.recovered = now;
			} else if (before?.recovered !== undefined && hasJustRecovered(before.recovered, now)) {
				record.recovered = before.recovered;
			}
			record.isUntold = untold?.has(customerId) === true || undefined;
		}
	}

	/** What the run leaves of everybody whom the rows name. */
	async #recordsLeft(
		standings: readonly Standing[],
		reported: Reported,
	): Promise<Map<string, CustomerRecord>> {
		const { named, pause, minute: now } = this.#opened;
		const { failing = new Set(), lostDevices = new Set(), moved: untold = [] } = reported;
		const records = new Map<string, CustomerRecord>();
		await forEachWithPauses(named.customers.entries(), pause, ([index, { customerId }]) => {
			this.#addRecord(records, index, standings[index] ?? 'waiting', failing.has(customerId));
		});
		const leaveUnsent = ({ customerId, key, before }: NamedCustomer, status: CustomerRecord['status']) => {
			const { devices = NO_DEVICES, minute = 0, left } = before ?? {};
			const isReported = failing.has(customerId);
			records.set(key, { status, isReported, fingerprint: '', minute, devices, left });
		};
		for (const customer of named.withheld) {
			leaveUnsent(customer, 'withheld');
		}
		for (const customer of named.leftOut) {
			// Until the loss of its devices is reported a customer counts as having some: it may also leave the rows.
			leaveUnsent(customer, lostDevices.has(customer.customerId) ? 'waiting' : 'withoutDevice');
		}
		for (const key of this.begun.unnamed ?? []) {
			const before = this.#before.get(key);
			if (before !== undefined) {
				records.set(key, { ...before, status: 'withheld', fingerprint: '' });
			}
		}
		this.#leaveEpisodes(records, reported);
		await leaveDepartures(
			records,
			{ recordsBefore: this.#before, found: this.begun.moved, untold, now },
			pause,
		);
		return records;
	}
}
