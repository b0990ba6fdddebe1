/**
 * A run that owns the lock row while it sends. Before it sends a customer, it names the customer in the state as in doubt. Each customer that
 * the run has to send is, one after the other,
 *
 *     not named   the state does not have it in doubt, so its request may not start
 *     named       the state has it in doubt, since the claim or a heartbeat
 *     started     its request may have left. If the request was held back because this process stood still, it is `named` again
 *     settled     all its requests have ended, and the run knows what they prove together
 *     saved       a heartbeat has written that it was accepted; in a run that writes receipts, only after its receipt
 *
 * What the run writes:
 *
 *     claim            names the first customers
 *     each heartbeat   saves the customers accepted since the last one, and names those that the run may send in the next seconds
 *     end              writes what became of each customer, and frees the row
 *     late part        names the customers whose request was under way, or ended, when another run may already have owned the row
 *
 * If the run dies, the customers that are named and not saved stay in doubt. The next run sends them again.
 */
import { type ChangeLast, type LastCell, RETRY_GROUPS } from '../last';
import { BEAT_MS, responseInTime, type Lock, stopwatch, Taken } from '../lock/lock';
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
	estimateLength,
	hasJustRecovered,
	NO_HASHES,
	type Pause,
} from './content';
import { type Departures, recordDepartures } from './departures';
import { largestCountsAfter } from './normal';
import type { NamedCustomer, NamedCustomers } from './named';
import type { FoundState } from './readState';
import { countsOf, minuteOf, type SyncSettings } from './settings';

/** This many customers are named before the first request. If a run dies at once, the next one sends all of them again. */
const FIRST_NAMED = 64;

/** The run names customers ahead, as many as it may send in this many heartbeats. With one, a slow heartbeat would stop the sending. */
const BEATS_AHEAD = 2;

/** If the additions are longer than this part of the whole state, the run writes a whole one instead: the next run has to read all of them. */
const LONGEST_ADDITIONS = 1 / 4;
/** If there are more additions than this, the run writes a whole state instead: each is a row that the next run has to read. */
const MOST_ADDITIONS = 100;

/** The pause before a failed heartbeat or late part is tried again. Milliseconds. */
const RETRY_PAUSE_MS = 500;

/** How often a late part is attempted. Without that part the next run could take a customer for unchanged that has older devices at Tencent, for good. */
const LATE_PART_ATTEMPTS = 3;

/** What a sending run has read, and what it works with. */
interface SendingContext {
	table: SyncTable;
	lock: Lock;
	settings: SyncSettings;
	found: FoundState;
	named: NamedCustomers;
	departures: Departures;
	pause: Pause;
}

/** A run that sends: the head of this file lists what it writes, and the states of a customer. */
export class SendingRun implements Sending {
	readonly kind = 'sending';
	readonly facts: StartFacts;
	readonly stateNumber: number;
	readonly #context: SendingContext;
	/** The records of this account in the state that the run has found, by the hashes of customers. */
	readonly #recordsBefore: ReadonlyMap<string, CustomerRecord>;
	/** The place of each customer in `facts.sendOrder`, by its index. */
	readonly #placeOf: ReadonlyMap<number, number>;
	/** How many customers at the head of `facts.sendOrder` are named: their requests may start. */
	#namedCount = 0;
	/** How many customers have to be named for the requests that wait now. */
	#neededCount = 0;
	/** Indexes of the customers whose request may have left. */
	readonly #started = new Set<number>();
	/** How many customers had started when the run last named some: those that started since then show how fast the run sends. */
	#startedCountWhenNamed = 0;
	/** Milliseconds since the run last named customers. */
	#sinceNamedMs: () => number;
	/** How many customers the run wants to name ahead of those that have started. */
	#aheadCount = FIRST_NAMED;
	/** What all requests of a customer prove together, by its index. */
	readonly #outcomes = new Map<number, OutcomeName>();
	/** The hashes of a customer's devices, by its index. Made when they are first needed. */
	readonly #deviceHashes: Map<number, Buffer>;
	/** Indexes of the customers that the next heartbeat saves as accepted. In a run that writes receipts, only those whose receipts are in the log. */
	readonly #unsaved = new Set<number>();
	/** Indexes of the customers for a late part: their request ended, or was under way, when another run may already have owned the row. */
	readonly #forLatePart = new Set<number>();
	/** The heartbeat that is under way. */
	#saving: Promise<boolean> | undefined;

	constructor(facts: StartFacts, context: SendingContext) {
		this.facts = facts;
		this.#context = context;
		this.#deviceHashes = new Map(context.departures.deviceHashes);
		this.#placeOf = new Map(facts.sendOrder.map((index, place) => [index, place]));
		const { found, settings } = context;
		this.#recordsBefore = found.accountContent?.records ?? new Map();
		this.stateNumber = found.last.stateNumber + 1;
		this.#sinceNamedMs = stopwatch(settings.clock);
	}

	/**
	 * Names the first customers, and takes the right to send.
	 * @throws Taken if another run owns the row, or what the table rejects with. Then nothing was sent
	 */
	async claim(): Promise<void> {
		const { table, lock, found, settings } = this.#context;
		let records = new Map(found.lateParts.flatMap((part) => [...part.records]));
		const newlyNamed = this.#nextToName();
		await this.#addRecords(records, newlyNamed, 'doubt');
		const isWhole = found.isLost || this.#isTooLong(estimateLength(records));
		if (isWhole) {
			records = new Map([...this.#recordsBefore, ...records]);
		}
		const content = await this.#encode(records);
		const { beganMs } = settings;
		await lock.claim({ addition: { content, isWhole }, changeLast: (before) => ({ ...before, beganMs }) });
		this.#noteNamed(newlyNamed);
		if (!found.last.isNoted) {
			// Without the entry, a state that is lost later would pass for a first run. So if it cannot be written, this run sends nothing.
			await responseInTime(settings.clock, table.noteState());
		}
		await lock.removeUnusedParts(found.otherLatePartNames);
		lock.startBeats(async () => await this.#save());
	}

	get isHeld(): boolean {
		return this.#context.lock.isHeld;
	}

	get isTakenOver(): boolean {
		return this.#context.lock.isTakenOver;
	}

	async mayStart(index: number | undefined): Promise<boolean> {
		const { lock, settings } = this.#context;
		const place = index === undefined ? -1 : this.#placeOf.get(index);
		if (place === undefined) {
			return false;
		}
		if (index !== undefined && !lock.isHeld) {
			// The request was held back because this process stood still, or its last attempt has ended. So no request of it is under way.
			this.#started.delete(index);
		}
		const isReady = () => lock.isHeld && place < this.#namedCount;
		this.#neededCount = Math.max(this.#neededCount, place + 1);
		while (!isReady() && !lock.isTakenOver) {
			// If this process stood still, the heartbeat shows whether this run still owns the row.
			const wasHeld = lock.isHeld;
			const isSaved = await this.#save();
			if (isReady()) {
				break;
			}
			const staysNotHeld = !wasHeld && !lock.isHeld;
			if (staysNotHeld || settings.signal?.aborted) {
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
			if (this.#areFewNamedLeft()) {
				void this.#save();
			}
		}
		return true;
	}

	/** Whether few named customers are left to start. Then the run names more at once, so that no request has to wait for the next heartbeat. */
	#areFewNamedLeft(): boolean {
		const notStarted = this.#namedCount - this.#started.size;
		return notStarted < this.#aheadCount / 4 && this.#namedCount < this.facts.sendOrder.length;
	}

	noteOutcome(index: number, outcome: OutcomeName): void {
		const { lock, settings } = this.#context;
		this.#outcomes.set(index, outcome);
		if (outcome === 'OK' && settings.writesReceipts !== true) {
			this.#unsaved.add(index);
		}
		if (!lock.isHeld) {
			this.#forLatePart.add(index);
		}
	}

	noteReceiptsWritten(indexes: readonly number[]): void {
		for (const index of indexes) {
			if (this.#outcomes.get(index) === 'OK') {
				this.#unsaved.add(index);
			}
		}
	}

	async end(
		standings: readonly Standing[],
		reported: LastReport,
		changeLast: ChangeLast = (before) => before,
	): Promise<StateEnd> {
		const { lock, settings, found } = this.#context;
		const passedMs = stopwatch(settings.clock);
		lock.stopBeats();
		await this.#saving;
		try {
			await this.#writeEnd(standings, reported, changeLast);
			await lock.removeUnusedParts(found.otherLatePartNames);
			return { kind: 'kept', isReportStored: true, tookMs: passedMs() };
		} catch (cause) {
			await this.#writeLatePart();
			const unusable = cause instanceof TableUnusable ? cause.why : undefined;
			const kind = cause instanceof Taken ? 'takenOver' : 'unknown';
			return { kind, isReportStored: false, tookMs: passedMs(), unusable };
		}
	}

	/** Writes what became of each customer, and frees the row. @throws if it is not known that this took effect */
	async #writeEnd(
		standings: readonly Standing[],
		reported: LastReport,
		changeForPeople: ChangeLast,
	): Promise<void> {
		const { lock, named, found, pause } = this.#context;
		const { minute } = this.facts;
		const turn = (found.last.turn + 1) % RETRY_GROUPS;
		const changeLast = (before: LastCell): LastCell => {
			const lastAfter = { ...changeForPeople(before), isNoted: true, reported };
			return this.facts.isChanged === true
				? { ...lastAfter, changes: addChange(readChanges(before['changes']), minute) }
				: lastAfter;
		};
		// The state of another account stays until Tencent has accepted a customer of this account: somebody may have mistyped the App Key.
		const isOfOtherAccount = found.content !== found.accountContent;
		if (isOfOtherAccount && !standings.includes('accepted')) {
			await lock.release({ stateName: lock.foundStateName, changeLast });
			return;
		}
		const records = await this.#recordsAtEnd(standings, reported);
		const changedRecords = await difference(this.#recordsBefore, records, pause);
		// Earlier additions of this run name customers as in doubt, so the record of each of them is written, even if it did not change.
		for (const index of this.facts.sendOrder.slice(0, this.#namedCount)) {
			const { key } = named.customers[index]!;
			changedRecords.set(key, records.get(key)!);
		}
		const isWhole =
			!this.#wasComplete || found.hasOtherAccount || this.#isTooLong(estimateLength(changedRecords));
		const content = await partFormat.write(this.#contentOf(isWhole ? records : changedRecords, true), pause);
		await lock.release({
			addition: { content, isWhole },
			changeLast: (before) => ({ ...changeLast(before), minute, turn, stateNumber: this.stateNumber }),
		});
	}

	/** Writes a late part with the customers in `#forLatePart`, without owning the row. The next run sends them again. */
	async #writeLatePart(): Promise<void> {
		const { lock, settings } = this.#context;
		if (this.#forLatePart.size === 0) {
			return;
		}
		const records = new Map<string, CustomerRecord>();
		await this.#addRecords(records, [...this.#forLatePart], 'doubt');
		// A customer whose request ends later is named in a further part: the next run may already have read this part and sent the customer.
		this.#forLatePart.clear();
		const content = await this.#encode(records);
		for (let attempt = 1; attempt <= LATE_PART_ATTEMPTS; attempt++) {
			if (await lock.insertLatePart(content)) {
				return;
			}
			await settings.clock.sleep(RETRY_PAUSE_MS);
		}
	}

	/**
	 * Makes one heartbeat. Calls during a heartbeat wait for that one. The next heartbeat writes what this one could not.
	 * @returns whether the heartbeat took effect
	 */
	async #save(): Promise<boolean> {
		this.#saving ??= this.#saveOrLeave().finally(() => {
			this.#saving = undefined;
		});
		return await this.#saving;
	}

	async #saveOrLeave(): Promise<boolean> {
		// Once the execution is over, n8n carries out only one more statement, which `end` needs.
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

	/**
	 * Stops the heartbeats, since another run owns the row, and writes a late part at once with the customers whose requests are under way: this
	 * process may die before they end.
	 */
	async #leaveToOther(): Promise<void> {
		this.#context.lock.stopBeats();
		for (const index of this.#started) {
			if (!this.#outcomes.has(index)) {
				this.#forLatePart.add(index);
			}
		}
		await this.#writeLatePart();
	}

	async #saveNow(): Promise<void> {
		const { lock } = this.#context;
		const accepted = [...this.#unsaved];
		const newlyNamed = this.#nextToName();
		if (accepted.length === 0 && newlyNamed.length === 0) {
			await lock.keep({});
			return;
		}
		const records = new Map<string, CustomerRecord>();
		await this.#addRecords(records, accepted, 'accepted');
		await this.#addRecords(records, newlyNamed, 'doubt');
		const content = await this.#encode(records);
		await lock.keep({ addition: { content, isWhole: false } });
		for (const index of accepted) {
			this.#unsaved.delete(index);
		}
		this.#noteNamed(newlyNamed);
	}

	/** Chooses the customers to name next, by index: those that the run may send in the next seconds. */
	#nextToName(): number[] {
		const { sendOrder } = this.facts;
		const startedPerMs =
			(this.#started.size - this.#startedCountWhenNamed) / Math.max(1, this.#sinceNamedMs());
		const wantedCount = Math.ceil(startedPerMs * BEATS_AHEAD * BEAT_MS);
		// At most four times as many as before: the first few requests do not show yet how fast the run sends.
		this.#aheadCount = Math.max(FIRST_NAMED, Math.min(wantedCount, 4 * this.#aheadCount));
		const endPlace = Math.max(this.#namedCount, this.#neededCount, this.#started.size + this.#aheadCount);
		return sendOrder.slice(this.#namedCount, endPlace);
	}

	/** Notes that the state now names these customers, so their requests may start. */
	#noteNamed(indexes: readonly number[]): void {
		this.#namedCount += indexes.length;
		this.#startedCountWhenNamed = this.#started.size;
		this.#sinceNamedMs = stopwatch(this.#context.settings.clock);
	}

	/** Whether the state knew all customers of the rows when this run began. */
	get #wasComplete(): boolean {
		return this.#context.found.accountContent?.isComplete === true;
	}

	/** Whether the additions, with one more of this length, would be too long or too many. Then the run writes a whole state instead. */
	#isTooLong(addedLength: number): boolean {
		const { found, lock } = this.#context;
		// A whole state of this account would drop what another account has accepted, which stays until the end of the run.
		if (found.hasOtherAccount) {
			return false;
		}
		const [wholeLength = 0, ...additions] = (lock.chain ?? []).map(({ length }) => length);
		const totalLength = additions.reduce((total, addition) => total + addition, addedLength);
		return additions.length >= MOST_ADDITIONS || totalLength > LONGEST_ADDITIONS * wholeLength;
	}

	async #encode(records: Map<string, CustomerRecord>): Promise<string> {
		return await partFormat.write(this.#contentOf(records, this.#wasComplete), this.#context.pause);
	}

	#contentOf(records: Map<string, CustomerRecord>, isComplete: boolean): Content {
		const { settings, found } = this.#context;
		const { minute, presumedWithheld } = this.facts;
		const { hashes, namedDevices } = settings;
		const counts = countsOf(settings, presumedWithheld?.size);
		const normal = largestCountsAfter(found.accountContent, {
			counts,
			beganMs: minute * 60_000,
			lastMinute: found.last.minute ?? minute,
			isApproved: this.facts.passedPlanId !== undefined,
		});
		return {
			account: hashes.accountHash,
			application: hashes.applicationHash,
			isComplete,
			counts,
			normal,
			products: expectedProducts(namedDevices.products).map((name) => hashes.product(name)),
			records,
		};
	}

	async #addRecords(
		records: Map<string, CustomerRecord>,
		indexes: readonly number[],
		status: CustomerRecord['status'],
	): Promise<void> {
		await forEachWithPauses(indexes, this.#context.pause, (index) => this.#addRecord(records, index, status));
	}

	/** Makes the new record of a customer whose rows can be sent, and adds it to `records`. */
	#addRecord(
		records: Map<string, CustomerRecord>,
		index: number,
		status: CustomerRecord['status'],
		isFailureReported?: boolean,
	): void {
		const { key, recordBefore, fingerprint } = this.#context.named.customers[index]!;
		const isSameSet = recordBefore?.fingerprint === fingerprint;
		const outcome = this.#outcomes.get(index);
		const isNewlyAccepted = status === 'accepted' && (outcome === 'OK' || !isSameSet);
		const acceptedMinute = isNewlyAccepted
			? minuteOf(this.#context.settings.clock.nowMs())
			: (recordBefore?.acceptedMinute ?? 0);
		// If nothing was applied, Tencent still has the devices of an earlier run. If Tencent accepted this set before, the record has them.
		const isNotApplied = status === 'waiting' || (status === 'failed' && !mayBeApplied(outcome));
		const isAcceptedBefore = isSameSet && recordBefore.status === 'accepted';
		let deviceHashes = recordBefore?.deviceHashes ?? NO_HASHES;
		if (!isNotApplied && !isAcceptedBefore) {
			deviceHashes = this.#deviceHashesOf(index);
		}
		// The other members stay as they are until the end of the run, which sets them: the run may die before that.
		const record: CustomerRecord = {
			...recordBefore,
			status,
			isFailureReported: isFailureReported ?? recordBefore?.isFailureReported ?? false,
			fingerprint,
			acceptedMinute,
			deviceHashes,
		};
		records.set(key, record);
	}

	/** The hashes of a customer's devices. They are kept, since up to three records need them: when it is named, when it is saved, at the end. */
	#deviceHashesOf(index: number): Buffer {
		const { settings, named } = this.#context;
		const deviceHashes =
			this.#deviceHashes.get(index) ?? settings.hashes.devices(named.customers[index]!.set.devices);
		this.#deviceHashes.set(index, deviceHashes);
		return deviceHashes;
	}

	/** Sets in each record whether a failure still has to be reported, and when the customer last recovered. */
	#recordEpisodes(records: Map<string, CustomerRecord>, { unreportedFailures, recovered }: LastReport): void {
		const { named } = this.#context;
		const { minute: nowMinute } = this.facts;
		for (const { customerId, key, recordBefore } of [...named.customers, ...named.withheld]) {
			const record = records.get(key)!;
			if (recovered?.has(customerId) === true) {
				record.recoveredMinute = nowMinute;
			} else if (recordBefore !== undefined && hasJustRecovered(recordBefore, nowMinute)) {
				record.recoveredMinute = recordBefore.recoveredMinute;
			}
			record.isFailureUnreported = unreportedFailures?.has(customerId) === true || undefined;
		}
	}

	/** Makes the record of each customer for the state after this run, by the customer's hash. */
	async #recordsAtEnd(
		standings: readonly Standing[],
		reported: LastReport,
	): Promise<Map<string, CustomerRecord>> {
		const { named, departures, pause } = this.#context;
		const { minute: nowMinute } = this.facts;
		const { reportedFailures = new Set(), lostDevices = new Set(), moved: unreportedMoves = [] } = reported;
		const records = new Map<string, CustomerRecord>();
		await forEachWithPauses(named.customers.entries(), pause, ([index, { customerId }]) => {
			this.#addRecord(records, index, standings[index] ?? 'waiting', reportedFailures.has(customerId));
		});
		const addUnsent = (
			{ customerId, key, recordBefore }: NamedCustomer,
			status: CustomerRecord['status'],
		) => {
			const { deviceHashes = NO_HASHES, acceptedMinute = 0, leftDevices } = recordBefore ?? {};
			const isFailureReported = reportedFailures.has(customerId);
			records.set(key, {
				status,
				isFailureReported,
				fingerprint: '',
				acceptedMinute,
				deviceHashes,
				leftDevices,
			});
		};
		for (const customer of named.withheld) {
			addUnsent(customer, 'withheld');
		}
		for (const customer of named.leftOut) {
			// Until a report has named the loss, the customer counts as having devices: if it left the rows now, nobody would learn of either.
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
			{ recordsBefore: this.#recordsBefore, departures, unreportedMoves, nowMinute },
			pause,
		);
		return records;
	}
}
