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
 * - `lost`: after all faults a customer's devices at the service differ from the CRM, for good
 * - `wrongSkip`: a run takes a customer for unchanged whose devices at the service differ
 * - `unchecked`: the rows of a wrong join are sent, though there were runs before to compare with
 * - `twoSenders`: the requests of two runs are mixed, or a run sends rows that are older than those that were sent already
 * - `needlessPush`: a customer is pushed that the service holds already, that no run can have left in doubt, and whose re-push is not due
 * - `overdue`: a run takes a customer for unchanged whose re-push has been due for a whole period and more
 * - `neverHealed`, `healedLate`: after the last fault it takes too long until a run finds everybody unchanged
 * - `falseLoss`: a run says that the state is lost though nobody has touched it
 * - `rowsLeft`: rows that no run needs stay in the table
 * - `notUsable`: a run says that the state is not usable though the database does answer
 */
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

/** Rows are too old when those that were sent already are newer by more than this, milliseconds. */
const ROWS_TOO_OLD_MS = 10_000;

/**
 * What was accepted this long before the last request of a run that died must be saved, and is not in doubt any more. A run saves it with
 * each change of the lock row: every 8 s where statements work. Where they fail or stall it may send for 20 s without one. While its
 * process is stopped it neither sends nor saves, so that time does not count. Written down here once more: the judge knows no constant
 * of the protocol.
 */
export const SAVED_AFTER_MS = { usually: 10_000, atMost: 24_000 };

/** A run of the node, as far as the judge needs it. */
export interface JudgedRun {
	readonly name: string;
	/** When the node first looked at a clock: nothing tells it that its process stood still before. Milliseconds. */
	sinceMs: number;
	/** What it read of each customer. */
	readonly rows: ReadonlyMap<string, string>;
	readonly hasWrongRows: boolean;
	/** How long of that time its process was stopped, milliseconds. */
	stoodStillMs(fromMs: number, untilMs: number): number;
}

/** What the judge has seen of a run. */
interface Seen {
	/** Responses that came, by customer: when it was accepted; undefined where the last one was none. */
	readonly accepted: Map<string, number | undefined>;
	/** When it started its last request, but for one that nothing could hold back any more. */
	lastStartMs: number;
	/** Whom it took for unchanged. */
	readonly skipped: Set<string>;
	endedMs: number | undefined;
	isDead: boolean;
	/** The runs that had not ended when it began to send. */
	beside: readonly JudgedRun[];
}

/** A request that started beside another run: its process stood still between the check and the request. */
interface Overwritten {
	by: JudgedRun;
}

/**
 * Knows what the CRM and the service hold, and holds each request and each skipped customer against it. It reads nothing of the sync
 * state: whether a push was needed it decides from the requests and their responses.
 */
export class Judge {
	readonly violations: Violation[] = [];
	/** Requests that started beside another run, since their process was stopped between the check and the request. */
	windowRequests = 0;
	/** Runs that began to send, after another one, rows that are older than those of that one; by 10 s at most. */
	olderRows = 0;
	/** Pushes of customers that the service held already, and that a run had left in doubt. */
	pushesInDoubt = 0;
	/** Pushes of customers that the service held already, and whose re-push was due. */
	rePushes = 0;
	/** Requests of a process that stood still before them and died after them: nobody can know of them. */
	unknowable = 0;
	/** Since when the service has held what the CRM holds; undefined where it does not. */
	rightSinceMs: number | undefined = 0;
	readonly #crm = new Map<string, string>();
	readonly #held = new Map<string, string>();
	readonly #wrong = new Set<string>();
	readonly #overwritten = new Map<string, Overwritten>();
	/** What the state must know: what was accepted last in a run that has told so, or has saved it. */
	readonly #settled = new Map<string, string>();
	/** Runs that have started and not ended. */
	readonly #underWay = new Set<JudgedRun>();
	/** The run that began to send last. */
	#latest: { run: JudgedRun | undefined; beganMs: number } = { run: undefined, beganMs: -Infinity };
	/** When a person last changed something in the tables. */
	#touchedMs = -Infinity;
	/** When a run that came to no good end left somebody in doubt: whoever had read the state before does not know of it. */
	readonly #doubtedMs = new Map<string, number>();
	readonly #seen = new Map<JudgedRun, Seen>();
	readonly #nowMs: () => number;
	readonly #savedAfterMs: number;
	readonly #schedule: RePushes;
	/** When each was accepted last, as far as its run came to know it. */
	readonly #acceptedMs = new Map<string, number>();
	/** The run that was the last one to start sending, and all that have. */
	#sender: JudgedRun | undefined;
	readonly #senders = new Set<JudgedRun>();

	/** @param savedAfterMs when what was accepted must be saved */
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

	/** @param devices undefined for a customer that goes */
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

	/** It has sent nothing, and cannot any more. */
	runStops(run: JudgedRun): void {
		this.#underWay.delete(run);
	}

	/** A run may leave a state from now on, long before it has come to its end: of whom its rows say something else nothing is sure. */
	sendingBegins(run: JudgedRun): void {
		const { rows, hasWrongRows } = run;
		this.#latest = { run, beganMs: this.#nowMs() };
		this.#seenOf(run).beside = [...this.#underWay].filter((other) => other !== run);
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

	/** A run takes a customer for unchanged. */
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

	/** A run that has sent has come to its end. @param isKept whether it says that what it did was kept */
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

	/** Its process is gone. */
	runDies(run: JudgedRun): void {
		const seen = this.#seenOf(run);
		seen.isDead = true;
		this.#underWay.delete(run);
		this.#settleSaved(run, seen);
	}

	/** A person has changed what is in the table: any state may be lost. */
	stateIsTouched(): void {
		this.#settled.clear();
		this.#touchedMs = this.#nowMs();
	}

	/** After all has healed. @param healing how long it was waited for */
	neverHealed(healing: string): void {
		const { wrong } = this;
		if (wrong.length > 0) {
			this.break('lost', `${wrong.length} wrong ${healing}: ${wrong.slice(0, 5).join(', ')}`);
		} else {
			this.break('neverHealed', `all are right, but no run finds everybody unchanged ${healing}`);
		}
	}

	/** A late part of a run is there again: the next run finds those in doubt once more whom the part names. */
	latePartIsBack(name: string): void {
		for (const [run, { accepted }] of this.#seen) {
			if (run.name === name) {
				for (const customer of accepted.keys()) {
					this.#settled.delete(customer);
				}
			}
		}
	}

	/** Only the first of each kind is kept: what follows it follows from it. */
	break(kind: ViolationKind, detail: string): void {
		if (this.violations.some((violation) => violation.kind === kind)) {
			return;
		}
		this.violations.push({ kind, what: `${(this.#nowMs() / 1000).toFixed(3)} s: ${detail}` });
	}

	/** @returns whether it started beside another run */
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

	#judgeNeed(run: JudgedRun, { accepted, beside }: Seen, customer: string): void {
		const devices = run.rows.get(customer);
		if (devices === undefined || this.#held.get(customer) !== devices) {
			return;
		}
		// A run that has not ended, or had not when this one began, may have named in doubt what its rows say, whether or not it went on.
		const isNamed = [...this.#underWay, ...beside].some(
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

	/** What a run has done is in the state. */
	#settle(run: JudgedRun, { accepted, skipped }: Seen): void {
		const { rows, sinceMs } = run;
		this.#forgetThoseMissingFrom(rows);
		if (this.#latest.run !== run && this.#latest.beganMs > sinceMs) {
			// Its end was late: another run has left a newer state meanwhile.
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

	/** A run came to no end that it can answer for: its last seconds are in doubt, and whom it was to send. */
	#settleSaved(run: JudgedRun, { accepted, lastStartMs }: Seen): void {
		const { rows, hasWrongRows, sinceMs } = run;
		if (hasWrongRows) {
			return;
		}
		// Its last change may have taken effect without an answer.
		this.#forgetThoseMissingFrom(rows);
		for (const [customer, devices] of rows) {
			const acceptedMs = accepted.get(customer);
			const isSaved =
				acceptedMs !== undefined &&
				lastStartMs - acceptedMs - run.stoodStillMs(acceptedMs, lastStartMs) > this.#savedAfterMs &&
				this.#touchedMs < sinceMs;
			// It may name in doubt whose rows differ from what the state knows, also before a request.
			const mayBeNamed = accepted.has(customer) || this.#settled.get(customer) !== devices;
			if (isSaved) {
				this.#settled.set(customer, devices);
			} else if (mayBeNamed) {
				this.#settled.delete(customer);
				this.#doubtedMs.set(customer, this.#nowMs());
			}
		}
	}

	/** A state knows nobody who was not in the rows. */
	#forgetThoseMissingFrom(rows: ReadonlyMap<string, string>): void {
		for (const customer of this.#settled.keys()) {
			if (!rows.has(customer)) {
				this.#settled.delete(customer);
			}
		}
	}

	/** Whether a skip is nobody's fault: a process that stood still has just overwritten the customer, and could not tell yet. */
	#isForgiven(run: JudgedRun, customer: string): boolean {
		const { run: latest, beganMs } = this.#latest;
		if (latest !== run && beganMs > run.sinceMs) {
			// Another one has sent since this run read the state: it can leave nothing any more.
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
		// With thousands of customers in a first run each of them comes by here.
		const isWrong = this.#overwritten.size === 0 ? this.#wrong.size > 0 : this.wrong.length > 0;
		if (isWrong) {
			this.rightSinceMs = undefined;
		} else {
			this.rightSinceMs ??= this.#nowMs();
		}
	}

	#seenOf(run: JudgedRun): Seen {
		let seen = this.#seen.get(run);
		if (seen === undefined) {
			seen = {
				accepted: new Map(),
				lastStartMs: -Infinity,
				skipped: new Set(),
				endedMs: undefined,
				isDead: false,
				beside: [],
			};
			this.#seen.set(run, seen);
		}
		return seen;
	}
}
