import type { Reported } from '../health';
import { slotOf, type Standing } from '../verdicts';
import { baselineOf } from './baseline';
import { ACCEPTED_REPORTED, entryOf } from './entries';
import { closedState, replaceReport, TURNS } from './lastRun';
import type { Lease } from './lease';
import { type Begun, countsOf, type Opened, type SyncSettings, type SyncCustomer } from './settings';
import { failed, stopwatch } from './store';

/** What a run needs at its end. */
interface AtEnd {
	/** Whether requests may start; if not, the state says already what this run would leave. */
	isOwner: boolean;
	opened: Opened;
	settings: SyncSettings;
	/** Customers, by index, that are known to have been accepted with what is in the rows, besides those that are unchanged. */
	asAccepted?: ReadonlySet<number> | undefined;
}

/** Between the attempts to end: the restart of a database takes seconds. Milliseconds. */
const END_PAUSES_MS = [0, 500, 1000, 2000, 4000];

/** How a run left the sync state. */
export interface Kept {
	/** Whether the next run will know; if not, it sends everything. */
	isKept: boolean;
	/** Whether another run has it, or may have it, now. */
	isTakenOver: boolean;
	tookMs: number;
}

/** One run of Sync after its beginning. */
export class SyncRun {
	readonly begun: Begun;
	readonly #atEnd: AtEnd | undefined;
	readonly #heartbeat: Heartbeat | undefined;

	/** @param atEnd undefined where the run leaves nothing: there is no store, it was stopped, or it is a Dry Run */
	constructor(begun: Begun, atEnd?: AtEnd) {
		this.begun = begun;
		this.#atEnd = atEnd;
		if (atEnd?.isOwner !== true) return;
		this.#heartbeat = new Heartbeat(atEnd.opened.lease);
		this.#heartbeat.start();
	}

	/** Whether a request may start, or be retried. To be called before each. */
	async mayStart(): Promise<boolean> {
		if (this.#heartbeat !== undefined) return await this.#heartbeat.mayStart();
		return this.#atEnd === undefined;
	}

	/** Whether another run is why none may start; if not, the sync state does not respond, or this process stood still. */
	get isTakenOver(): boolean {
		const lease = this.#atEnd?.opened.lease;
		return lease !== undefined && lease.isLost && !lease.isLate;
	}

	/** Nobody has waited for its beginning: it gives no heartbeat, so that the next run takes the state over. */
	async abandon(): Promise<void> {
		await this.#heartbeat?.stop();
	}

	/** Whether a customer that failed before is sent early in this run: each is in one of three. */
	hasTurn(index: number): boolean {
		const customerId = this.#atEnd?.settings.customers[index]?.customerId ?? '';
		return slotOf(entryOf(['turn', customerId])) % TURNS === this.#atEnd?.opened.lastRun.turn;
	}

	/**
	 * Records what became of the customers. To be called once, when no request is under way any more, also after a cancel or
	 * a throw: a run that does not come to this counts as interrupted. Never rejects.
	 * @param standings of each customer, in their order, from `standingOf`
	 * @returns undefined where there is nothing to keep
	 */
	async end(standings: readonly Standing[], reported: Reported): Promise<Kept | undefined> {
		if (this.#atEnd === undefined) return undefined;
		const { clock } = this.#atEnd.settings;
		const passedMs = stopwatch(clock);
		let isKept = false;
		try {
			await this.#heartbeat?.stop();
			isKept = await this.#end(this.#atEnd, standings, reported);
		} catch {
			// The state is in progress: the next run judges its rows by it, and sends everything.
		}
		return { isKept, isTakenOver: this.isTakenOver, tookMs: passedMs() };
	}

	async #end(atEnd: AtEnd, standings: readonly Standing[], reported: Reported): Promise<boolean> {
		const { isOwner, opened, settings, asAccepted } = atEnd;
		const { lease, minute, lastRun } = opened;
		if (!isOwner) return await lease.restore(replaceReport(reported, minute));
		const { entries, customers, withheld = [], leftOut = [], clock } = settings;
		const standingAt = (index: number) => standings[index] ?? 'waiting';
		const left = customers.map(({ customerId, fingerprint }, index) => {
			const standing = standingAt(index);
			return standing === 'accepted' ? fingerprint : entries[standing](customerId);
		});
		for (const { customerId } of customers) left.push(entries.known(customerId));
		for (const customerId of withheld) left.push(entries.failed(customerId), entries.known(customerId));
		const { failing = new Set(), bare = new Set() } = reported;
		// Who had devices counts as before until that is reported: it may also leave the rows.
		const unreported = leftOut.filter((id) => bare.has(id));
		const others = leftOut.filter((id) => !bare.has(id));
		for (const id of unreported) left.push(entries.waiting(id), entries.known(id));
		for (const id of others) left.push(entries.withoutDevice(id));
		for (const customerId of failing) left.push(entries.reported(customerId));
		const isAcceptedToo = ({ customerId }: SyncCustomer, index: number) =>
			failing.has(customerId) && standingAt(index) === 'accepted';
		if (customers.some(isAcceptedToo)) left.push(ACCEPTED_REPORTED);
		const isAccepted = (index: number) => {
			const verdict = this.begun.verdicts[index];
			const wasAccepted = verdict === 'due' || verdict === 'unchanged' || asAccepted?.has(index) === true;
			return wasAccepted || standingAt(index) === 'accepted';
		};
		const rows = { ...settings, withheld: [...withheld, ...unreported], leftOut: others };
		const noted = settings.note
			? await settings.note.update(countsOf(settings).customers, lastRun.noted)
			: lastRun.noted;
		left.push(...baselineOf(rows, isAccepted), ...(noted === undefined ? [] : [noted]));
		const state = closedState({ owner: entries, minute, reported, turn: lastRun.turn }, left);
		for (const pauseMs of END_PAUSES_MS) {
			await clock.sleep(pauseMs);
			if (lease.isLost) return false;
			if (!(await this.#heartbeat?.query())) continue;
			const isClosed = await lease.close(state).catch(failed);
			if (isClosed !== undefined) return isClosed;
		}
		return false;
	}
}

/**
 * Keeps two runs in two processes from sending at the same time. A run that finds the state in progress cannot see whether
 * the run that left it is dead. Its own entries change the number of entries, which an active run sees at its next query
 * and meets with one entry more, its heartbeat, for as long as somebody is there. A run takes over only if nobody writes
 * for `takeoverMs`, and a lease that was not seen for so long is lost.
 */
class Heartbeat {
	readonly #lease: Lease;
	/** Since the last heartbeat. */
	#sinceHeartbeatMs: () => number = () => Infinity;
	/** The number of entries after the last heartbeat. */
	#metCount: number | undefined;
	#query: Promise<boolean> | undefined;
	#turnOff: (() => void) | undefined;

	constructor(lease: Lease) {
		this.#lease = lease;
	}

	/** Whether a request may start, or be retried: no other run can have taken over. */
	async mayStart(): Promise<boolean> {
		if (!this.#lease.isHeld) await this.query();
		return this.#lease.isHeld;
	}

	/** From now on the run queries by itself. */
	start(): void {
		this.#turnOff = this.#lease.clock.alarm(this.#lease.timing.queryEveryMs, () => {
			void this.query().then(() => this.#turnOff && this.start());
		});
	}

	/** Ends that, and waits for a query that is under way. */
	async stop(): Promise<void> {
		this.#turnOff?.();
		this.#turnOff = undefined;
		await this.#query;
	}

	/** Queries whether another run has come. @returns whether this run still has the state, and every other run sees it */
	async query(): Promise<boolean> {
		this.#query ??= this.#queryOnce().finally(() => (this.#query = undefined));
		return await this.#query;
	}

	async #queryOnce(): Promise<boolean> {
		const sinceQueryMs = stopwatch(this.#lease.clock);
		try {
			const count = await this.#lease.count();
			const isAlone = count === this.#lease.expected;
			const { heartbeatEveryMs } = this.#lease.timing;
			const isMet = count === this.#metCount && this.#sinceHeartbeatMs() < heartbeatEveryMs;
			if (isAlone || isMet) this.#lease.seen(sinceQueryMs);
			else {
				await this.#lease.signalAlive();
				this.#metCount = count + 1;
				this.#sinceHeartbeatMs = sinceQueryMs;
			}
			return !this.#lease.isLost;
		} catch {
			// A query that failed counts as none.
			return false;
		}
	}
}
