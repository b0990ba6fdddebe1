import { say, saySentence } from './text';

/** Texts about everything that waits for a person: plans, news, and receipts that could not be written. */
export const WAITING = {
	/** The reply to somebody who decides a plan: the decision counts, or why it changes nothing. The fact `by` is the name of a person. */
	decided: {
		nowApproved: saySentence(
			'Approved by {by}. The next run sends exactly this plan: {requests:request}. If the rows have changed by then, nothing is sent and you are asked again',
			'{by} 已批准。下次运行只发送这份计划，共 {requests} 个请求。届时数据行若已变化，不会发送，而会再问一次',
		),
		nowRejected: saySentence(
			'Rejected by {by}. Nothing was sent, and nothing is sent until the rows change. If they are wrong, correct the source',
			'{by} 已拒绝。什么都没有发送；在数据行变化之前也不会发送。数据有误时，请修正数据源',
		),
		none: saySentence('No plan is waiting for approval', '没有等待批准的计划'),
		otherPlan: saySentence(
			'Nothing was decided: another plan is waiting now, e.g. because the rows have changed. Open the form again',
			'没有作出决定：等待批准的是另一份计划，例如因为数据行已变化。请重新打开表单',
		),
		approved: saySentence(
			'{by} approved the plan on {time}. The next run sends it',
			'{by} 已于 {time} 批准这份计划，下次运行发送',
		),
		/** While a run owns the lock row. If that run was killed after it sent a part of the plan, the remainder is a different plan. */
		approvedUnderWay: saySentence(
			'{by} approved the plan on {time}. The run that is under way may be sending it; if not, the next run sends it or asks again',
			'{by} 已于 {time} 批准这份计划。正在进行的运行可能正在发送它；否则由下次运行发送，或再问一次',
		),
		rejected: saySentence(
			"{by} rejected the plan on {time}, and nothing was sent. Correct the source; or, to send the plan after all, enter its ID in the Sync's 'Approved Plan'",
			'{by} 已于 {time} 拒绝这份计划，什么都没有发送。请修正数据源；若仍要发送，请在 Sync 的 Approved Plan 中填入其编号',
		),
		sent: saySentence(
			'The plan has been sent: {by} approved it on {time}',
			'计划已发送：{by} 于 {time} 批准',
		),
		over: saySentence(
			'The plan need not be approved any more: the rows have passed the checks since',
			'计划无需再批准：数据行此后已通过检查',
		),
	},
	/** The title of the page with that reply. */
	decisionTitle: {
		done: say('Done', '完成'),
		nothingChanged: say('Nothing changed', '没有更改'),
	},
	/** The texts of *Get Status*. */
	status: {
		noSync: saySentence('No Sync has run yet', '还没有运行过 Sync'),
		health: say('Health: {health}', '状态：{health}'),
		lastRun: say('Last run that was not stopped: {time}', '上次未被停止的运行：{time}'),
		isOwned: saySentence(
			'A run is under way, or one was killed: the next run finds out',
			'有运行正在进行，或被强行终止：下次运行会查明',
		),
		planWaits: saySentence(
			'A plan has been waiting for approval since {since}. Nothing is sent until it is approved',
			'{since} 起有一份计划等待批准。批准之前不会发送任何内容',
		),
		newsWaits: saySentence(
			'{count:message} not yet confirmed: the next run sends {count|it|them} again',
			'{count} 条消息尚未确认送达，下次运行会再次发送',
		),
	},
	/** The health of a Sync in words. */
	health: {
		ok: say('ok', '正常'),
		degraded: say('degraded', '部分异常'),
		failing: say('failing', '失败'),
	},
	/** For a run that sent a plan after somebody approved it. */
	approved: {
		by: saySentence('This was the plan that {by} approved', '这是 {by} 批准的计划'),
		byOption: saySentence(
			"This was the plan in the node's option 'Approved Plan'",
			'这是节点选项 Approved Plan 中的计划',
		),
	},
	/** Tells the group that somebody rejected a plan. */
	rejected: saySentence(
		"{by} has rejected this plan, so the form does not ask again. Nothing is sent until the rows change, or 'Approved Plan' has its ID",
		'{by} 已拒绝这份计划，表单不会再问。在数据行变化或 Approved Plan 填入其编号之前，不会发送任何内容',
	),
	/** Tells the group that another plan is now waiting, because rows or sync state have changed since the last decision. */
	replaced: {
		approved: saySentence(
			'{by} approved another plan: rows or sync state have changed since, so this one waits for a decision',
			'{by} 批准的是另一份计划。此后数据行或同步状态有变化，请对这份计划再作决定',
		),
		rejected: saySentence(
			'{by} rejected another plan: rows or sync state have changed since, so this one waits for a decision',
			'{by} 拒绝的是另一份计划。此后数据行或同步状态有变化，请对这份计划再作决定',
		),
	},
	/** For receipts that could not be written. The requests themselves are not affected. */
	receipts: {
		tooLarge: saySentence(
			"{count:receipt} not written: the log has reached 'Largest Log (MB)'. It goes on next month",
			'{count} 条回执未写入：日志已达到 Largest Log (MB)，下月恢复',
		),
		full: saySentence(
			"{count:receipt} not written: the space of n8n's Data Tables is used up. Delete tables that nobody needs, or raise N8N_DATA_TABLES_MAX_SIZE_BYTES",
			'{count} 条回执未写入：n8n 的 Data Tables 空间已满。请删除不再需要的数据表，或调高 N8N_DATA_TABLES_MAX_SIZE_BYTES',
		),
		otherColumns: saySentence(
			'{count:receipt} not written: the columns of the newest log table have been changed. Restore them; or rename the table, and the log starts over in a new one',
			'{count} 条回执未写入：最新一张日志数据表的列被改动过。请恢复这些列；或给该表改名，日志从新建的表重新开始',
		),
		notUsable: saySentence(
			"{count:receipt} not written: n8n's database did not take {count|it|them}",
			'{count} 条回执未写入：n8n 的数据库未接受',
		),
	},
	/** For receipts of earlier runs that are gone. Only the first run that notices it reports it. */
	logLost: saySentence(
		'Earlier receipts are gone: their table was deleted, or dropped for space. The log starts over',
		'更早的回执已不在：其数据表被人删除，或因空间不足而移除。日志从现在重新开始',
	),
	/** Lines that a group message has besides the reports of runs. */
	group: {
		notDelivered: say('Not delivered before, {time}:', '此前未送达，{time}：'),
		omitted: say(
			'{count:earlier message} could not be kept: see the operation Get Status',
			'另有 {count} 条更早的消息未能保留：请用 Get Status 操作查询',
		),
		decide: say('Approve or reject:', '批准或拒绝：'),
	},
};
