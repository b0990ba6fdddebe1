import type { IDataObject } from 'n8n-workflow';

import { choice, text } from '../../input/fields/fields';
import { ours, type Text, write } from '../../messages/text';
import { writePage, writeParagraphs, writeTitle } from '../../messages/page';
import { timeText } from '../../messages/time';
import { WAITING } from '../../messages/waiting';
import { localOperation } from '../operation/localOperation';
import { planIds } from '../../sync/stop';
import { PlanHolder } from '../../sync/waiting/plans';
import { type SyncRow, updateLastCell } from '../../sync/waiting/syncRows';
import { findSync, whichSync } from './whichSync';

const fields = {
	sync: whichSync(),
	planId: text({
		displayName: 'Plan ID',
		placeholder: 'e.g. q3BzX0yAf9LmK2dV',
		description: 'Plan ID from Get Status or the message',
		rule: () => undefined,
	}),
	decision: choice({
		displayName: 'Decision',
		default: 'Reject',
		options: [
			{ name: 'Approve', value: 'Approve' },
			{ name: 'Reject', value: 'Reject' },
		],
		description: 'Approve sends exactly this plan in the next run; Reject sends nothing',
	}),
	by: text({
		displayName: 'By',
		placeholder: 'e.g. the email of who is signed in',
		description: 'Who decides. The message about the run says it.',
		rule: () => undefined,
	}),
};

/** Approves the plan that a safety check stopped, so that the next run sends exactly this plan, or rejects it. */
export const approvePlan = localOperation({
	value: 'approvePlan',
	option: {
		name: 'Approve Plan',
		action: 'Approve plan of sync',
		description: 'Approve the plan that a safety check stopped, for the next run to send, or reject it',
	},
	isForModels: false,
	fields,
	async run({ sync, planId, decision, by }, environment) {
		const { tables, nowMs, timezone } = environment;
		const row = await findSync(environment, sync);
		const requested = { planId: planIds.findIn(planId), isApproved: decision === 'Approve', by, atMs: nowMs };
		const decided = await updateLastCell(tables, row, (last) => {
			const result = PlanHolder.read(last['plan']).decidePlan(requested);
			return { last: { ...last, plan: result.plan }, result };
		});
		return [decisionItemOf(decided, row, timezone)];
	},
});

function decisionItemOf(
	decided: ReturnType<PlanHolder['decidePlan']>,
	row: SyncRow,
	timezone: string,
): IDataObject {
	const { plan, whyNotDecided } = decided;
	const { name } = row;
	const isDecided = whyNotDecided === undefined;
	const title = writeTitle(isDecided ? WAITING.decisionTitle.done() : WAITING.decisionTitle.nothingChanged());
	const sentence = write(decisionText(decided, row, timezone), 'everything');
	return {
		Sync: name,
		Done: isDecided,
		PlanId: plan?.planId ?? '',
		PlanState: plan?.state ?? 'none',
		By: plan?.by ?? '',
		Text: sentence[0],
		TextZh: sentence[1],
		Page: writePage(title, writeParagraphs([[name, name], sentence])),
	};
}

function decisionText(
	{ plan, whyNotDecided }: ReturnType<PlanHolder['decidePlan']>,
	{ isOwned }: SyncRow,
	timezone: string,
): Text {
	const by = ours(plan?.by ?? '');
	if (whyNotDecided === undefined && plan !== undefined) {
		const { state, requests } = plan;
		return state === 'approved'
			? WAITING.decided.nowApproved({ by, requests })
			: WAITING.decided.nowRejected({ by });
	}
	const time = ours(plan?.decidedMs === undefined ? '' : timeText(plan.decidedMs, timezone));
	if (isOwned && whyNotDecided === 'approved') {
		return WAITING.decided.approvedUnderWay({ by, time });
	}
	return WAITING.decided[whyNotDecided ?? 'none']({ by, time });
}
