import type { reportRun } from '../../nodes/TencentCloudIot/run/report/runReport.ts';
import type { Arrived, Fate } from './unreliableService.mts';

type RunReport = ReturnType<typeof reportRun>;

const REMINDER_MS = 86_400_000;
/** Hours are counted from the full hour. */
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A customer that was well again within this time fails on and off, and is no news. */
const EPISODE_MS = 86_400_000;

/** The customer was sent, and is not accepted. What was throttled may have been neither. */
const FAILED: readonly Fate[] = ['lost', 'dropped', 'refused', 'unclear', 'foreign'];

/** There is another run, which reports. */
const NO_NEWS = ['ALREADY_RUNNING', 'TAKEN_OVER', 'CANCELLED'];

/** What an outage ends a run with: that is one reason. */
const OUTAGE = ['NO_RESPONSE', 'CIRCUIT_BREAKER'];

const OTHER_ACCOUNT = ['otherAccount', 'otherSecret'];

/** Everybody is pushed, for another reason than that somebody chose so. */
const EVERYBODY = ['empty', 'lost', ...OTHER_ACCOUNT];

/** A run that is stopped finds no state there in which it could leave what it reports. */
const NO_STATE = ['empty', 'lost', 'interrupted', 'none'];

/** A run that came to its end, and said so. */
export interface Reporting {
	report: RunReport;
	account: string;
	log: readonly Arrived[];
	/** Who is in the rows. */
	ids: ReadonlySet<string>;
	nowMs: number;
}

/**
 * Each alarm once: what the reports of a node must say is new, by the requests that arrived and by the reports before. A
 * customer has newly failed when it fails and no news has said so. There is news when somebody newly failed and not everybody,
 * is gone, or everybody was pushed anew; when the health or the reason of a stop is another one than was last reported, and
 * once a day while not all is well.
 */
export class ExpectedReports {
	/** The last report that had news; undefined where it is not known. */
	#reported: { health: string; stop: string | undefined; atMs: number | undefined } | undefined = {
		health: 'ok',
		stop: undefined,
		atMs: -Infinity,
	};
	/** Who failed, for sure or perhaps; undefined where it is not known. */
	#failed: Map<string, 'surely' | 'perhaps'> | undefined = new Map();
	/** When a customer was last accepted after it had failed. */
	readonly #wellMs = new Map<string, number>();
	/** When a report had news of a health that was degraded; it may be that of a run of which nothing is known. */
	#degradedMs: number | undefined = -Infinity;
	/** Whose the state is; undefined where it is not known. */
	#account: string | undefined;
	/** What was last reported stands in no sync state. */
	#isInProcess = false;
	/** Whether a run has sent a message: the first that comes to its end sends one, though nothing is new. */
	#hasGreeted: 'no' | 'perhaps' | 'yes' = 'no';

	/** It is not known what a run has left, nor whether it has sent a message. */
	forget(): void {
		if (this.#hasGreeted === 'no') {
			this.#hasGreeted = 'perhaps';
		}
		this.forgetReported();
		this.forgetFailed();
	}

	/** It is not known what was last reported: a Dry Run reports itself, where it finds a state that it can read. */
	forgetReported(): void {
		this.#reported = undefined;
		this.#degradedMs = undefined;
	}

	/** It is not known what became of the customers of a run. */
	forgetFailed(): void {
		this.#failed = undefined;
		this.#account = undefined;
	}

	/** The process ended in a run that sends: with it went what no sync state has. */
	endProcess(): void {
		this.forgetFailed();
		if (this.#isInProcess) {
			this.forgetReported();
		}
	}

	/** @returns what is wrong with the report, as sentences */
	judge(reporting: Reporting): string[] {
		const { report, nowMs } = reporting;
		const code = report.Failures.find(({ CustomerId }) => CustomerId === undefined)?.code;
		const stop = code !== undefined && OUTAGE.includes(code) ? undefined : code;
		if (stop !== undefined && NO_NEWS.includes(stop)) {
			return report.News === true ? [`alarm: ${stop} is no news`] : [];
		}
		// The state is that of one account until another one accepts somebody: of another one nobody is known.
		const isOther =
			this.#account === undefined
				? OTHER_ACCOUNT.includes(report.State ?? '')
				: reporting.account !== this.#account;
		const found = this.#failed;
		if (isOther) {
			this.#failed = new Map();
		}
		const wrong = [...this.#judgeFailed(reporting), ...this.#judgeNews(report, stop, nowMs)];
		this.#noteWell(reporting, found);
		if (report.News && report.Health === 'degraded') {
			this.#degradedMs = nowMs;
		}
		const isLeft = isOther && !reporting.log.some(({ fate }) => fate === 'ok');
		this.#failed = isLeft ? found : this.#failedAfter(reporting);
		if (!isLeft) {
			this.#account = reporting.account;
		}
		this.#isInProcess = code !== undefined && NO_STATE.includes(report.State ?? 'none');
		if (report.News) {
			this.#hasGreeted = 'yes';
			this.#reported = { health: report.Health, stop, atMs: nowMs };
		}
		// Without news it is as it was last reported.
		else {
			this.#reported ??= { health: report.Health, stop, atMs: undefined };
		}
		return wrong;
	}

	#judgeFailed({ report, log, nowMs }: Reporting): string[] {
		const before = this.#failed;
		const { NewlyFailed: count = 0, NewlyFailedIds: CustomerIds = [] } = report;
		if (before === undefined) {
			return [];
		}
		const again = CustomerIds.filter((id) => before.get(id) === 'surely');
		const isAll = CustomerIds.length === count;
		const unnamed = [...lastFates(log)].flatMap(([id, fate]) =>
			isAll &&
			FAILED.includes(fate) &&
			!before.has(id) &&
			!CustomerIds.includes(id) &&
			!this.#isAgain(id, nowMs)
				? id
				: [],
		);
		return [
			...again.map((id) => `alarm: ${id} had failed before, and is named as new`),
			...unnamed.map((id) => `alarm: ${id} failed, and is not named as new`),
		];
	}

	#judgeNews(
		{
			Health,
			News,
			NewlyFailed,
			Recovered = 0,
			Moved = 0,
			State = 'used',
			Pushed,
			Gone = 0,
			Summary,
		}: RunReport,
		stop: string | undefined,
		nowMs: number,
	): string[] {
		const before = this.#reported;
		if (before === undefined) {
			return [];
		}
		const sinceMs = before.atMs === undefined ? undefined : nowMs - before.atMs;
		// In an outage, each customer that changes fails as well.
		const isEverybody = EVERYBODY.includes(State) && Pushed > 0;
		const isFailed = Health === 'degraded' && (NewlyFailed ?? 0) > 0;
		const isOtherHealth = Health !== before.health;
		// A run that was stopped and cancelled at the same moment leaves its stop, and shows nothing.
		const isStopOver = /the stop reported at/i.test(Summary);
		const isToldLater = Gone > 0 || Moved > 0 || Recovered > 0 || isStopOver;
		const isNew = isFailed || isOtherHealth || isEverybody || isToldLater;
		// While some fail there is one message an hour; and who fails on and off is no news.
		const sinceDegradedMs = this.#degradedMs === undefined ? 0 : nowMs - this.#degradedMs;
		const mayWait = Health !== 'failing' && sinceDegradedMs < HOUR_MS + MINUTE_MS;
		const isDegradedAgain = Health === 'degraded' && before.health === 'ok' && NewlyFailed === 0;
		const isSurelyNew = isFailed || (isOtherHealth && !isDegradedAgain) || Gone > 0;
		const mayGreet = Health === 'ok' && this.#hasGreeted !== 'yes';
		const mustGreet = Health === 'ok' && this.#hasGreeted === 'no';
		const mustTell = isEverybody || (isSurelyNew && !mayWait) || mustGreet;
		// It is the first run to its end with this account, or sends those that the interrupted one may have sent.
		const mayBeFirst = State === 'interrupted' && Pushed > 0;
		const isOther = Health === 'failing' && stop !== before.stop;
		const mayRemind = Health !== 'ok' && (sinceMs ?? Infinity) > REMINDER_MS - HOUR_MS;
		const mustRemind = Health !== 'ok' && (sinceMs ?? 0) > REMINDER_MS + HOUR_MS;
		const summary = `${Health} after ${before.health}, ${NewlyFailed} newly failed`;
		if (News && !isNew && !isOther && !mayRemind && !mayBeFirst && !mayGreet) {
			return [`alarm: nothing is new: ${summary}`];
		}
		if (!News && (mustTell || mustRemind)) {
			return [`alarm: no news: ${summary}`];
		}
		return [];
	}

	/** Whether a customer fails on and off, or may do so. */
	#isAgain(id: string, nowMs: number): boolean {
		return nowMs - (this.#wellMs.get(id) ?? -Infinity) < EPISODE_MS + MINUTE_MS;
	}

	/** @param failed who had failed before the run; undefined where nobody knows */
	#noteWell({ log, nowMs }: Reporting, failed: ReadonlyMap<string, unknown> | undefined): void {
		for (const [id, fate] of lastFates(log)) {
			if (fate === 'ok' && (failed === undefined || failed.has(id) || this.#isAgain(id, nowMs))) {
				this.#wellMs.set(id, nowMs);
			}
		}
	}

	/** Who is known to fail: nobody hears in an outage of who fails as well. */
	#failedAfter({ log, ids, report }: Reporting): Map<string, 'surely' | 'perhaps'> {
		const after = new Map([...(this.#failed ?? [])].filter(([id]) => ids.has(id)));
		if (this.#failed === undefined) {
			for (const id of ids) {
				after.set(id, 'perhaps');
			}
		}
		for (const [id, fate] of lastFates(log)) {
			if (fate === 'ok' && !report.News && after.has(id)) {
				// Who was told of its failure has not heard that it is well again.
				after.set(id, 'perhaps');
			} else if (fate === 'ok') {
				after.delete(id);
			} else if (FAILED.includes(fate) && report.News) {
				after.set(id, 'surely');
			} else {
				after.set(id, after.get(id) ?? 'perhaps');
			}
		}
		return after;
	}
}

function lastFates(log: readonly Arrived[]): Map<string, Fate> {
	return new Map(log.map(({ CustomerId, fate }) => [CustomerId, fate]));
}
