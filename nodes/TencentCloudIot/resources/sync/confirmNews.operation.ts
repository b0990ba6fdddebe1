import { setting } from '../../input/fields/fields';
import { type Robot, RobotMessage, ROBOTS } from '../../messages/robots';
import { localOperation } from '../operation/localOperation';
import { NotSendable, notSent } from '../../service/outcome';
import { News } from '../../sync/waiting/news';
import { updateLastCell } from '../../sync/waiting/syncRows';
import { findSync, whichSync } from './whichSync';
import { ofService, ours, withoutFullStop } from '../../messages/text';

/** The field that says which node wrote the message. If it was not the Sync, the operation judges only the response of the robot. */
const messageFor = setting({
	displayName: 'Message Of',
	default: 'sync',
	options: [
		{ name: 'Another Node, to DingTalk', value: 'dingtalk' },
		{ name: 'Another Node, to Feishu', value: 'feishu' },
		{ name: 'Another Node, to Slack', value: 'slack' },
		{ name: 'Another Node, to Teams', value: 'teams' },
		{ name: 'Another Node, to WeCom', value: 'wecom' },
		{ name: 'The Sync', value: 'sync' },
	],
	description: 'The node that wrote the message. For any but the Sync, only the response is judged.',
});

/**
 * The last check in a workflow with a scheduled Sync. Its input is the response of the robot or, if there was no news, the item of the Sync.
 * It fails if the robot did not accept the message or the Sync is failing, so the nodes after it run only if all is well.
 */
export const confirmNews = localOperation({
	value: 'confirmNews',
	option: {
		name: 'Confirm News',
		action: 'Confirm news of sync',
		description: "Confirm, by the robot's response, that the message was delivered; fails if it was not",
	},
	isForModels: false,
	fields: { sync: whichSync(), messageFor },
	async run({ sync, messageFor: robotOfOther }, environment) {
		const { tables, executionId, input } = environment;
		if (robotOfOther !== 'sync') {
			requireTaken(robotOfOther, input);
			return [{ Sync: '', Health: '', Taken: true, Confirmed: 0 }];
		}
		const row = await findSync(environment, sync);
		// On the branch without news the input is the item of Sync itself.
		const isOfSync = typeof input['Health'] === 'string' && typeof input['News'] === 'boolean';
		if (isOfSync && input['News'] === true) {
			throw new NotSendable(notSent('MESSAGE_NOT_SENT'));
		}
		let confirmation = { confirmedCount: 0, remainingCount: 0 };
		if (!isOfSync) {
			requireTaken(ROBOTS.find((robot) => robot === row.last['robot']) ?? 'text', input);
			confirmation = await updateLastCell(tables, row, (last) => {
				const { remainingNews, confirmedCount } = News.read(last['news']).confirmMessage(executionId);
				const remainingCount = remainingNews.entries.length;
				return { last: { ...last, news: remainingNews }, result: { confirmedCount, remainingCount } };
			});
		}
		const { health } = row.last.reported;
		const name = ours(row.name);
		if (health === 'failing') {
			throw new NotSendable(notSent('SYNC_FAILING', { name, id: ours(String(row.id)) }));
		}
		const { confirmedCount, remainingCount } = confirmation;
		// Each run would send the same message again, and nothing else would say why.
		if (confirmedCount === 0 && remainingCount > 0) {
			throw new NotSendable(notSent('MESSAGE_NOT_KNOWN', { name }));
		}
		return [{ Sync: row.name, Health: health, Taken: !isOfSync, Confirmed: confirmedCount }];
	},
});

/** @throws NotSendable if the robot did not accept the message */
function requireTaken(robot: Robot, response: Readonly<Record<string, unknown>>): void {
	const { isTaken, response: shown } = RobotMessage.judgeResponse(robot, response);
	if (!isTaken) {
		throw new NotSendable(notSent('MESSAGE_NOT_TAKEN', { response: ofService(withoutFullStop(shown)) }));
	}
}
