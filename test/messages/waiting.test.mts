import { describe } from '@jest/globals';
import { ours } from '../../nodes/TencentCloudIot/messages/text';
import { WAITING } from '../../nodes/TencentCloudIot/messages/waiting';
import { testScenes } from './scenes.mts';

const by = ours("Wang O'Neil");
const time = ours('2026-11-30 06:00:05 GMT+8');
const since = ours('2026-11-29 02:15:00 GMT+8');

describe('The reply to a decision on a plan', () => {
	const { decided, decisionTitle } = WAITING;
	testScenes(
		[
			[
				'approved, one request',
				() => decided.nowApproved({ by, requests: 1 }),
				"Approved by Wang O'Neil. The next run sends exactly this plan: 1 request. If the rows have changed by then, nothing is sent and you are asked again.",
				"Wang O'Neil 已批准。下次运行只发送这份计划，共 1 个请求。届时数据行若已变化，不会发送，而会再问一次。",
			],
			[
				'approved, many requests',
				() => decided.nowApproved({ by, requests: 1200 }),
				"Approved by Wang O'Neil. The next run sends exactly this plan: 1,200 requests. If the rows have changed by then, nothing is sent and you are asked again.",
				"Wang O'Neil 已批准。下次运行只发送这份计划，共 1200 个请求。届时数据行若已变化，不会发送，而会再问一次。",
			],
			[
				'rejected',
				() => decided.nowRejected({ by }),
				"Rejected by Wang O'Neil. Nothing was sent, and nothing is sent until the rows change. If they are wrong, correct the source.",
				"Wang O'Neil 已拒绝。什么都没有发送；在数据行变化之前也不会发送。数据有误时，请修正数据源。",
			],
			['nothing to decide', () => decided.none(), 'No plan is waiting for approval.', '没有等待批准的计划。'],
			[
				'an old form',
				() => decided.otherPlan(),
				'Nothing was decided: another plan is waiting now, e.g. because the rows have changed. Open the form again.',
				'没有作出决定：等待批准的是另一份计划，例如因为数据行已变化。请重新打开表单。',
			],
			[
				'approved already',
				() => decided.approved({ by, time }),
				"Wang O'Neil approved the plan on 2026-11-30 06:00:05 GMT+8. The next run sends it.",
				"Wang O'Neil 已于 2026-11-30 06:00:05 GMT+8 批准这份计划，下次运行发送。",
			],
			[
				'approved already, and a run is under way',
				() => decided.approvedUnderWay({ by, time }),
				"Wang O'Neil approved the plan on 2026-11-30 06:00:05 GMT+8. The run that is under way may be sending it; if not, the next run sends it or asks again.",
				"Wang O'Neil 已于 2026-11-30 06:00:05 GMT+8 批准这份计划。正在进行的运行可能正在发送它；否则由下次运行发送，或再问一次。",
			],
			[
				'rejected already',
				() => decided.rejected({ by, time }),
				"Wang O'Neil rejected the plan on 2026-11-30 06:00:05 GMT+8, and nothing was sent. Correct the source; or, to send the plan after all, enter its ID in the Sync's 'Approved Plan'.",
				"Wang O'Neil 已于 2026-11-30 06:00:05 GMT+8 拒绝这份计划，什么都没有发送。请修正数据源；若仍要发送，请在 Sync 的 Approved Plan 中填入其编号。",
			],
			[
				'sent already',
				() => decided.sent({ by, time }),
				"The plan has been sent: Wang O'Neil approved it on 2026-11-30 06:00:05 GMT+8.",
				"计划已发送：Wang O'Neil 于 2026-11-30 06:00:05 GMT+8 批准。",
			],
			[
				'corrected meanwhile',
				() => decided.over(),
				'The plan need not be approved any more: the rows have passed the checks since.',
				'计划无需再批准：数据行此后已通过检查。',
			],
			['the title if it counts', () => decisionTitle.done(), 'Done', '完成'],
			['the title if it does not', () => decisionTitle.nothingChanged(), 'Nothing changed', '没有更改'],
		],
		{ decided, decisionTitle },
	);
});

describe('The status of a Sync', () => {
	const { status, health } = WAITING;
	testScenes(
		[
			['none has run', () => status.noSync(), 'No Sync has run yet.', '还没有运行过 Sync。'],
			['its health is ok', () => status.health({ health: health.ok() }), 'Health: ok', '状态：正常'],
			[
				'its health is degraded',
				() => status.health({ health: health.degraded() }),
				'Health: degraded',
				'状态：部分异常',
			],
			['it is failing', () => status.health({ health: health.failing() }), 'Health: failing', '状态：失败'],
			[
				'its last run',
				() => status.lastRun({ time }),
				'Last run that was not stopped: 2026-11-30 06:00:05 GMT+8',
				'上次未被停止的运行：2026-11-30 06:00:05 GMT+8',
			],
			[
				'a run is under way',
				() => status.isOwned(),
				'A run is under way, or one was killed: the next run finds out.',
				'有运行正在进行，或被强行终止：下次运行会查明。',
			],
			[
				'a plan waits',
				() => status.planWaits({ since }),
				'A plan has been waiting for approval since 2026-11-29 02:15:00 GMT+8. Nothing is sent until it is approved.',
				'2026-11-29 02:15:00 GMT+8 起有一份计划等待批准。批准之前不会发送任何内容。',
			],
			[
				'a message waits',
				() => status.newsWaits({ count: 1 }),
				'1 message not yet confirmed: the next run sends it again.',
				'1 条消息尚未确认送达，下次运行会再次发送。',
			],
			[
				'messages wait',
				() => status.newsWaits({ count: 2 }),
				'2 messages not yet confirmed: the next run sends them again.',
				'2 条消息尚未确认送达，下次运行会再次发送。',
			],
		],
		{ status, health },
	);
});

describe('What a group is informed of: plans and receipts', () => {
	const { approved, rejected, replaced, receipts, logLost, group } = WAITING;
	testScenes(
		[
			[
				'a plan was sent that somebody approved',
				() => approved.by({ by }),
				"This was the plan that Wang O'Neil approved.",
				"这是 Wang O'Neil 批准的计划。",
			],
			[
				'a plan was sent that the node approves',
				() => approved.byOption(),
				"This was the plan in the node's option 'Approved Plan'.",
				'这是节点选项 Approved Plan 中的计划。',
			],
			[
				'a plan was rejected',
				() => rejected({ by }),
				"Wang O'Neil has rejected this plan, so the form does not ask again. Nothing is sent until the rows change, or 'Approved Plan' has its ID.",
				"Wang O'Neil 已拒绝这份计划，表单不会再问。在数据行变化或 Approved Plan 填入其编号之前，不会发送任何内容。",
			],
			[
				'a plan waits after another one that was approved',
				() => replaced.approved({ by }),
				"Wang O'Neil approved another plan: rows or sync state have changed since, so this one waits for a decision.",
				"Wang O'Neil 批准的是另一份计划。此后数据行或同步状态有变化，请对这份计划再作决定。",
			],
			[
				'a plan waits after another one that was rejected',
				() => replaced.rejected({ by }),
				"Wang O'Neil rejected another plan: rows or sync state have changed since, so this one waits for a decision.",
				"Wang O'Neil 拒绝的是另一份计划。此后数据行或同步状态有变化，请对这份计划再作决定。",
			],
			[
				'a receipt, and the log is at its limit',
				() => receipts.tooLarge({ count: 1 }),
				"1 receipt not written: the log has reached 'Largest Log (MB)'. It goes on next month.",
				'1 条回执未写入：日志已达到 Largest Log (MB)，下月恢复。',
			],
			[
				'receipts, and the log is at its limit',
				() => receipts.tooLarge({ count: 1200 }),
				"1,200 receipts not written: the log has reached 'Largest Log (MB)'. It goes on next month.",
				'1200 条回执未写入：日志已达到 Largest Log (MB)，下月恢复。',
			],
			[
				'a receipt, and the tables are full',
				() => receipts.full({ count: 1 }),
				"1 receipt not written: the space of n8n's Data Tables is used up. Delete tables that nobody needs, or raise N8N_DATA_TABLES_MAX_SIZE_BYTES.",
				'1 条回执未写入：n8n 的 Data Tables 空间已满。请删除不再需要的数据表，或调高 N8N_DATA_TABLES_MAX_SIZE_BYTES。',
			],
			[
				'receipts, and the tables are full',
				() => receipts.full({ count: 2 }),
				"2 receipts not written: the space of n8n's Data Tables is used up. Delete tables that nobody needs, or raise N8N_DATA_TABLES_MAX_SIZE_BYTES.",
				'2 条回执未写入：n8n 的 Data Tables 空间已满。请删除不再需要的数据表，或调高 N8N_DATA_TABLES_MAX_SIZE_BYTES。',
			],
			[
				'receipts, and a column of their table was renamed',
				() => receipts.otherColumns({ count: 2 }),
				'2 receipts not written: the columns of the newest log table have been changed. Restore them; or rename the table, and the log starts over in a new one.',
				'2 条回执未写入：最新一张日志数据表的列被改动过。请恢复这些列；或给该表改名，日志从新建的表重新开始。',
			],
			[
				'a receipt, and a column of its table was renamed',
				() => receipts.otherColumns({ count: 1 }),
				'1 receipt not written: the columns of the newest log table have been changed. Restore them; or rename the table, and the log starts over in a new one.',
				'1 条回执未写入：最新一张日志数据表的列被改动过。请恢复这些列；或给该表改名，日志从新建的表重新开始。',
			],
			[
				'a receipt, and the database is down',
				() => receipts.notUsable({ count: 1 }),
				"1 receipt not written: n8n's database did not take it.",
				'1 条回执未写入：n8n 的数据库未接受。',
			],
			[
				'receipts, and the database is down',
				() => receipts.notUsable({ count: 2 }),
				"2 receipts not written: n8n's database did not take them.",
				'2 条回执未写入：n8n 的数据库未接受。',
			],
			[
				'a log that was deleted',
				() => logLost(),
				'Earlier receipts are gone: their table was deleted, or dropped for space. The log starts over.',
				'更早的回执已不在：其数据表被人删除，或因空间不足而移除。日志从现在重新开始。',
			],
			[
				'a message of an earlier run',
				() => group.notDelivered({ time }),
				'Not delivered before, 2026-11-30 06:00:05 GMT+8:',
				'此前未送达，2026-11-30 06:00:05 GMT+8：',
			],
			[
				'a message that is lost',
				() => group.omitted({ count: 1 }),
				'1 earlier message could not be kept: see the operation Get Status',
				'另有 1 条更早的消息未能保留：请用 Get Status 操作查询',
			],
			[
				'messages that are lost',
				() => group.omitted({ count: 20_000 }),
				'20,000 earlier messages could not be kept: see the operation Get Status',
				'另有 20000 条更早的消息未能保留：请用 Get Status 操作查询',
			],
			['a link to the form', () => group.decide(), 'Approve or reject:', '批准或拒绝：'],
		],
		{ approved, rejected, replaced, receipts, logLost, group },
	);
});
