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
import { type ChangeLastCell, type LastCell, RETRY_GROUP_COUNT } from '../last';
import { HEARTBEAT_MS, responseInTime, type Lock, RowTaken } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import type { OutcomeName } from '../../service/outcome';
import { stopwatch } from '../../service/transport/clock';
import { TableUnusable } from '../../tables/dataTables';
import type { StartFacts, Sending } from '../syncRun';
import { RowChanges } from '../changes';
import type { StateWriteResult } from '../health';
import type { LastReport } from '../lastReport';
import type { EndStatus } from '../verdicts';
import { type CustomerRecord, statePart } from './content';
import type { Departures } from './departures';
import type { ComparedRun } from './customersInRows';
import { RunRecords } from './runRecords';

/** This many customers are named before the first request. If the run dies at once, the next run sends all of these customers again. */
const FIRST_NAMED_COUNT = 64;

/** The run names customers ahead, as many as it may send in this many heartbeats. With a single one, a slow heartbeat would stop the sending. */
const HEARTBEATS_AHEAD = 2;

/** If all additions together are longer than this share of the whole state, the run writes a whole state instead, so the next run reads less. */
const LONGEST_ADDITIONS_SHARE = 1 / 4;
/** If there are more additions than this, the run writes a whole state instead: each is a row that the next run has to read. */
const MOST_ADDITIONS = 100;

/** The pause before a failed heartbeat, or a failed late part, is attempted again. Milliseconds. */
const RETRY_PAUSE_MS = 500;

/** How often a late part is attempted. Without it a customer with older devices at Tencent could count as unchanged in all later runs. */
const LATE_PART_ATTEMPTS = 3;

/** What a sending run is given when it begins: the tables, and what it has compared. */
interface SendingContext extends ComparedRun {
	table: SyncTable;
	lock: Lock;
	departures: Departures;
}

/** A run that sends: the head of this file lists what it writes, and the states of a customer. */
export class SendingRun implements Sending {
	readonly kind = 'sending';
	readonly facts: StartFacts;
	readonly #context: SendingContext;
	readonly #records: RunRecords;
	/** The place of each customer in `facts.sendOrder`, by the customer's index. */
	readonly #placesByIndex: ReadonlyMap<number, number>;
	/** How many customers at the head of `facts.sendOrder` are named: their requests may start. */
	#namedCount = 0;
	/** How many customers at the head of `facts.sendOrder` have to be named so that the requests that wait now may start. */
	#neededNamedCount = 0;
	/** Indexes of the customers whose request may have left. */
	readonly #startedIndexes = new Set<number>();
	/** How many customers had started when the run last named some: those that started since then show how fast the run sends. */
	#startedCountWhenNamed = 0;
	/** Gives the milliseconds since the run last named customers. */
	#msSinceNamed: () => number;
	/** How many customers are to be named beyond those that have started: with too few, requests would have to wait for the next heartbeat. */
	#namedAheadCount = FIRST_NAMED_COUNT;
	/** Indexes of the customers that the next heartbeat saves as accepted. In a run that writes receipts, only those whose receipts are in the log. */
	readonly #unsavedIndexes = new Set<number>();
	/** Indexes of the customers for a late part: their request ended, or was under way, when another run may already have owned the row. */
	readonly #latePartIndexes = new Set<number>();
	/** The heartbeat that is under way; undefined between two heartbeats. */
	#heartbeatUnderWay: Promise<boolean> | undefined;

	constructor(facts: StartFacts, context: SendingContext) {
		this.facts = facts;
		this.#context = context;
		this.#records = new RunRecords(facts, context, context.departures);
		this.#placesByIndex = new Map(facts.sendOrder.map((index, place) => [index, place]));
		this.#msSinceNamed = stopwatch(context.settings.clock);
	}

	/**
	 * Names the first customers, and takes the right to send.
	 * @throws RowTaken if another run owns the row, or what the table rejects with. Then nothing was sent
	 */
	async claim(): Promise<void> {
		const { table, lock, foundState, settings } = this.#context;
		let records = new Map(foundState.lateParts.flatMap((part) => [...part.records]));
		const newlyNamedIndexes = this.#chooseNextToName();
		await this.#records.addRecords(records, newlyNamedIndexes, 'doubt');
		const isWholeState =
			foundState.isStateLost || this.#areAdditionsTooLong(statePart.estimateLength(records));
		if (isWholeState) {
			records = new Map([...this.#records.recordsBefore, ...records]);
		}
		const content = await this.#records.encode(records);
		await lock.claim({
			addition: { content, isWholeState },
			changeLastCell: (storedLast) => ({ ...storedLast, beganMs: settings.rowsReceivedMs }),
		});
		this.#noteNamed(newlyNamedIndexes);
		if (!foundState.last.hasStoreEntry) {
			// Without the entry in n8n's store, a state lost later would pass for a first run. So if the entry cannot be written, this run sends nothing.
			await responseInTime(settings.clock, table.ensureStoreEntry());
		}
		await lock.removeUnusedParts(foundState.otherLatePartNames);
		lock.startHeartbeats(async () => await this.#heartbeat());
	}

	get mayLeave(): boolean {
		return this.#context.lock.isHeld;
	}

	get isLockTakenByOther(): boolean {
		return this.#context.lock.isTakenByOther;
	}

	async mayStart(index: number | undefined): Promise<boolean> {
		const { lock, settings } = this.#context;
		const place = index === undefined ? -1 : this.#placesByIndex.get(index);
		if (place === undefined) {
			return false;
		}
		if (index !== undefined && !lock.isHeld) {
			// A request that was held back has not left, and a retry begins only after the request before it has ended. So the customer has no request
			// under way that a late part would have to name.
			this.#startedIndexes.delete(index);
		}
		const mayStartNow = () => lock.isHeld && place < this.#namedCount;
		this.#neededNamedCount = Math.max(this.#neededNamedCount, place + 1);
		while (!mayStartNow() && !lock.isTakenByOther) {
			// If this process stood still, the heartbeat shows whether this run still owns the row.
			const wasLockHeld = lock.isHeld;
			const isHeartbeatWritten = await this.#heartbeat();
			if (mayStartNow()) {
				break;
			}
			const isLockStillLost = !wasLockHeld && !lock.isHeld;
			if (isLockStillLost || settings.signal?.aborted) {
				return false;
			}
			if (!isHeartbeatWritten) {
				await settings.clock.sleep(RETRY_PAUSE_MS, settings.signal);
			}
		}
		if (!mayStartNow()) {
			return false;
		}
		if (index !== undefined) {
			this.#startedIndexes.add(index);
			if (this.#areFewNamedLeft()) {
				void this.#heartbeat();
			}
		}
		return true;
	}

	/** Whether few of the named customers have not started yet. Then an extra heartbeat names more, so that no request has to wait for the next one. */
	#areFewNamedLeft(): boolean {
		const notStartedCount = this.#namedCount - this.#startedIndexes.size;
		return notStartedCount < this.#namedAheadCount / 4 && this.#namedCount < this.facts.sendOrder.length;
	}

	noteOutcome(index: number, outcome: OutcomeName): void {
		const { lock, settings } = this.#context;
		this.#records.outcomesByIndex.set(index, outcome);
		if (outcome === 'OK' && settings.writesReceipts !== true) {
			this.#unsavedIndexes.add(index);
		}
		if (!lock.isHeld) {
			this.#latePartIndexes.add(index);
		}
	}

	noteReceiptsWritten(indexes: readonly number[]): void {
		for (const index of indexes) {
			if (this.#records.outcomesByIndex.get(index) === 'OK') {
				this.#unsavedIndexes.add(index);
			}
		}
	}

	async end(
		endStatuses: readonly EndStatus[],
		reported: LastReport,
		changeLastCell: ChangeLastCell = (storedLast) => storedLast,
	): Promise<StateWriteResult> {
		const { lock, settings, foundState } = this.#context;
		const msSinceEndBegan = stopwatch(settings.clock);
		lock.stopHeartbeats();
		await this.#heartbeatUnderWay;
		try {
			const newStateNumber = await this.#writeEnd(endStatuses, reported, changeLastCell);
			await lock.removeUnusedParts(foundState.otherLatePartNames);
			return { kind: 'kept', isReportStored: true, newStateNumber };
		} catch (cause) {
			await this.#writeLatePart();
			const whyUnusable = cause instanceof TableUnusable ? cause.why : undefined;
			const kind = cause instanceof RowTaken ? 'takenOver' : 'unknown';
			return { kind, isReportStored: false, tookMs: msSinceEndBegan(), whyUnusable };
		}
	}

	/**
	 * Writes what became of each customer, and frees the row.
	 * @returns the number of the new state; undefined if the state stays as it was
	 * @throws if it is not known whether the row has changed
	 */
	async #writeEnd(
		endStatuses: readonly EndStatus[],
		reported: LastReport,
		changeLastForPeople: ChangeLastCell,
	): Promise<number | undefined> {
		const { lock, customersInRows, foundState, pause } = this.#context;
		const { beganMinute, passedPlanId } = this.facts;
		const rePushMinute = passedPlanId === undefined ? beganMinute : foundState.last.rePushMinute;
		const turn = (foundState.last.turn + 1) % RETRY_GROUP_COUNT;
		const changeLastCell = (storedLast: LastCell): LastCell => {
			const lastAfter = { ...changeLastForPeople(storedLast), hasStoreEntry: true, reported };
			return this.facts.areRowsChanged === true
				? { ...lastAfter, changes: new RowChanges(storedLast['changes']).withChange(beganMinute) }
				: lastAfter;
		};
		// The state of another account stays until Tencent has accepted a customer of this account: somebody may have mistyped the App Key. If only the
		// App Secret differs, that state is wrong as soon as Tencent may have applied a request.
		const isStateOfOtherAccount = foundState.contentOfAnyAccount !== foundState.accountContent;
		const isStateOverridden =
			endStatuses.includes('accepted') || (foundState.hasOtherSecret && this.#records.isAnyMaybeApplied);
		if (isStateOfOtherAccount && !isStateOverridden) {
			await lock.release({ stateName: lock.stateNameAtRead, changeLastCell });
			return undefined;
		}
		const records = await this.#records.atEnd(endStatuses, reported);
		const changedRecords = await statePart.findChanges(this.#records.recordsBefore, records, pause);
		// Earlier additions of this run name customers as in doubt, so the record of each named customer is written, even if it did not change.
		for (const index of this.facts.sendOrder.slice(0, this.#namedCount)) {
			const { key } = customersInRows.sendable[index]!;
			changedRecords.set(key, records.get(key)!);
		}
		const isWholeState =
			this.facts.isFirstForAccount ||
			foundState.hasOtherAccount ||
			this.#areAdditionsTooLong(statePart.estimateLength(changedRecords));
		const content = await this.#records.encode(isWholeState ? records : changedRecords, true);
		const stateNumber = foundState.last.stateNumber + 1;
		await lock.release({
			addition: { content, isWholeState },
			changeLastCell: (storedLast) => ({
				...changeLastCell(storedLast),
				minute: beganMinute,
				rePushMinute,
				turn,
				stateNumber,
			}),
		});
		return stateNumber;
	}

	/** Writes a late part with the customers of `#latePartIndexes`, without owning the row. The next run sends them again. */
	async #writeLatePart(): Promise<void> {
		const { lock, settings } = this.#context;
		if (this.#latePartIndexes.size === 0) {
			return;
		}
		const records = new Map<string, CustomerRecord>();
		await this.#records.addRecords(records, [...this.#latePartIndexes], 'doubt');
		// A customer whose request ends from here on goes into a further late part: the next run may already have read this one.
		this.#latePartIndexes.clear();
		const content = await this.#records.encode(records);
		for (let attempt = 1; attempt <= LATE_PART_ATTEMPTS; attempt++) {
			if (await lock.insertLatePart(content)) {
				return;
			}
			await settings.clock.sleep(RETRY_PAUSE_MS);
		}
	}

	/**
	 * Makes one heartbeat, or waits for the heartbeat that is under way. What a heartbeat could not write is written by the next one.
	 * @returns whether the heartbeat took effect
	 */
	async #heartbeat(): Promise<boolean> {
		this.#heartbeatUnderWay ??= this.#heartbeatOrLeave().finally(() => {
			this.#heartbeatUnderWay = undefined;
		});
		return await this.#heartbeatUnderWay;
	}

	async #heartbeatOrLeave(): Promise<boolean> {
		// Once the execution is over (`signal`), n8n carries out only one more statement. `end` needs it, so there is no heartbeat any more.
		if (this.isLockTakenByOther || this.#context.settings.signal?.aborted) {
			return false;
		}
		try {
			await this.#writeHeartbeat();
			return true;
		} catch (cause) {
			if (cause instanceof RowTaken) {
				await this.#leaveToOtherRun();
			}
			return false;
		}
	}

	/**
	 * Stops the heartbeats, since another run owns the row, and writes a late part at once with the customers whose requests are under way: this
	 * process may die before they end.
	 */
	async #leaveToOtherRun(): Promise<void> {
		this.#context.lock.stopHeartbeats();
		for (const index of this.#startedIndexes) {
			if (!this.#records.outcomesByIndex.has(index)) {
				this.#latePartIndexes.add(index);
			}
		}
		await this.#writeLatePart();
	}

	async #writeHeartbeat(): Promise<void> {
		const { lock } = this.#context;
		const acceptedIndexes = [...this.#unsavedIndexes];
		const newlyNamedIndexes = this.#chooseNextToName();
		if (acceptedIndexes.length === 0 && newlyNamedIndexes.length === 0) {
			await lock.keepLock({});
			return;
		}
		const records = new Map<string, CustomerRecord>();
		await this.#records.addRecords(records, acceptedIndexes, 'accepted');
		await this.#records.addRecords(records, newlyNamedIndexes, 'doubt');
		const content = await this.#records.encode(records);
		await lock.keepLock({ addition: { content, isWholeState: false } });
		for (const index of acceptedIndexes) {
			this.#unsavedIndexes.delete(index);
		}
		this.#noteNamed(newlyNamedIndexes);
	}

	/** Chooses the customers to name next, by index: those that the run may send in the next seconds. */
	#chooseNextToName(): number[] {
		const { sendOrder } = this.facts;
		const startedPerMs =
			(this.#startedIndexes.size - this.#startedCountWhenNamed) / Math.max(1, this.#msSinceNamed());
		const wantedCount = Math.ceil(startedPerMs * HEARTBEATS_AHEAD * HEARTBEAT_MS);
		// At most four times as many as before: the first few requests do not show yet how fast the run sends.
		this.#namedAheadCount = Math.max(FIRST_NAMED_COUNT, Math.min(wantedCount, 4 * this.#namedAheadCount));
		const endPlace = Math.max(
			this.#namedCount,
			this.#neededNamedCount,
			this.#startedIndexes.size + this.#namedAheadCount,
		);
		return sendOrder.slice(this.#namedCount, endPlace);
	}

	/** Notes that the state now names these customers, so their requests may start. */
	#noteNamed(indexes: readonly number[]): void {
		this.#namedCount += indexes.length;
		this.#startedCountWhenNamed = this.#startedIndexes.size;
		this.#msSinceNamed = stopwatch(this.#context.settings.clock);
	}

	/** Whether the additions, with one more of `addedLength` characters, would be too long or too many. Then the run writes a whole state instead. */
	#areAdditionsTooLong(addedLength: number): boolean {
		const { foundState, lock } = this.#context;
		// The state of another account must stay until the end of the run, and a whole state of this account would drop it.
		if (foundState.hasOtherAccount) {
			return false;
		}
		const [wholeLength = 0, ...additionLengths] = (lock.partChain ?? []).map(
			({ contentLength }) => contentLength,
		);
		const additionsLength = additionLengths.reduce((total, length) => total + length, addedLength);
		return (
			additionLengths.length >= MOST_ADDITIONS || additionsLength > LONGEST_ADDITIONS_SHARE * wholeLength
		);
	}
}
