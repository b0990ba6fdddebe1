import type { IDataObject } from 'n8n-workflow';

import { toIsoText } from '../../input/dateTime';
import { count } from '../../input/fields/fields';
import { PAGES } from '../../messages/known';
import { escapeHtml, inBothLanguages, writePage, writeParagraphs, writeTable } from '../../messages/page';
import { timeText } from '../../messages/time';
import { WAITING } from '../../messages/waiting';
import { type LocalEnvironment, localOperation } from '../operation/localOperation';
import { NotSendable, notSent } from '../../service/outcome';
import { ReceiptLog } from '../../sync/log/readLog';
import type { RunRow } from '../../sync/log/receipt';
import { readLogMemory } from '../../sync/log/runLog';
import { News } from '../../sync/waiting/news';
import { PlanHolder, type KeptPlan } from '../../sync/waiting/plans';
import { findSyncs, type SyncRow } from '../../sync/waiting/syncRows';
import { whichSync } from './whichSync';
import { inSentences, ours, write } from '../../messages/text';

const fields = {
	sync: whichSync('all Syncs of this project'),
	limit: count({ displayName: 'Runs', default: 10, description: 'Max number of recent runs to return' }),
};

/** Shows the health of a Sync, its last runs, whether a plan waits for approval, and news that nobody has confirmed. */
export const getStatus = localOperation({
	value: 'getStatus',
	option: {
		name: 'Get Status',
		action: 'Get status of sync',
		description: 'Get the health of a sync, its last runs, and the plan that is waiting for approval',
	},
	isForModels: true,
	fields,
	async run({ sync, limit }, environment) {
		const syncRows = await findSyncs(environment.tables, sync ?? '');
		const [first] = syncRows;
		if (first === undefined && sync !== undefined) {
			throw new NotSendable(notSent('NO_SUCH_SYNC', { name: ours(sync) }));
		}
		if (first === undefined) {
			return [noSyncItem()];
		}
		const items: IDataObject[] = [];
		for (const row of syncRows) {
			items.push(await statusOf(row, limit, environment));
		}
		// A form shows the first item, so a Sync whose plan waits comes first.
		return items.sort((a, b) => Number(b['PlanWaits']) - Number(a['PlanWaits']));
	},
});

/** The item if no Sync has run yet: a form shows it instead of an error. */
function noSyncItem(): IDataObject {
	const sentence = write(WAITING.status.noSync(), 'everything');
	return {
		Sync: '',
		Health: 'none',
		PlanWaits: false,
		NewsWaits: 0,
		Text: sentence[0],
		TextZh: sentence[1],
		Page: writePage('Sync', writeParagraphs([sentence])),
	};
}

async function statusOf(row: SyncRow, limit: number, environment: LocalEnvironment): Promise<IDataObject> {
	const { timezone } = environment;
	const { name, last, key, isOwned } = row;
	const { plan } = PlanHolder.read(last['plan']);
	const news = News.read(last['news']);
	const { health } = last.reported;
	const lastRunMs = last.minute === undefined ? undefined : last.minute * 60_000;
	const isWaiting = plan?.state === 'waiting';
	const texts = [WAITING.status.health({ health: WAITING.health[health]() })];
	if (lastRunMs !== undefined) {
		texts.push(WAITING.status.lastRun({ time: ours(timeText(lastRunMs, timezone)) }));
	}
	if (isOwned) {
		texts.push(WAITING.status.isOwned());
	}
	if (plan !== undefined && isWaiting) {
		texts.push(WAITING.status.planWaits({ since: ours(timeText(plan.atMs, timezone)) }));
	}
	if (plan?.state === 'approved' || plan?.state === 'rejected') {
		const time = ours(timeText(plan.decidedMs ?? plan.atMs, timezone));
		const decision = isOwned && plan.state === 'approved' ? 'approvedUnderWay' : plan.state;
		texts.push(WAITING.decided[decision]({ by: ours(plan.by ?? ''), time }));
	}
	if (news.entries.length > 0) {
		texts.push(WAITING.status.newsWaits({ count: news.entries.length }));
	}
	const loggedRuns = await new ReceiptLog(environment.tables).readLastRuns(
		await environment.accountHash(),
		key,
		limit,
	);
	// The last runs are not in the log yet if they wrote no receipt.
	const { stretch } = readLogMemory(last['log']);
	const runs = (stretch === undefined ? loggedRuns : [stretch, ...loggedRuns]).slice(0, limit);
	const [english, chinese] = write(inSentences(texts), 'everything');
	const summary = writeParagraphs(texts.map((text) => write(text, 'everything'))) + planHtml(plan);
	return {
		Sync: name,
		Health: health,
		LastRun: toIsoText(lastRunMs, timezone) ?? '',
		IsRunning: isOwned,
		PlanWaits: isWaiting,
		Plan: plan?.planId ?? '',
		PlanState: plan?.state ?? '',
		PlanBy: plan?.by ?? '',
		Requests: plan?.requests ?? 0,
		PlanText: plan === undefined ? '' : [...plan.chinese, '', ...plan.english].join('\n'),
		NewsWaits: news.entries.length,
		Text: english,
		TextZh: chinese,
		Runs: runs.map((run) => runItem(run, timezone)),
		Html: summary,
		Page: writePage(name, summary + runsTable(runs, timezone)),
	};
}

function planHtml(plan: KeptPlan | undefined): string {
	if (plan?.state !== 'waiting') {
		return '';
	}
	return [...plan.chinese, '', ...plan.english].map((line) => `<p>${escapeHtml(line)}</p>`).join('');
}

function runItem(
	{ atMs, runs, health, receipts, missing, summary, summaryZh }: RunRow,
	timezone: string,
): IDataObject {
	return {
		At: toIsoText(atMs, timezone) ?? '',
		Runs: runs,
		Health: health,
		Receipts: receipts,
		Missing: missing,
		Summary: summary,
		SummaryZh: summaryZh,
	};
}

function runsTable(runs: readonly RunRow[], timezone: string): string {
	if (runs.length === 0) {
		return '';
	}
	const rows = runs.map(({ atMs, summary, summaryZh }) => [
		escapeHtml(timeText(atMs, timezone)),
		inBothLanguages([summary, summaryZh]),
	]);
	return writeTable([PAGES.time(), PAGES.result()], rows);
}
