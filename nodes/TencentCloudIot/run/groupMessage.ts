import { randomUUID } from 'node:crypto';

import { systemClock } from '../host/systemClock';
import { fitsMessage, writeGroupMessage } from '../messages/groupMessage';
import { WAITING } from '../messages/waiting';
import { timeText } from '../messages/time';
import { ours, type Text, write } from '../messages/text';
import { asStop } from '../sync/safetyChecks';
import type { LastCell } from '../sync/last';
import { addNews, chooseNews, type Lines, type News, noteTold, readNews } from '../sync/waiting/news';
import { proposePlan, readPlan, settlePlan, type WaitingPlan } from '../sync/waiting/plans';
import { addUnwritten, noteReported, readUnwritten } from '../sync/waiting/unwrittenReceipts';
import { nameFailures } from './report/failures';
import { reportPlan } from './report/plan';
import type { EndedRun } from './report/result';
import { linesOfRun } from './report/runReport';
import type { KeptReceipts, Telling } from './kept';
import type { Run } from './run';

/** Runs that end for these reasons send no message: whoever cancelled a run knows it, and in the other cases another run reports. */
const SILENT = new Set(['ALREADY_RUNNING', 'CANCELLED', 'TAKEN_OVER', 'STATE_NOT_USABLE']);

/** What waits in the lock row. */
interface Waiting {
	news: News;
	plan: WaitingPlan | undefined;
	unwrittenReceipts: ReturnType<typeof readUnwritten>;
}

/** Prepares what a run of Sync tells, before its state is closed. */
export function prepareTelling(run: Run, ended: EndedRun, receipts: KeptReceipts): Telling {
	const { messages } = run.options;
	const { timezone, workflow, id: execution } = run.execution;
	const robot = messages?.messageFor ?? 'text';
	const nowMs = systemClock.nowMs();
	const entryId = randomUUID();
	const partsOf = (entries: News['entries']) => {
		return entries.map(({ english, chinese, atMs }) => {
			const lateTime = atMs === nowMs ? undefined : timeText(atMs, timezone);
			return { english, chinese, lateTime };
		});
	};
	const styleOf = ({ news, plan }: Pick<Waiting, 'news' | 'plan'>) => ({
		robot,
		language: messages?.language ?? 'both',
		workflow: workflow.name || workflow.id,
		approvalForm: plan?.state === 'waiting' ? messages?.approvalForm : undefined,
		omitted: news.omitted,
	});
	/** @returns what waits after the run, and the news that its message has */
	const tell = (before: Waiting): Waiting & { chosen: News['entries'] } => {
		const { missing, why } = receipts;
		const unwritten = addUnwritten(before.unwrittenReceipts, { missing, why, nowMs });
		const plan = planAfter(run, ended, { plan: before.plan, nowMs });
		const lines = tellableOf(run, ended, { receipts, unwritten, planBefore: before.plan });
		const isTold = lines !== undefined;
		const news = isTold ? addNews(before.news, { id: entryId, atMs: nowMs, ...lines }) : before.news;
		const style = styleOf({ news, plan });
		const chosen = chooseNews(news, (entries) => fitsMessage(partsOf(entries), style));
		return {
			news: chosen.length > 0 ? noteTold(news, execution, chosen) : news,
			plan,
			unwrittenReceipts: isTold ? noteReported(unwritten.after, nowMs) : unwritten.after,
			chosen,
		};
	};
	let told = tell(readWaiting(ended.sync?.last));
	return {
		change: (before) => {
			told = tell(readWaiting(before));
			const { news, plan, unwrittenReceipts } = told;
			const log = receipts.memory ?? before['log'];
			const isGreeted = before['isGreeted'] === true || news.entries.length > 0;
			return { ...before, log, news, plan, unwrittenReceipts, robot, isGreeted };
		},
		get hasNews() {
			return told.news.entries.length > 0;
		},
		get message() {
			return told.chosen.length === 0 ? '' : writeGroupMessage(partsOf(told.chosen), styleOf(told));
		},
	};
}

function readWaiting(last: LastCell | undefined): Waiting {
	return {
		news: readNews(last?.['news']),
		plan: readPlan(last?.['plan']),
		unwrittenReceipts: readUnwritten(last?.['unwrittenReceipts']),
	};
}

function planAfter(
	{ places }: Run,
	ended: EndedRun,
	{ plan, nowMs }: { plan: WaitingPlan | undefined; nowMs: number },
): WaitingPlan | undefined {
	const { blocked, sync } = ended;
	const stop = asStop(blocked);
	if (stop?.plan !== undefined) {
		const lines = reportPlan(ended, nameFailures(ended), places.report)?.lines;
		const proposed = proposePlan(plan, {
			planId: stop.planId,
			atMs: nowMs,
			requests: stop.plan.requests,
			english: lines?.english ?? [],
			chinese: lines?.chinese ?? [],
		});
		// The group hears of a rejection once.
		return proposed.state === 'rejected' ? { ...proposed, isTold: true } : proposed;
	}
	// A run that failed before the checks says nothing about them.
	return blocked === undefined ? settlePlan(plan, sync?.passedPlan ?? '') : plan;
}

/** What the group is to hear of a run; undefined where it is nothing. */
function tellableOf(
	{ places }: Run,
	ended: EndedRun,
	{
		receipts,
		unwritten,
		planBefore,
	}: {
		receipts: KeptReceipts;
		unwritten: ReturnType<typeof addUnwritten>;
		planBefore: WaitingPlan | undefined;
	},
): Lines | undefined {
	const { tally, blocked, sync } = ended;
	if (SILENT.has(tally.reason?.code ?? '') && !tally.hasNews) {
		return undefined;
	}
	// A wrong address of the robot shows on the first day, also where somebody has run the workflow by hand before.
	const isGreeting =
		sync?.last !== undefined && sync.last['isGreeted'] !== true && !sync.isManual && blocked === undefined;
	const texts = sayPlan(ended, planBefore);
	const isLost = receipts.isLost === true;
	const isAboutReceipts = unwritten.isDue || isLost;
	if (!tally.hasNews && !isGreeting && texts.length === 0 && !isAboutReceipts) {
		return undefined;
	}
	const { why, unreported } = unwritten.after;
	if (unreported > 0 && why !== undefined) {
		texts.push(WAITING.receipts[why]({ count: unreported }));
	}
	if (isLost) {
		texts.push(WAITING.logLost());
	}
	const { english, chinese } = linesOfRun(ended, places.report);
	const written = texts.map((text) => write(text, places.report));
	return {
		english: [...english, ...written.map(([line]) => line)],
		chinese: [...chinese, ...written.map(([, line]) => line)],
	};
}

/**
 * The sentence about a plan that waited: it was sent, it was rejected, or another one has taken the place of a decided one.
 * @param before the plan that waited when the run began
 */
function sayPlan({ blocked, sync }: EndedRun, before: WaitingPlan | undefined): Text[] {
	const by = ours(before?.by ?? '');
	const stop = asStop(blocked);
	if (stop === undefined) {
		// A Dry Run passes the checks as well, and sends nothing.
		const isSent = sync?.passedPlan !== undefined && blocked === undefined;
		if (!isSent) {
			return [];
		}
		return [by.words === '' ? WAITING.approved.byOption() : WAITING.approved.by({ by })];
	}
	if (stop.planId === before?.planId) {
		return before.state === 'rejected' && before.isTold !== true ? [WAITING.rejected({ by })] : [];
	}
	// The form promises to ask again if the rows change. A stop for the same reason is no news, so the message says it.
	if (before?.state !== 'approved' && before?.state !== 'rejected') {
		return [];
	}
	return [WAITING.replaced[before.state]({ by })];
}
