import { randomUUID } from 'node:crypto';

import { systemClock } from '../host/systemClock';
import { fitsMessage, writeGroupMessage } from '../messages/groupMessage';
import { WAITING } from '../messages/waiting';
import { timeText } from '../messages/time';
import { ours, type Text, write } from '../messages/text';
import { asStop } from '../sync/safetyChecks';
import type { Last } from '../sync/last';
import { addNews, chooseNews, type Lines, type News, noteTold, readNews } from '../sync/waiting/news';
import { proposePlan, readPlan, settlePlan, type WaitingPlan } from '../sync/waiting/plans';
import { addUnwritten, noteReported, readUnwritten } from '../sync/waiting/unwrittenReceipts';
import { nameFailures } from './report/failures';
import { reportPlan } from './report/plan';
import type { EndedRun } from './report/result';
import { linesOfRun } from './report/runReport';
import type { KeptReceipts, Telling } from './kept';
import { reportPlaceOf, type Run } from './run';

/** Runs that these stopped tell nothing: somebody cancelled it and knows, or another run tells. */
const SILENT = new Set(['ALREADY_RUNNING', 'CANCELLED', 'TAKEN_OVER', 'STATE_NOT_USABLE']);

/** Prepares what a run of Sync tells, before its state is closed. */
export function prepareTelling(run: Run, ended: EndedRun, receipts: KeptReceipts): Telling {
	const { execution, options } = run;
	const { messages } = options;
	const { timezone, workflow } = execution;
	const robot = messages?.messageFor ?? 'text';
	const nowMs = systemClock.nowMs();
	let { news, plan, unwrittenReceipts } = readWaiting(ended.sync?.last);
	let chosen: News['entries'] = [];

	const styleOf = () => ({
		robot,
		language: messages?.language ?? 'both',
		workflow: workflow.name || workflow.id,
		approvalForm: plan?.state === 'waiting' ? messages?.approvalForm : undefined,
		omitted: news.omitted,
	});
	const partsOf = (entries: News['entries']) => {
		return entries.map(({ english, chinese, atMs }) => {
			const lateTime = atMs === nowMs ? undefined : timeText(atMs, timezone);
			return { english, chinese, lateTime };
		});
	};
	const entryId = randomUUID();
	const choose = (before: Waiting) => {
		const { missing, why } = receipts;
		const unwritten = addUnwritten(before.unwrittenReceipts, { missing, why, nowMs });
		plan = planAfter(run, ended, { plan: before.plan, nowMs });
		const told = tellableOf(run, ended, { receipts, unwritten, planBefore: before.plan });
		news = before.news;
		unwrittenReceipts = unwritten.after;
		if (told !== undefined) {
			news = addNews(news, { id: entryId, atMs: nowMs, ...told });
			unwrittenReceipts = noteReported(unwrittenReceipts, nowMs);
		}
		const style = styleOf();
		chosen = chooseNews(news, (entries) => fitsMessage(partsOf(entries), style));
		if (chosen.length > 0) {
			news = noteTold(news, execution.id, chosen);
		}
	};
	choose({ news, plan, unwrittenReceipts });
	return {
		change: (before) => {
			choose(readWaiting(before));
			const log = receipts.memory ?? before['log'];
			const isGreeted = before['isGreeted'] === true || news.entries.length > 0;
			return { ...before, log, news, plan, unwrittenReceipts, robot, isGreeted };
		},
		get hasNews() {
			return news.entries.length > 0;
		},
		get message() {
			return chosen.length === 0 ? '' : writeGroupMessage(partsOf(chosen), styleOf());
		},
	};
}

/** What waits in the lock row. */
interface Waiting {
	news: News;
	plan: WaitingPlan | undefined;
	unwrittenReceipts: ReturnType<typeof readUnwritten>;
}

function readWaiting(last: Last | undefined): Waiting {
	return {
		news: readNews(last?.['news']),
		plan: readPlan(last?.['plan']),
		unwrittenReceipts: readUnwritten(last?.['unwrittenReceipts']),
	};
}

function planAfter(
	run: Run,
	ended: EndedRun,
	{ plan, nowMs }: { plan: WaitingPlan | undefined; nowMs: number },
): WaitingPlan | undefined {
	const { blocked, sync } = ended;
	const stop = asStop(blocked);
	if (stop?.plan !== undefined) {
		const shown = reportPlan(ended, nameFailures(ended), reportPlaceOf(run))?.lines ?? {
			english: [],
			chinese: [],
		};
		const proposed = proposePlan(plan, {
			planId: stop.planId,
			atMs: nowMs,
			requests: stop.plan.requests,
			...shown,
		});
		// The group hears of a rejection once.
		return proposed.state === 'rejected' ? { ...proposed, isTold: true } : proposed;
	}
	// A run that failed before the checks says nothing about them.
	return blocked === undefined ? settlePlan(plan, sync?.passedPlan ?? '') : plan;
}

/** What the group is to hear of a run; undefined where it is nothing. */
function tellableOf(
	run: Run,
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
	// A Dry Run passes the checks as well, and sends nothing.
	const isSent = sync?.passedPlan !== undefined && blocked === undefined;
	const stop = asStop(blocked);
	const isSamePlan = stop?.planId === planBefore?.planId;
	const isRejected = isSamePlan && planBefore?.state === 'rejected' && planBefore.isTold !== true;
	// The form promises to ask again if the rows change. A stop for the same reason is no news, so the message says it.
	const replaced = stop === undefined || isSamePlan ? undefined : replacedBy(planBefore);
	const isLost = receipts.isLost === true;
	const isAboutPlan = isSent || isRejected || replaced !== undefined;
	const isAboutReceipts = unwritten.isDue || isLost;
	if (!tally.hasNews && !isGreeting && !isAboutPlan && !isAboutReceipts) {
		return undefined;
	}
	const place = reportPlaceOf(run);
	const { english, chinese } = linesOfRun(ended, place);
	const more: Text[] = [];
	const by = planBefore?.by ?? '';
	if (isSent) {
		more.push(by === '' ? WAITING.approved.byOption() : WAITING.approved.by({ by: ours(by) }));
	}
	if (isRejected) {
		more.push(WAITING.rejected({ by: ours(by) }));
	}
	if (replaced !== undefined) {
		more.push(replaced);
	}
	const { why, unreported } = unwritten.after;
	if (unreported > 0 && why !== undefined) {
		more.push(WAITING.receipts[why]({ count: unreported }));
	}
	if (isLost) {
		more.push(WAITING.logLost());
	}
	const written = more.map((text) => write(text, place));
	return {
		english: [...english, ...written.map(([line]) => line)],
		chinese: [...chinese, ...written.map(([, line]) => line)],
	};
}

/** The text about a decision that does not hold for the plan that waits now; undefined where nobody had decided. */
function replacedBy(before: WaitingPlan | undefined): Text | undefined {
	if (before?.state !== 'approved' && before?.state !== 'rejected') {
		return undefined;
	}
	return WAITING.replaced[before.state]({ by: ours(before.by ?? '') });
}
