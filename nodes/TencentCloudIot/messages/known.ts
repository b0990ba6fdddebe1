import { say } from './text';

/**
 * What the receipts show about a customer. No text says what Tencent has: somebody may have changed it there, and whether a push replaces or adds is not
 * documented. Times are as `timeText` writes them.
 */
export const KNOWN = {
	/** Comes before the other sentences if the user asked only for receipts up to a time in the past. */
	asOf: say('As of {time}, without what came later', '截至 {time}，不计此后的情况'),
	accepted: say(
		'Tencent accepted {devices:device} on {time}{? (RequestId {requestId})}',
		'腾讯云于 {time} 接受了 {devices} 台设备{?（RequestId {requestId}）}',
	),
	/** The fact `sets` counts the device sets that Tencent may have: the accepted one and the unclear ones. */
	unclearSince: say(
		'Since then it is unclear: the request of {time}{? (RequestId {requestId})} with {devices:device} may or may not have been applied. Tencent has one of {sets} sets',
		'此后结果不明：{time} 的请求（{devices} 台设备{?，RequestId {requestId}}）可能已应用，也可能没有。腾讯云上现有的是 {sets} 组设备中的一组',
	),
	unclear: say(
		'The request of {time}{? (RequestId {requestId})} with {devices:device} may or may not have been applied. The log has no earlier one that was accepted',
		'{time} 的请求（{devices} 台设备{?，RequestId {requestId}}）可能已应用，也可能没有。日志中没有此前被接受的请求',
	),
	neverSent: say(
		'The log goes back to the first run, and has no request for this customer that was accepted or is unclear. A Push that keeps no receipts is not in it',
		'日志可追溯到首次运行，其中没有该客户被接受的请求，也没有结果不明的请求。不保留回执的 Push 不在日志中',
	),
	beforeLog: say(
		'The log has no accepted request for this customer. It begins on {since}: what was accepted before is not known',
		'日志中没有该客户被接受的请求。日志始于 {since}：此前接受了什么不得而知',
	),
	gone: say('No longer in the rows of {sync} since {since}', '{since} 起不在 {sync} 的数据中'),
	/** Follows `gone`, for a customer that Tencent accepted. */
	kept: say('Tencent keeps the devices', '其设备在腾讯侧仍然保留'),
	stillIn: say(
		'The customer was still in the rows of {sync} at its last push, on {since}',
		'{since} 最后一次推送该客户时，它仍在 {sync} 的数据中',
	),
	missing: say(
		'The log lacks {count:receipt}: {count|it|one of them} may belong to this customer',
		'日志缺少 {count} 条回执，其中可能有该客户的',
	),
	missingSince: say(
		'Since then the log lacks {count:receipt}: {count|it|one of them} may belong to this customer',
		'此后日志缺少 {count} 条回执，其中可能有该客户的',
	),
	running: say(
		'A run of {sync} is under way or was killed: what it has sent last is not in the log yet',
		'{sync} 有运行正在进行，或已被强行终止：它最后推送的内容尚未写入日志',
	),
	lastFailure: say('The rows of {time} were not accepted: {why}', '{time} 的数据未被接受：{why}'),
	/** The facts `first` and `last` are the times of the first and the last failure. */
	lastFailures: say(
		'From {first} to {last} the rows were not accepted: {why}',
		'{first} 至 {last} 的数据均未被接受：{why}',
	),
	otherSpellings: say('The log has {ids}, with letters in another case', '日志中有 {ids}：大小写不同'),
	/** The failure of a node before this one, such as a Push. */
	stepBefore: say('The step before: {text}', '上一步：{text}'),
	isCut: say('Only the newest {shown} are shown', '只显示最新的 {shown} 条'),
	noReceipts: say('The log has no matching receipt', '日志中没有符合条件的回执'),
};

/** Titles and headings of the pages that show receipts and runs. */
export const PAGES = {
	allReceipts: say('All receipts', '全部回执'),
	time: say('Time', '时间'),
	customer: say('Customer', '客户'),
	outcome: say('Outcome', '结果'),
	devices: say('Devices', '设备'),
	result: say('Result', '结果'),
	lastTime: say('last {time}', '最近 {time}'),
	moreDevices: say('{count} more', '另有 {count} 台'),
	/** What became of a customer in a run, by the outcome of its receipt. */
	outcomes: {
		OK: say('accepted', '已接受'),
		REFUSED: say('refused, nothing was changed', '被拒绝，没有任何更改'),
		UNKNOWN: say('unclear, may have been applied', '结果不明，可能已应用'),
		NOT_SENT: say('not sent', '未发送'),
		GONE: say('no longer in the rows', '不在数据中'),
	},
};
