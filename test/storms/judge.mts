import type { RePushes } from './rePushes.mts';

/** A promise of Sync that a storm has broken. */
export interface Violation {
	kind: ViolationKind;
	what: string;
}

export const VIOLATION_KINDS = [
	'lost',
	'wrongSkip',
	'unchecked',
	'twoSenders',
	'needlessPush',
	'overdue',
	'neverHealed',
	'healedLate',
	'falseLoss',
	'rowsLeft',
	'notUsable',
] as const;

/**
 * - `lost`: after all faults a customer's devices at the service differ from the CRM, permanently
 * - `wrongSkip`: a run skips a customer as unchanged although its devices at the service differ
 * - `unchecked`: the rows of a wrong join are sent, although there were earlier runs to compare with
 * - `twoSenders`: the requests of two runs are mixed, or a run sends rows that are older than rows that were already sent
 * - `needlessPush`: a customer is pushed although the service has its devices, no run can have left it in doubt, and no re-push is due
 * - `overdue`: a run skips a customer as unchanged although its re-push has been due for more than a whole period
 * - `neverHealed`, `healedLate`: after the last fault it takes too long until a run finds all customers unchanged
 * - `falseLoss`: a run reports the state as lost although nobody has touched it
 * - `rowsLeft`: rows that no run needs stay in the table
 * - `notUsable`: a run reports the state as not usable although the database responds
 */
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

/** A run's rows are too old if rows that are newer by more than this were already sent, milliseconds. */
const ROWS_TOO_OLD_MS = 10_000;

/**
 * A customer that was accepted this long before the last request of a run that died must be saved, and is not in doubt. A run saves with
 * each change of the lock row: every 8 s if statements work. If they fail or stall, it may send for 20 s without a change. While its
 * process is stopped it neither sends nor saves, so that time does not count. Repeated here on purpose: the judge uses no constant
 * of the protocol.
 */
export const SAVED_AFTER_MS = { usually: 10_000, atMost: 24_000 };

/** A run of the node, as far as the judge needs it. */
export interface JudgedRun {
	readonly name: string;
	/** When the node first read a clock; it cannot know whether its process was stopped before that. Milliseconds. */
	sinceMs: number;
	/** The devices that it read for each customer. */
	readonly rows: ReadonlyMap<string, string>;
	readonly hasWrongRows: boolean;
	/** For how much of that time its process was stopped, milliseconds. */
	stoodStillMs(fromMs: number, untilMs: number): number;
}

/** What the judge has seen of a run. */
interface ObservedRun {
	/** When each customer that was sent was accepted; undefined if its last request was not. */
	readonly accepted: Map<string, number | undefined>;
	/** When it started its last request, not counting one that could not be held back any more. */
	lastStartMs: number;
	/** The customers that it skipped as unchanged. */
	readonly skipped: Set<string>;
	endedMs: number | undefined;
	isDead: boolean;
	/** The runs that had not ended when it began to send. */
	activeAtStart: readonly JudgedRun[];
}

/** A request that started while another run was sending, because its process was stopped between the check and the request. */
interface Overwritten {
	by: JudgedRun;
}

/**
 * Knows what the CRM and the service have, and checks each request and each skipped customer against that. It does not read the sync
 * state: it decides from the requests and their responses whether a push was needed.
 */
export class Judge {
	readonly violations: Violation[] = [];
	/** Requests that started while another run was sending, because their process was stopped between the check and the request. */
	windowRequests = 0;
	/** Runs that began to send after another run although their rows are older, by at most 10 s. */
	olderRows = 0;
	/** Pushes of customers whose devices the service already had, but that a run had left in doubt. */
	pushesInDoubt = 0;
	/** Pushes of customers whose devices the service already had, but whose re-push was due. */
	rePushes = 0;
	/** Requests of a process that was stopped before them and died after them, so that no run can know of them. */
	unknowable = 0;
	/** Since when the service has had what the CRM has; undefined if it does not. */
	rightSinceMs: number | undefined = 0;
	readonly #crm = new Map<string, string>();
	readonly #held = new Map<string, string>();
	readonly #wrong = new Set<string>();
	readonly #overwritten = new Map<string, Overwritten>();
	/** What the state must contain: the devices that were last accepted in a run that reported or saved that. */
	readonly #settled = new Map<string, string>();
	/** Runs that have started and not ended. */
	readonly #underWay = new Set<JudgedRun>();
	/** The run that began to send last. */
	#latest: { run: JudgedRun | undefined; beganMs: number } = { run: undefined, beganMs: -Infinity };
	/** When a person last changed something in the tables. */
	#touchedMs = -Infinity;
	/** When a run that did not end properly left a customer in doubt; runs that had read the state before do not know that. */
	readonly #doubtedMs = new Map<string, number>();
	readonly #seen = new Map<JudgedRun, ObservedRun>();
	readonly #nowMs: () => number;
	readonly #savedAfterMs: number;
	readonly #schedule: RePushes;
	/** When each customer was last accepted, if its run received the response. */
	readonly #acceptedMs = new Map<string, number>();
	/** The last run that started sending, and all runs that have. */
	#sender: JudgedRun | undefined;
	readonly #senders = new Set<JudgedRun>();

	/** @param savedAfterMs how long after its acceptance a customer must be saved */
	constructor(nowMs: () => number, savedAfterMs: number, schedule: RePushes) {
		this.#nowMs = nowMs;
		this.#savedAfterMs = savedAfterMs;
		this.#schedule = schedule;
	}

	get crm(): ReadonlyMap<string, string> {
		return this.#crm;
	}

	/** Customers whose devices at the service differ from the CRM. */
	get wrong(): string[] {
		return [...this.#wrong].filter((customer) => !this.#isUnknowable(customer));
	}

	/** How many customers the service has. */
	get heldCustomers(): number {
		return this.#held.size;
	}

	/** @param devices undefined for a customer that leaves the CRM */
	changeRow(customer: string, devices: string | undefined): void {
		if (devices === undefined) {
			this.#crm.delete(customer);
		} else {
			this.#crm.set(customer, devices);
		}
		this.#compare(customer);
	}

	runStarts(run: JudgedRun): void {
		this.#underWay.add(run);
	}

	/** The run has sent nothing, and cannot send any more. */
	runStops(run: JudgedRun): void {
		this.#underWay.delete(run);
	}

	/** From now on the run may write a state, long before it ends, so customers with other devices in its rows are no longer certain. */
	sendingBegins(run: JudgedRun): void {
		const { rows, hasWrongRows } = run;
		this.#latest = { run, beganMs: this.#nowMs() };
		this.#seenOf(run).activeAtStart = [...this.#underWay].filter((other) => other !== run);
		if (hasWrongRows) {
			return;
		}
		for (const [customer, devices] of this.#settled) {
			if (rows.get(customer) !== devices) {
				this.#settled.delete(customer);
			}
		}
	}

	/** @param isInWindow whether its process was stopped after the check, so that nothing could hold it back any more */
	requestStarts(run: JudgedRun, customer: string, isInWindow: boolean): void {
		if (run.hasWrongRows) {
			this.break('unchecked', `${run.name} sends rows of a wrong join: ${customer}`);
		}
		const isBeside = this.#judgeOrder(run, customer, isInWindow);
		const seen = this.#seenOf(run);
		if (!isBeside) {
			this.#judgeNeed(run, seen, customer);
			seen.lastStartMs = this.#nowMs();
			this.#overwritten.delete(customer);
		}
		seen.accepted.set(customer, undefined);
		this.#settled.delete(customer);
	}

	requestEnds(run: JudgedRun, customer: string, isAccepted: boolean): void {
		this.#seenOf(run).accepted.set(customer, isAccepted ? this.#nowMs() : undefined);
		if (isAccepted) {
			this.#acceptedMs.set(customer, this.#nowMs());
		}
	}

	serviceApplies(customer: string, devices: string): void {
		this.#held.set(customer, devices);
		this.#compare(customer);
	}

	/** A run skips a customer as unchanged. */
	skipped(run: JudgedRun, customer: string): void {
		this.#seenOf(run).skipped.add(customer);
		const devices = run.rows.get(customer);
		const held = this.#held.get(customer);
		const acceptedMs = this.#acceptedMs.get(customer);
		if (held === devices && acceptedMs !== undefined && this.#schedule.isOverdue(acceptedMs, run.sinceMs)) {
			this.break('overdue', `${run.name} skips ${customer}, accepted ${run.sinceMs - acceptedMs} ms before`);
		}
		if (held === devices || this.#crm.get(customer) !== devices || this.#isForgiven(run, customer)) {
			return;
		}
		this.break('wrongSkip', `${run.name} skips ${customer} (${devices}), the service has ${held}`);
	}

	/** A run that has sent ends. @param isKept whether it reports that its state was kept */
	runEnds(run: JudgedRun, isKept: boolean): void {
		const seen = this.#seenOf(run);
		seen.endedMs = this.#nowMs();
		this.#underWay.delete(run);
		if (isKept) {
			this.#settle(run, seen);
		} else {
			this.#settleSaved(run, seen);
		}
	}

	/** The process of the run has died. */
	runDies(run: JudgedRun): void {
		const seen = this.#seenOf(run);
		seen.isDead = true;
		this.#underWay.delete(run);
		this.#settleSaved(run, seen);
	}

	/** A person has edited the tables, so any state may be lost. */
	stateIsTouched(): void {
		this.#settled.clear();
		this.#touchedMs = this.#nowMs();
	}

	/** The storm did not heal in time. @param healing how long the storm had for that */
	neverHealed(healing: string): void {
		const { wrong } = this;
		if (wrong.length > 0) {
			this.break('lost', `${wrong.length} wrong ${healing}: ${wrong.slice(0, 5).join(', ')}`);
		} else {
			this.break('neverHealed', `all customers are right, but no run finds them all unchanged ${healing}`);
		}
	}

	/** A late part of a run is in the table again, so the next run finds its customers in doubt again. */
	latePartIsBack(name: string): void {
		for (const [run, { accepted }] of this.#seen) {
			if (run.name === name) {
				for (const customer of accepted.keys()) {
					this.#settled.delete(customer);
				}
			}
		}
	}

	/** Keeps only the first violation of each kind, because later ones may be its consequences. */
	break(kind: ViolationKind, detail: string): void {
		if (this.violations.some((violation) => violation.kind === kind)) {
			return;
		}
		this.violations.push({ kind, what: `${(this.#nowMs() / 1000).toFixed(3)} s: ${detail}` });
	}

	/** @returns whether it started while another run was sending */
	#judgeOrder(run: JudgedRun, customer: string, isInWindow: boolean): boolean {
		const before = this.#sender;
		if (before === run) {
			return false;
		}
		const olderMs = (before?.sinceMs ?? -Infinity) - run.sinceMs;
		const isUnderWay = before !== undefined && this.#underWay.has(before);
		const isBeside = this.#senders.has(run) || (isInWindow && (olderMs > 0 || isUnderWay));
		if (isBeside && isInWindow) {
			this.windowRequests += 1;
			this.#overwritten.set(customer, { by: run });
			return true;
		}
		if (isBeside) {
			this.break('twoSenders', `${run.name} sends ${customer} after ${before?.name} has sent`);
			return true;
		}
		if (olderMs > ROWS_TOO_OLD_MS) {
			this.break(
				'twoSenders',
				`${run.name} sends rows that are ${olderMs} ms older than those of ${before?.name}`,
			);
		} else if (olderMs > 0) {
			this.olderRows += 1;
		}
		this.#senders.add(run);
		this.#sender = run;
		return false;
	}

	#judgeNeed(run: JudgedRun, { accepted, activeAtStart }: ObservedRun, customer: string): void {
		const devices = run.rows.get(customer);
		if (devices === undefined || this.#held.get(customer) !== devices) {
			return;
		}
		// A run that has not ended, or had not ended when this one began, may have named the customer in doubt, even if it stopped then.
		const isNamed = [...this.#underWay, ...activeAtStart].some(
			(other) => other !== run && other.rows.get(customer) !== devices,
		);
		if (isNamed) {
			this.pushesInDoubt += 1;
			return;
		}
		const acceptedMs = this.#acceptedMs.get(customer);
		const isFirstPush = accepted.get(customer) === undefined;
		if (
			isFirstPush &&
			this.#settled.get(customer) === devices &&
			acceptedMs !== undefined &&
			this.#schedule.mayBeDue(customer, devices, { acceptedMs, nowMs: this.#nowMs() })
		) {
			this.rePushes += 1;
			return;
		}
		if (this.#settled.get(customer) === devices || !isFirstPush) {
			this.break('needlessPush', `${run.name} sends ${customer} (${devices}), which was accepted and kept`);
			return;
		}
		this.pushesInDoubt += 1;
	}

	/** Settles what a run did, because the state has it now. */
	#settle(run: JudgedRun, { accepted, skipped }: ObservedRun): void {
		const { rows, sinceMs } = run;
		this.#forgetThoseMissingFrom(rows);
		if (this.#latest.run !== run && this.#latest.beganMs > sinceMs) {
			// Its end was late: another run has already written a newer state.
			return;
		}
		for (const [customer, devices] of rows) {
			const isAccepted = skipped.has(customer) || accepted.get(customer) !== undefined;
			const doubtedMs = Math.max(this.#touchedMs, this.#doubtedMs.get(customer) ?? -Infinity);
			if (isAccepted && doubtedMs < sinceMs) {
				this.#settled.set(customer, devices);
			} else {
				this.#settled.delete(customer);
			}
		}
	}

	/** Settles what a run saved that did not end properly. Its last seconds are in doubt, and so are the customers it had yet to send. */
	#settleSaved(run: JudgedRun, { accepted, lastStartMs }: ObservedRun): void {
		const { rows, hasWrongRows, sinceMs } = run;
		if (hasWrongRows) {
			return;
		}
		// Its last change may have taken effect without a response.
		this.#forgetThoseMissingFrom(rows);
		for (const [customer, devices] of rows) {
			const acceptedMs = accepted.get(customer);
			const isSaved =
				acceptedMs !== undefined &&
				lastStartMs - acceptedMs - run.stoodStillMs(acceptedMs, lastStartMs) > this.#savedAfterMs &&
				this.#touchedMs < sinceMs;
			// A run may name customers in doubt whose rows differ from the state, even before their requests.
			const mayBeNamed = accepted.has(customer) || this.#settled.get(customer) !== devices;
			if (isSaved) {
				this.#settled.set(customer, devices);
			} else if (mayBeNamed) {
				this.#settled.delete(customer);
				this.#doubtedMs.set(customer, this.#nowMs());
			}
		}
	}

	/** A state has no customer that was not in the rows. */
	#forgetThoseMissingFrom(rows: ReadonlyMap<string, string>): void {
		for (const customer of this.#settled.keys()) {
			if (!rows.has(customer)) {
				this.#settled.delete(customer);
			}
		}
	}

	/** Whether a skip is no violation, because a process that was stopped has just overwritten the customer and could not report that yet. */
	#isForgiven(run: JudgedRun, customer: string): boolean {
		const { run: latest, beganMs } = this.#latest;
		if (latest !== run && beganMs > run.sinceMs) {
			// Another run has sent since this one read the state, so this one cannot write a state any more.
			return true;
		}
		const by = this.#overwritten.get(customer)?.by;
		if (by === undefined) {
			return false;
		}
		const { endedMs = Infinity } = this.#seenOf(by);
		return this.#isUnknowable(customer) || run.sinceMs < endedMs;
	}

	#isUnknowable(customer: string): boolean {
		const by = this.#overwritten.get(customer)?.by;
		if (by === undefined) {
			return false;
		}
		const { isDead, endedMs } = this.#seenOf(by);
		return isDead && endedMs === undefined;
	}

	#compare(customer: string): void {
		const devices = this.#crm.get(customer);
		if (devices === undefined || this.#held.get(customer) === devices) {
			this.#wrong.delete(customer);
		} else {
			this.#wrong.add(customer);
		}
		// Kept cheap, because a first run comes here for each of thousands of customers.
		const isWrong = this.#overwritten.size === 0 ? this.#wrong.size > 0 : this.wrong.length > 0;
		if (isWrong) {
			this.rightSinceMs = undefined;
		} else {
			this.rightSinceMs ??= this.#nowMs();
		}
	}

	#seenOf(run: JudgedRun): ObservedRun {
		let seen = this.#seen.get(run);
		if (seen === undefined) {
			seen = {
				accepted: new Map(),
				lastStartMs: -Infinity,
				skipped: new Set(),
				endedMs: undefined,
				isDead: false,
				activeAtStart: [],
			};
			this.#seen.set(run, seen);
		}
		return seen;
	}
}
