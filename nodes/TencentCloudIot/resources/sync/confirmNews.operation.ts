import { judgeResponse, type Robot, ROBOTS } from '../../messages/robots';
import { keptOperation } from '../../operation/keptOperation';
import { NotSendable, notSent } from '../../service/outcome';
import { confirmNews as confirm, readNews } from '../../sync/waiting/news';
import { changeLast } from '../../sync/waiting/syncRows';
import { findSync, whichSync } from './whichSync';

/**
 * The end of a scheduled Sync. It takes what the robot responded, or the item of Sync itself where there was no news, and judges both:
 * whoever comes behind it is reached only if the Sync is not failing and its news was taken.
 */
export const confirmNews = keptOperation({
	value: 'confirmNews',
	option: {
		name: 'Confirm News',
		action: 'Confirm news of sync',
		description:
			"Confirm that the message was taken, going by the robot's response; fails if it was not, or if the Sync is failing",
	},
	isForModels: false,
	fields: { sync: whichSync },
	async run({ sync }, { tables, execution, input }) {
		const { row, name } = await findSync(tables, sync);
		// The branch without news brings the item of Sync itself.
		const isOfSync = typeof input['Health'] === 'string' && typeof input['News'] === 'boolean';
		if (isOfSync && input['News'] === true) {
			throw new NotSendable(notSent('MESSAGE_NOT_SENT'));
		}
		let confirmed = 0;
		if (!isOfSync) {
			const robot = ROBOTS.find((known) => known === row.last['robot']) ?? 'text';
			confirmed = await confirmTaken(robot, input, async () => {
				return await changeLast(tables, row, (last) => {
					const { left, confirmed: result } = confirm(readNews(last['news']), execution);
					return { last: { ...last, news: left }, result };
				});
			});
		}
		const { health } = row.last.reported;
		if (health === 'failing') {
			throw new NotSendable(notSent('SYNC_FAILING', { name, id: row.id }));
		}
		return [{ Sync: name, Health: health, Taken: !isOfSync, Confirmed: confirmed }];
	},
});

/** @throws NotSendable where the robot did not take the message */
async function confirmTaken(
	robot: Robot,
	response: Readonly<Record<string, unknown>>,
	change: () => Promise<number>,
): Promise<number> {
	const { isTaken, response: shown } = judgeResponse(robot, response);
	if (!isTaken) {
		throw new NotSendable(notSent('MESSAGE_NOT_TAKEN', { response: shown }));
	}
	return await change();
}
