import { randomInt } from 'node:crypto';

import type { Found, Sending } from '../began';
import { ALL_WELL, type Kept, type Left, type Reported } from '../health';
import { FEWEST_CUSTOMERS } from '../safetyChecks';
import type { Standing } from '../verdicts';
import { baselineOf, nextSet, type Opened, setEntry } from './baseline';
import { ACCEPTED_REPORTED, kindsOf, type Leaving, NOTED } from './entries';
import { closedState, leftByRun, NOVELTIES, replaceReport } from './lastRun';
import { type Lease, Taken } from './lease';
import { countsOf, type SyncSettings } from './settings';
import { StatementLate, stopwatch } from './store';

/** Between the attempts to end: the restart of a database takes seconds. Milliseconds. */
const END_PAUSES_MS = [0, 500, 1000, 2000, 4000];

/** Sends everybody where there is no state to compare with, and keeps nothing. */
export function sendingWithoutState(begun: Found): Sending {
	return {
		kind: 'sending',
		begun,
		isTakenOver: false,
		mayStart: async () => await Promise.resolve(true),
		accepted: () => undefined,
		end: async () => await Promise.resolve(undefined),
	};
}

/** A run that owns the state while it sends. */
export class SendingRun implements Sending {
	readonly kind = 'sending';
	readonly begun: Found;
	readonly #opened: Opened;
	readonly #lease: Lease;
	readonly #settings: SyncSettings;
	/** Customers, by index, that are known to have been accepted with what is in the rows, besides those that are unchanged. */
	readonly #asAccepted: ReadonlySet<number>;
	/** Makes the state that this run leaves differ from each before it. */
	readonly novelty: number;
	/** A state of another account stays until the service has accepted somebody of this one. */
	#isOther: boolean;
	#isAccepted = false;
	#turnOff: (() => void) | undefined;
	/** A heartbeat that is under way: there is one at a time. */
	#busy: Promise<void> | undefined;

	constructor(
		begun: Found,
		opened: Opened,
		settings: SyncSettings,
		asAccepted: ReadonlySet<number> = new Set(),
	) {
		this.begun = begun;
		this.#opened = opened;
		this.#lease = opened.lease;
		this.#settings = settings;
		this.#asAccepted = asAccepted;
		this.novelty = (settings.random ?? randomInt)(0, NOVELTIES);
		const { state } = opened.lastRun;
		this.#isOther = state === 'otherAccount' || state === 'otherSecret';
	}

	/** Puts the state in progress. */
	async begin(): Promise<void> {
		if (this.#isOther) await this.#lease.own();
		else await this.#open();
		this.#live();
	}

	async mayStart(): Promise<boolean> {
		const mustOpen = () => this.#isAccepted && this.#isOther;
		// A heartbeat that is under way opens nothing.
		while (mustOpen() && this.#lease.isHeld) await this.#sign();
		if (!this.#lease.isHeld) await this.#sign();
		return this.#lease.isHeld && !mustOpen();
	}

	get isTakenOver(): boolean {
		return this.#lease.isTaken && !this.#lease.isLate;
	}

	accepted(): void {
		this.#isAccepted = true;
	}

	/** Leaves the state as it was found, but for what takes the place of other entries. */
	async takeBack(report?: ReturnType<typeof replaceReport>): Promise<Kept> {
		await this.#stop();
		return await this.#leave(async () => ((await this.#lease.takeBack(report)) ? 'kept' : 'inProgress'));
	}

	async end(standings: readonly Standing[], reported: Reported): Promise<Kept> {
		if (this.#isOther && !standings.includes('accepted')) return await this.takeBack(replaceReport(reported));
		return await this.#leave(async () => await this.#close(standings, reported));
	}

	/** Tries to leave the state until it is left, is another run's, or too many attempts failed. Never rejects. */
	async #leave(attempt: () => Promise<Left>): Promise<Kept> {
		const passedMs = stopwatch(this.#lease.clock);
		let left: Left = 'inProgress';
		for (const pauseMs of END_PAUSES_MS) {
			await this.#lease.clock.sleep(pauseMs);
			try {
				left = await attempt();
				break;
			} catch (cause) {
				if (cause instanceof Taken || cause instanceof StatementLate) break;
			}
		}
		await this.#stop();
		return { left, isTakenOver: this.isTakenOver, tookMs: passedMs() };
	}

	/** From now on it gives signs of life by itself. */
	#live(): void {
		this.#turnOff = this.#lease.clock.alarm(this.#lease.timing.beatEveryMs, () => {
			void this.#sign().then(() => this.#turnOff && this.#live());
		});
	}

	async #stop(): Promise<void> {
		this.#turnOff?.();
		this.#turnOff = undefined;
		await this.#busy;
	}

	/** A heartbeat; one that failed counts as none. The first one after somebody was accepted replaces the state of another account. */
	async #sign(): Promise<void> {
		const sign = async () => await (this.#isOther && this.#isAccepted ? this.#open() : this.#lease.beat());
		this.#busy ??= sign()
			.catch(() => undefined)
			.finally(() => (this.#busy = undefined));
		await this.#busy;
	}

	/** All rows have passed the checks: if this run dies, the next one is judged by them. */
	async #open(): Promise<void> {
		const { lastRun, asked } = this.#opened;
		const { set, isNew } = nextSet(asked);
		await this.#lease.open(
			baselineOf(this.#settings, () => true, set),
			[setEntry(set), ...this.#left(lastRun.reported ?? ALL_WELL)],
			isNew,
		);
		this.#isOther = false;
	}

	#left(reported: Reported): string[] {
		const { lastRun, minute } = this.#opened;
		return leftByRun(this.#settings.entries, reported, {
			minute,
			turn: lastRun.turn,
			novelty: this.novelty,
		});
	}

	async #close(standings: readonly Standing[], reported: Reported): Promise<Left> {
		const { lastRun } = this.#opened;
		const { entries, customers, withheld, leftOut, note } = this.#settings;
		const { failing = new Set(), lostDevices = new Set() } = reported;
		const standingAt = (index: number) => standings[index] ?? 'waiting';
		const left = this.#left(reported);
		const leave = (customerId: string, leaving: Leaving) => {
			for (const kind of kindsOf('written', leaving)) left.push(entries.ofCustomer(kind, customerId));
		};
		for (const [index, { customerId, fingerprint }] of customers.entries()) {
			if (standingAt(index) === 'accepted') left.push(fingerprint);
			leave(customerId, standingAt(index));
			if (standingAt(index) === 'accepted' && failing.has(customerId)) left.push(ACCEPTED_REPORTED);
		}
		for (const customerId of withheld) leave(customerId, 'withheld');
		// Until the loss of its devices is reported a customer counts as having some: it may also leave the rows.
		for (const customerId of leftOut)
			leave(customerId, lostDevices.has(customerId) ? 'lost devices' : 'left out');
		for (const customerId of failing) leave(customerId, 'reported');
		const isAccepted = (index: number) => {
			const verdict = this.begun.verdicts[index];
			const wasAccepted = verdict === 'due' || verdict === 'unchanged' || this.#asAccepted.has(index);
			return wasAccepted || standingAt(index) === 'accepted';
		};
		const unreported = leftOut.filter((id) => lostDevices.has(id));
		const others = leftOut.filter((id) => !lostDevices.has(id));
		left.push(
			...baselineOf(
				{ ...this.#settings, withheld: [...withheld, ...unreported], leftOut: others },
				isAccepted,
			),
		);
		const isChecked = countsOf(this.#settings).customers >= FEWEST_CUSTOMERS;
		if (lastRun.isNoted || (isChecked && (await note?.write()) === true)) left.push(NOTED);
		await this.#stop();
		return await this.#lease.close(closedState([...new Set(left)]));
	}
}
