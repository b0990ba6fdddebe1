import { randomUUID } from 'node:crypto';

import { systemClock } from '../host/systemClock';
import { makeGroupMessage } from '../messages/groupMessage';
import type { Lines } from '../messages/message';
import { WAITING } from '../messages/waiting';
import { timeText } from '../messages/time';
import { ours, type Text, write } from '../messages/text';
import { CODES_WITHOUT_REPORT } from '../sync/healthAndNews';
import { asStop } from '../sync/stop';
import type { LastCell } from '../sync/last';
import { News } from '../sync/waiting/news';
import { PlanHolder, type KeptPlan } from '../sync/waiting/plans';
import { UnwrittenReceipts } from '../sync/waiting/unwrittenReceipts';
import { listFailures } from './report/failures';
import { reportPlan } from './report/plan';
import type { EndedRun } from './report/result';
import { linesOfRun } from './report/runReport';
import type { ReceiptCounts } from './receiptCounts';
import { outputsRunItem, type Run } from './run';

/** A run that ended with one of these codes sends a message only if it has news. Only a run with `STATE_NOT_USABLE` can have news. */
const CODES_NEEDING_NEWS = [...CODES_WITHOUT_REPORT, 'STATE_NOT_USABLE'];

/** What waits for people in the lock row: news that nobody has confirmed, a plan to approve, receipts that the log lacks. */
interface WaitingForPeople {
	news: News;
	planHolder: PlanHolder;
	unwrittenReceipts: UnwrittenReceipts;
}

/** What waits for people after a run. */
interface WaitingForPeopleAfterRun extends WaitingForPeople {
	/** The news that the run's message brings. */
	chosenNews: News['entries'];
}

/**
 * The message of a Sync to the group, and what it leaves in the lock row for the messages of later runs. It is prepared before the state is
 * closed, so its news is stored with the state, and a kill cannot lose it.
 */
export class PreparedGroupMessage {
	readonly #run: Run;
	#ended: EndedRun;
	readonly #receiptCounts: ReceiptCounts;
	readonly #robot: NonNullable<Run['options']['messages']>['messageFor'];
	/** Whether 'Name Customers' is off, so that the message must not name any. */
	readonly #isNameless: boolean;
	readonly #nowMs = systemClock.nowMs();
	readonly #newsEntryId = randomUUID();
	/** The lock row's `last` as the run last read it; undefined if it has not read it. */
	#lastAtRead: LastCell | undefined;
	/** What waits for people after this run: what waited in the lock row when the run last read that row, and what the run adds. */
	#waitingAfter: WaitingForPeopleAfterRun;

	constructor(run: Run, ended: EndedRun, receiptCounts: ReceiptCounts) {
		this.#run = run;
		this.#ended = ended;
		this.#receiptCounts = receiptCounts;
		this.#robot = run.options.messages?.messageFor ?? 'text';
		this.#isNameless = run.places.report === 'nameless';
		this.#lastAtRead = ended.sync?.last;
		this.#waitingAfter = this.#makeWaitingAfter(this.#lastAtRead);
	}

	/**
	 * Whether there is news that nobody has confirmed. It may change while the state is closed (`changeLastCell`), and after that if the state was
	 * not kept (`prepareAgain`).
	 */
	get hasNews(): boolean {
		return this.#waitingAfter.news.entries.length > 0;
	}

	/** The body to post to the group's robot; '' without news. It may change like `hasNews`. */
	get messageBody(): string {
		const { chosenNews } = this.#waitingAfter;
		return chosenNews.length === 0 ? '' : this.#makeMessage(chosenNews, this.#waitingAfter).body;
	}

	/**
	 * Writes the news, the plan and the missing receipts that wait for people after this run into the lock row's `last`, and chooses the news of
	 * the message. If somebody else changes the row meanwhile, the lock calls this function again with the new `last`.
	 */
	readonly changeLastCell = (storedLast: LastCell): LastCell => {
		this.#lastAtRead = storedLast;
		this.#waitingAfter = this.#makeWaitingAfter(storedLast);
		const { news, planHolder, unwrittenReceipts } = this.#waitingAfter;
		const { plan } = planHolder;
		const log = this.#receiptCounts.logMemory ?? storedLast['log'];
		const isGreeted = storedLast['isGreeted'] === true || news.entries.length > 0;
		return { ...storedLast, log, news, plan, unwrittenReceipts, robot: this.#robot, isGreeted };
	};

	/**
	 * Prepares the message again, for a run whose state was not kept: only closing the state shows that. The lock row does not get what the
	 * message now says.
	 */
	prepareAgain(ended: EndedRun): void {
		this.#ended = ended;
		this.#waitingAfter = this.#makeWaitingAfter(this.#lastAtRead);
	}

	/** Gives what waits for people after this run: what waits in the lock row's `last`, with the news, the plan and the missing receipts of this run. */
	#makeWaitingAfter(storedLast: LastCell | undefined): WaitingForPeopleAfterRun {
		const waitingBefore = readWaitingForPeople(storedLast, this.#isNameless);
		const { missing, why } = this.#receiptCounts;
		const nowMs = this.#nowMs;
		const isNameless = this.#isNameless;
		const unwrittenReceipts = waitingBefore.unwrittenReceipts.addMissing({ missing, why, nowMs });
		const planHolder = this.#planHolderAfter(waitingBefore.planHolder);
		const lines = this.#linesForGroup(unwrittenReceipts, waitingBefore.planHolder.plan);
		const hasRunNews = lines !== undefined;
		const news = hasRunNews
			? waitingBefore.news.addEntry({ id: this.#newsEntryId, atMs: nowMs, ...lines, isNameless })
			: waitingBefore.news;
		const chosenNews = news.chooseEntries(
			(newsEntries) => this.#makeMessage(newsEntries, { news, planHolder }).isWhole,
		);
		// Only the run's item has the message. Without that item nobody can post it, so Confirm News must not remove the news.
		const isMessageOutput = chosenNews.length > 0 && outputsRunItem(this.#run);
		return {
			news: isMessageOutput ? news.noteMessage(this.#run.execution.id, chosenNews) : news,
			planHolder,
			unwrittenReceipts: hasRunNews
				? unwrittenReceipts.unwrittenAfter.noteReported(nowMs)
				: unwrittenReceipts.unwrittenAfter,
			chosenNews,
		};
	}

	/** The plan in the lock row, as the run leaves it. A plan that was rejected or sent, or that is over, stays there until the next one replaces it. */
	#planHolderAfter(holderBefore: PlanHolder): PlanHolder {
		const { blocked, sync } = this.#ended;
		const stop = asStop(blocked);
		if (stop?.planFacts !== undefined) {
			const lines = reportPlan(this.#ended, listFailures(this.#ended), this.#run.places.report)?.lines;
			return holderBefore.proposePlan({
				planId: stop.planId,
				atMs: this.#nowMs,
				requests: stop.planFacts.requestCount,
				...(lines ?? { english: [], chinese: [] }),
				isNameless: this.#isNameless,
			});
		}
		// A run that was blocked for another reason did not get to the safety checks: the plan still waits.
		return blocked === undefined ? holderBefore.closeOncePassed(sync?.passedPlanId ?? '') : holderBefore;
	}

	/** The lines of the run for the group; undefined if there is nothing to report. */
	#linesForGroup(
		{ unwrittenAfter, isMessageDue }: ReturnType<UnwrittenReceipts['addMissing']>,
		planBefore: KeptPlan | undefined,
	): Lines | undefined {
		const { tally, blocked, sync } = this.#ended;
		// The first scheduled run always sends a message, so that a wrong address of the robot shows on the first day.
		const isNotGreeted = sync?.last !== undefined && sync.last['isGreeted'] !== true;
		const isGreeting = isNotGreeted && !sync.isManual && blocked === undefined;
		const waitingTexts = describePlanEnd(this.#ended, planBefore);
		// A rejection is a reason for one message only. Later messages about the same plan still name the rejection, because they ask for an approval.
		const isRejectionReported = planBefore?.isTold === true && asStop(blocked)?.planId === planBefore.planId;
		const isAboutPlan = waitingTexts.length > 0 && !isRejectionReported;
		const isLogLost = this.#receiptCounts.isLogLost === true;
		const isAboutReceipts = isMessageDue || isLogLost;
		const needsNews = CODES_NEEDING_NEWS.includes(tally.whyRunFailed?.code ?? '');
		const hasOtherReason = !needsNews && (isGreeting || isAboutPlan || isAboutReceipts);
		if (!tally.hasNews && !hasOtherReason) {
			return undefined;
		}
		const { why, unreported } = unwrittenAfter;
		if (unreported > 0 && why !== undefined) {
			waitingTexts.push(WAITING.receipts[why]({ count: unreported }));
		}
		if (isLogLost) {
			waitingTexts.push(WAITING.logLost());
		}
		const place = this.#run.places.report;
		const { english, chinese } = linesOfRun(this.#ended, place);
		const bilingualLines = waitingTexts.map((text) => write(text, place));
		return {
			english: [...english, ...bilingualLines.map(([line]) => line)],
			chinese: [...chinese, ...bilingualLines.map(([, line]) => line)],
		};
	}

	#makeMessage(
		newsEntries: News['entries'],
		{ news, planHolder }: Pick<WaitingForPeople, 'news' | 'planHolder'>,
	): ReturnType<typeof makeGroupMessage> {
		const { messages } = this.#run.options;
		const { timezone, workflow } = this.#run.execution;
		const messageParts = newsEntries.map(({ english, chinese, atMs }) => {
			const earlierRunTime = atMs === this.#nowMs ? undefined : timeText(atMs, timezone);
			return { english, chinese, earlierRunTime };
		});
		return makeGroupMessage(messageParts, {
			robot: this.#robot,
			language: messages?.language ?? 'both',
			workflow: workflow.name || workflow.id,
			approvalForm: planHolder.plan?.state === 'waiting' ? messages?.approvalForm : undefined,
			omittedCount: news.omitted,
		});
	}
}

/** Reads news, plan and unwritten receipts from the lock row's `last`. With 'Name Customers' off, everything that names customers is dropped. */
function readWaitingForPeople(last: LastCell | undefined, isNameless: boolean): WaitingForPeople {
	const news = News.read(last?.['news']);
	const planHolder = PlanHolder.read(last?.['plan']);
	return {
		news: isNameless ? news.withoutNames() : news,
		planHolder: isNameless ? planHolder.withoutNames() : planHolder,
		unwrittenReceipts: UnwrittenReceipts.read(last?.['unwrittenReceipts']),
	};
}

/**
 * The sentence about what became of a plan: this run has sent it, a person has rejected it, or a new plan has replaced one that a person had
 * approved or rejected. None if there is nothing to say about a plan.
 */
function describePlanEnd({ blocked, sync }: EndedRun, planBefore: KeptPlan | undefined): Text[] {
	const by = ours(planBefore?.by ?? '');
	const stop = asStop(blocked);
	if (stop === undefined) {
		// A Dry Run passes the safety checks as well. It sends nothing, and counts as blocked.
		const isPlanSent = sync?.passedPlanId !== undefined && blocked === undefined;
		if (!isPlanSent) {
			return [];
		}
		const isApprovedByPerson = planBefore?.state === 'approved' && planBefore.planId === sync.passedPlanId;
		return [isApprovedByPerson ? WAITING.approved.by({ by }) : WAITING.approved.byOption()];
	}
	if (stop.planId === planBefore?.planId) {
		return planBefore.state === 'rejected' ? [WAITING.rejected({ by })] : [];
	}
	// The form promises to ask again if the rows change after a decision. A second stop for the same reason is not news by itself: without the
	// sentence that a new plan has replaced the decided one, nobody would get a message about the new plan.
	if (planBefore?.state !== 'approved' && planBefore?.state !== 'rejected') {
		return [];
	}
	return [WAITING.replaced[planBefore.state]({ by })];
}
