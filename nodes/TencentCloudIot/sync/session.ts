import { ADVICE, REASONS } from '../messages/failures';
import { type Failure, notSent } from '../service/outcome';
import type { Fate } from '../service/fate';
import type { Clock } from '../service/transport/clock';
import {
	judgeEnd,
	type Kept,
	type KnownBefore,
	type Reported,
	reportedBefore,
	type RunEnd,
	TIME_OVER,
} from './health';
import { readChanges } from './changes';
import type { Began, Found, StateCondition } from './began';
import type { ChangeLast } from './last';
import type { SafetyCheckOptions } from './safetyChecks';
import { standingOf, type Verdict } from './verdicts';

/** What a run of Sync found in its state, and what it has to know for its report. */
export interface SyncFacts extends NonNullable<RunEnd['sync']>, Omit<Found, keyof KnownBefore> {
	/** The number of the state that the run leaves. */
	leftStateNumber?: number | undefined;
	/** Why there is no state; undefined where there is one, even if it does not work. */
	whyNone: string | undefined;
	/** Whether unchanged customers are sent, too. */
	sendAll: boolean;
}

/** What a session begins with. */
interface Beginning
	extends Pick<
		SyncFacts,
		'whyNone' | 'sendAll' | 'minute' | 'isManual' | 'isReplacing' | 'expectChangesDays'
	> {
	began: Began;
	/** What was reported before this run of the node, and what was not. */
	known: KnownBefore;
	/** What an earlier attempt of the run has settled of each customer. */
	earlier: ReadonlyArray<Fate | undefined>;
	/** No further customer is started from then on, by the clock's `elapsedMs`; undefined for no limit. */
	endMs: number | undefined;
	clock: Pick<Clock, 'elapsedMs' | 'alarm'>;
	/** Lets the next run of the node begin. */
	release: (() => void) | undefined;
	/** Names workflow and node. */
	node: string;
	onNotKept: (notKept: Kept) => void;
}

/** The database does not respond while customers are sent, or this process stood still. */
const STATE_GONE: Failure = {
	...notSent('STATE_NOT_USABLE'),
	reason: REASONS.databaseTooLate(),
	advice: ADVICE.sendsRest(),
};

/** One run of Sync from its state to its state: which customers are sent, how long, and what is kept of them. */
export class SyncSession {
	readonly order: readonly number[];
	readonly verdicts: readonly Verdict[];
	readonly blocked: Failure | undefined;
	facts: SyncFacts;
	readonly #beginning: Beginning;
	/** Judges the customers that did not fail before: it ends the run. */
	readonly #breaker = new CircuitBreaker();
	/** Judges the others. */
	readonly #breakerOfKnown = new CircuitBreaker();
	/** How many customers are still to be sent before those that failed before and do not have their turn. */
	#beforeRest: number;
	readonly #fates: Array<Fate | undefined>;
	/** Aborted when the time of 'Longest Run (Minutes)' is over: whoever waits for a request need not wait any more. */
	readonly ends: AbortSignal;
	readonly #turnOff: (() => void) | undefined;
	/** Why no further request may start. */
	#blocked: Failure | undefined;
	/** Why no further request is started since some moment of the run; not that those left are known to fail. */
	endedEarly: Failure | undefined;

	constructor(beginning: Beginning) {
		const {
			began,
			known: knownBefore,
			sendAll,
			whyNone,
			minute,
			isManual,
			earlier,
			endMs,
			clock,
		} = beginning;
		const { isReplacing = false, expectChangesDays } = beginning;
		const { begun } = began;
		const { verdicts, order, stopped, state, isFirst, last } = begun;
		this.#beginning = beginning;
		this.verdicts = verdicts;
		this.order = order;
		this.#beforeRest = this.order.filter(
			(index) => earlier[index] === undefined && !this.#isRest(index),
		).length;
		this.blocked = stopped;
		const isEverybodySent =
			stopped === undefined && (EVERYBODY.has(state) || (isFirst && state === 'interrupted'));
		this.facts = {
			...begun,
			...knownBefore,
			leftStateNumber: began.kind === 'sending' ? began.stateNumber : begun.stateNumber,
			whyNone,
			sendAll,
			minute,
			isManual,
			isReplacing,
			changes: last && readChanges(last['changes']),
			expectChangesDays,
			isEverybodySent,
		};
		this.#fates = verdicts.map((verdict, index) => {
			return earlier[index] ?? (verdict === 'unchanged' && !sendAll ? { kind: 'unchanged' } : undefined);
		});
		const ends = new AbortController();
		this.ends = ends.signal;
		const leftMs = endMs === undefined ? undefined : Math.max(0, endMs - clock.elapsedMs());
		this.#turnOff = leftMs === undefined ? undefined : clock.alarm(leftMs, () => ends.abort());
	}

	/** Whether a customer without a response says something of the service: one that got none before does not. */
	countsForWarmUp(index: number): boolean {
		return this.verdicts[index] !== 'failed';
	}

	/**
	 * Called before each request, also before one is sent again: why no further request may start.
	 * @param index whose request it is; undefined for one that changes nothing at the service
	 */
	async whyBlocked(index?: number): Promise<Failure | undefined> {
		const { endMs = Infinity, clock, began } = this.#beginning;
		if (clock.elapsedMs() >= endMs) {
			this.#end(ofCall(notSent(TIME_OVER)));
		}
		if (this.#blocked === undefined && began.kind === 'sending' && !(await began.mayStart(index))) {
			this.#end(ofCall(began.isTakenOver ? notSent('TAKEN_OVER') : STATE_GONE));
		}
		return this.#blocked;
	}

	/** A customer has its fate. */
	addFate(index: number, fate: Fate): void {
		this.#fates[index] = fate;
		if (!this.#isRest(index)) {
			this.#beforeRest--;
		}
		const { began } = this.#beginning;
		if (began.kind === 'sending' && fate.kind === 'answered') {
			began.settled(index, fate.outcome.outcome);
		}
		const breaker = this.verdicts[index] === 'failed' ? this.#breakerOfKnown : this.#breaker;
		breaker.record(fate);
		const { whyOpen } = this.#breaker;
		if (whyOpen !== undefined) {
			this.#end(whyOpen);
		}
		// The rest has its turn in one of the next two runs.
		if (this.#beforeRest <= 0) {
			this.#blocked ??= this.#breakerOfKnown.whyOpen;
		}
	}

	/** The receipts of these customers stand in the log: the state may say what became of them. */
	receiptsStand(indexes: readonly number[]): void {
		const { began } = this.#beginning;
		if (began.kind === 'sending') {
			began.receiptsStand(indexes);
		}
	}

	/** Whether a customer failed before and does not have its turn: it is sent last, as long as those like it are accepted. */
	#isRest(index: number): boolean {
		return this.verdicts[index] === 'failed' && !this.#beginning.began.begun.hasTurn(index);
	}

	#end(why: Failure): void {
		this.endedEarly ??= why;
		this.#blocked ??= why;
	}

	/**
	 * Keeps what became of the customers, and what is reported of it. To be called however the run went.
	 * @param change what the run leaves for people, in the same statement
	 */
	async finish(end: RunEnd | undefined, change?: ChangeLast): Promise<void> {
		const { began, release } = this.#beginning;
		this.#turnOff?.();
		try {
			const standings = this.verdicts.map((verdict, index) => standingOf(verdict, this.#fates[index]));
			// A run that was thrown out of reports nothing.
			const after = end === undefined ? reportedBefore(this.facts) : judgeEnd(end).after;
			this.#left(await began.end(standings, after, change), end);
		} finally {
			release?.();
		}
	}

	/** Remembers in this process what the sync state could not keep of the report: the next run does not report it again. */
	#left(kept: Kept | undefined, end: RunEnd | undefined): void {
		const { node, onNotKept } = this.#beginning;
		// The run says already that another one has taken over.
		if (kept !== undefined && kept.left !== 'kept' && this.endedEarly?.code !== 'TAKEN_OVER') {
			this.facts = { ...this.facts, notKept: kept };
			onNotKept(kept);
		}
		// Those that these blocked leave nothing.
		const isSilent = ['ALREADY_RUNNING', 'CANCELLED'].includes(this.blocked?.code ?? '');
		if (end === undefined || isSilent) {
			return;
		}
		const { hasNews, after } = judgeEnd({ ...end, sync: this.facts });
		if (kept?.hasReport === true) {
			unstored.delete(node);
		} else if (hasNews) {
			unstored.set(node, after);
		}
	}
}

/** The last report of each node whose sync state could not keep it. */
const unstored = new Map<string, Reported>();

/** The last report of a node whose sync state could not keep it. @param node names workflow and node */
export function unstoredReport(node: string): Reported | undefined {
	return unstored.get(node);
}

/** In the first run, and where what was accepted is not known, or of another account. */
const EVERYBODY = new Set<StateCondition>(['empty', 'lost', 'otherAccount', 'otherSecret', 'otherVersion']);

function ofCall(failure: Failure): Failure {
	return { ...failure, scope: 'call' };
}

/** How many of the last customers are judged. */
const JUDGED = 20;

/** Opens when more than half of the last 20 customers failed that were sent. */
class CircuitBreaker {
	readonly #last: boolean[] = [];

	/** A customer has its fate. One of which no request was made says nothing. */
	record(fate: Fate): void {
		if (fate.kind !== 'answered') {
			return;
		}
		this.#last.push(fate.outcome.outcome !== 'OK');
		if (this.#last.length > JUDGED) {
			this.#last.shift();
		}
	}

	/** Undefined while it is closed. */
	get whyOpen(): Failure | undefined {
		const bad = this.#last.filter((isBad) => isBad).length;
		if (this.#last.length < JUDGED || 2 * bad <= JUDGED) {
			return undefined;
		}
		return ofCall(notSent('CIRCUIT_BREAKER', { failed: bad, judged: JUDGED }));
	}
}

/** What a user chose for Sync, typed. */
export interface SyncOptions {
	/** 'Longest Run (Minutes)': no further customer is started after this many minutes; 0 for no limit. */
	longestRunMinutes: number;
	/** 'Push Again After (Days)': unchanged customers are pushed again after this many days; 0 for never. */
	pushAgainAfterDays: number;
	/** 'Send' is Every Customer. */
	sendAll: boolean;
	/** 'Moved Devices' is Do Not Report: a push is known to replace. */
	isReplacing?: boolean;
	/** 'Expect Changes Within (Days)': 0 for what the past of the source says. */
	expectChangesDays?: number;
	checks: SafetyCheckOptions;
}
