import type { reportRun } from '../../nodes/TencentCloudIot/run/report/runReport.ts';
import type { Arrived, Fate } from './unreliableService.mts';

type RunReport = ReturnType<typeof reportRun>;

const REMINDER_MS = 86_400_000;
/** Hours are counted from the full hour. */
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A customer that recovered within this time fails on and off, and is not news. */
const EPISODE_MS = 86_400_000;

/** Fates after which a sent customer is not accepted. After throttling it may not have been sent at all. */
const FAILED: readonly Fate[] = ['lost', 'dropped', 'refused', 'unclear', 'foreign'];

/** Reasons for a run not to report, because another one does. */
const NO_NEWS = ['ALREADY_RUNNING', 'TAKEN_OVER', 'CANCELLED'];

/** Codes with which an outage ends a run; they count as one reason. */
const OUTAGE = ['NO_RESPONSE', 'CIRCUIT_BREAKER'];

const OTHER_ACCOUNT = ['otherAccount', 'otherSecret'];

/** States after which every customer is pushed, although no setting asks for it. */
const PUSHES_EVERY_CUSTOMER = ['empty', 'lost', ...OTHER_ACCOUNT];

/** States in which a stopped run cannot store what it reports. */
const NO_STATE = ['empty', 'lost', 'interrupted', 'none'];

/** A run that finished and has a report. */
export interface Reporting {
	report: RunReport;
	account: string;
	log: readonly Arrived[];
	/** The customers in the rows. */
	ids: ReadonlySet<string>;
	nowMs: number;
}

/**
 * Each alarm once: what a node must report as news, judged by the requests that arrived and by earlier reports. A
 * customer has newly failed if it fails and no news has said so. There is news if some customers newly failed, but not all;
 * if a customer is gone, or every customer was pushed again; if the health or the reason of a stop differs from the last report; and
 * once a day while something is wrong.
 */
export class ExpectedReports {
	/** The last report that had news; undefined if it is not known. */
	#reported: { health: string; stop: string | undefined; atMs: number | undefined } | undefined = {
		health: 'ok',
		stop: undefined,
		atMs: -Infinity,
	};
	/** The customers that certainly or possibly failed; undefined if they are not known. */
	#failed: Map<string, 'certainly' | 'possibly'> | undefined = new Map();
	/** When a customer was last accepted after it had failed. */
	readonly #wellMs = new Map<string, number>();
	/** When a report last had news of degraded health; undefined if an unknown run may have reported it. */
	#degradedMs: number | undefined = -Infinity;
	/** The account of the state; undefined if it is not known. */
	#account: string | undefined;
	/** Whether no sync state has the last report, but only the process. */
	#isInProcess = false;
	/** Whether a run has sent a message. The first run that finishes sends one, even without news. */
	#hasGreeted: 'no' | 'possibly' | 'yes' = 'no';

	/** It is not known what a run has stored, nor whether it has sent a message. */
	forget(): void {
		if (this.#hasGreeted === 'no') {
			this.#hasGreeted = 'possibly';
		}
		this.forgetReported();
		this.forgetFailed();
	}

	/** It is not known what was last reported, because a Dry Run reports too if it finds a readable state. */
	forgetReported(): void {
		this.#reported = undefined;
		this.#degradedMs = undefined;
	}

	/** It is not known what became of the customers of a run. */
	forgetFailed(): void {
		this.#failed = undefined;
		this.#account = undefined;
	}

	/** The process ended during a run that sends, and everything that no sync state has is lost. */
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
			return report.News === true ? [`alarm: ${stop} is not news`] : [];
		}
		// The state belongs to one account until another account accepts a customer; no customer of that other account is known before.
		const isOther =
			this.#account === undefined
				? OTHER_ACCOUNT.includes(report.State ?? '')
				: reporting.account !== this.#account;
		const failedBefore = this.#failed;
		if (isOther) {
			this.#failed = new Map();
		}
		const wrong = [...this.#judgeFailed(reporting), ...this.#judgeNews(report, stop, nowMs)];
		this.#noteWell(reporting, failedBefore);
		if (report.News && report.Health === 'degraded') {
			this.#degradedMs = nowMs;
		}
		const isStateKept = isOther && !reporting.log.some(({ fate }) => fate === 'ok');
		this.#failed = isStateKept ? failedBefore : this.#failedAfter(reporting);
		if (!isStateKept) {
			this.#account = reporting.account;
		}
		this.#isInProcess = code !== undefined && NO_STATE.includes(report.State ?? 'none');
		if (report.News) {
			this.#hasGreeted = 'yes';
			this.#reported = { health: report.Health, stop, atMs: nowMs };
		}
		// Without news the last report still holds.
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
		const again = CustomerIds.filter((id) => before.get(id) === 'certainly');
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
		// In an outage, every changed customer fails too.
		const isEveryCustomerPushed = PUSHES_EVERY_CUSTOMER.includes(State) && Pushed > 0;
		const isFailed = Health === 'degraded' && (NewlyFailed ?? 0) > 0;
		const isOtherHealth = Health !== before.health;
		// A run that was stopped and cancelled at the same moment stores its stop, but shows nothing.
		const isStopOver = /the stop reported at/i.test(Summary);
		const isReportedLater = Gone > 0 || Moved > 0 || Recovered > 0 || isStopOver;
		const isNew = isFailed || isOtherHealth || isEveryCustomerPushed || isReportedLater;
		// While customers fail there is one message an hour; and a customer that fails on and off is not news.
		const sinceDegradedMs = this.#degradedMs === undefined ? 0 : nowMs - this.#degradedMs;
		const mayWait = Health !== 'failing' && sinceDegradedMs < HOUR_MS + MINUTE_MS;
		const isDegradedAgain = Health === 'degraded' && before.health === 'ok' && NewlyFailed === 0;
		const isCertainlyNew = isFailed || (isOtherHealth && !isDegradedAgain) || Gone > 0;
		const mayGreet = Health === 'ok' && this.#hasGreeted !== 'yes';
		const mustGreet = Health === 'ok' && this.#hasGreeted === 'no';
		const mustReport = isEveryCustomerPushed || (isCertainlyNew && !mayWait) || mustGreet;
		// It is the first run that finishes with this account, or it sends the customers that the interrupted one may have sent.
		const mayBeFirst = State === 'interrupted' && Pushed > 0;
		const isOther = Health === 'failing' && stop !== before.stop;
		const mayRemind = Health !== 'ok' && (sinceMs ?? Infinity) > REMINDER_MS - HOUR_MS;
		const mustRemind = Health !== 'ok' && (sinceMs ?? 0) > REMINDER_MS + HOUR_MS;
		const summary = `${Health} after ${before.health}, ${NewlyFailed} newly failed`;
		if (News && !isNew && !isOther && !mayRemind && !mayBeFirst && !mayGreet) {
			return [`alarm: nothing is new: ${summary}`];
		}
		if (!News && (mustReport || mustRemind)) {
			return [`alarm: no news: ${summary}`];
		}
		return [];
	}

	/** Whether a customer fails on and off, or may do so. */
	#isAgain(id: string, nowMs: number): boolean {
		return nowMs - (this.#wellMs.get(id) ?? -Infinity) < EPISODE_MS + MINUTE_MS;
	}

	/** @param failed the customers that had failed before the run; undefined if they are not known */
	#noteWell({ log, nowMs }: Reporting, failed: ReadonlyMap<string, unknown> | undefined): void {
		for (const [id, fate] of lastFates(log)) {
			if (fate === 'ok' && (failed === undefined || failed.has(id) || this.#isAgain(id, nowMs))) {
				this.#wellMs.set(id, nowMs);
			}
		}
	}

	/** The customers that are known to fail after a run; an outage is reported without the customers that fail in it. */
	#failedAfter({ log, ids, report }: Reporting): Map<string, 'certainly' | 'possibly'> {
		const after = new Map([...(this.#failed ?? [])].filter(([id]) => ids.has(id)));
		if (this.#failed === undefined) {
			for (const id of ids) {
				after.set(id, 'possibly');
			}
		}
		for (const [id, fate] of lastFates(log)) {
			if (fate === 'ok' && !report.News && after.has(id)) {
				// Its failure was reported, but its recovery was not.
				after.set(id, 'possibly');
			} else if (fate === 'ok') {
				after.delete(id);
			} else if (FAILED.includes(fate) && report.News) {
				after.set(id, 'certainly');
			} else {
				after.set(id, after.get(id) ?? 'possibly');
			}
		}
		return after;
	}
}

function lastFates(log: readonly Arrived[]): Map<string, Fate> {
	return new Map(log.map(({ CustomerId, fate }) => [CustomerId, fate]));
}
