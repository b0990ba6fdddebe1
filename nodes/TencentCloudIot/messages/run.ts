import { type Message, NOTHING } from './message';
import { counted, countedOf } from './words';

const inWords = (count: number) => count.toLocaleString('en-US');
const isAre = (count: number) => (count === 1 ? 'is' : 'are');

/** A message about a number: `{customer}` is the number with its noun, `{}` the number alone. */
function of(english: string, chinese: string) {
	const inEnglish = (count: number) => (_: string, noun: string) =>
		noun === '' ? inWords(count) : counted(count, noun);
	return (count: number): Message => [
		english.replace(/\{(\w*)\}/, inEnglish(count)),
		chinese.replace('{}', String(count)),
	];
}

/** Clauses about a run, for hints, reports, messages and stops. */
export const RUN = {
	newlyFailed: of('{customer} newly failed', '{} 个客户本次开始失败'),
	othersFailed: of('{other} failed', '另有 {} 个客户失败'),
	stillFailed: of('{customer} still failed', '{} 个客户仍然失败'),
	recovered: of('{customer} recovered', '{} 个客户已恢复'),
	nobodyPushed: of('0 of {customer} pushed', '{} 个客户均未推送'),
	allUpToDate: of('0 of {customer} needed a push, all are up to date', '{} 个客户均已是最新，无需推送'),
	upToDate: (done: number, total: number, pushed: number, devices: number): Message => [
		`${countedOf(done, total, 'customer')} ${isAre(done)} up to date, ${inWords(pushed)} pushed now${pushed === 0 ? '' : ` (${counted(devices, 'device')})`}`,
		`${total} 个客户中 ${done} 个已是最新，本次推送 ${pushed} 个${pushed === 0 ? '' : `（${devices} 台设备）`}`,
	],
	pushed: (english: string, total: number, pushed: number, devices: number): Message => [
		english,
		`${total} 个客户中已推送 ${pushed} 个${pushed > 0 ? `，共 ${devices} 台设备` : ''}`,
	],
	rePushed: of('{} re-pushed on schedule', '{} 个按计划重新推送'),
	refused: of('{} refused (nothing was changed)', '{} 个被拒绝（没有任何更改）'),
	unclear: of('{} unclear', '{} 个结果不明'),
	mayBeApplied: of(
		'{} unclear (Tencent may or may not have applied them)',
		'{} 个结果不明（腾讯云可能已应用）',
	),
	notSent: of('{} not sent', '{} 个未发送'),
	unchanged: of('{} unchanged', '{} 个没有变化'),
	postponed: of('{customer} left for the next run', '{} 个客户留待下次运行'),
	invalidRows: of('{row} invalid (not sent)', '{} 行数据无效（未发送）'),
	givenEarlier: of('{} not sent again with other devices', '{} 个已以其他设备推送，未再发送'),
	notAllowed: of("{} not sent because of 'Allowed Actions'", '{} 个因凭证的 Allowed Actions 未发送'),
	doneEarlier: of('{} already done in an earlier attempt', '{} 个在此前的尝试中已完成'),
	retries: (count: number): Message => [
		`${inWords(count)} ${count === 1 ? 'retry' : 'retries'}`,
		`${count} 次重试`,
	],
	clockOff: of("this server's clock is {} seconds off", '本机时钟相差 {} 秒'),
	setScheme: (name: string): Message => [
		`set 'Nested Value Signing' in the credential to '${name}' to save requests in each run`,
		`在凭证中将 Nested Value Signing 设为 ${name}，每次运行可少发请求`,
	],
	everybodySent: ([why, whyZh]: Message): Message => [
		`${why}, so every customer is sent`,
		`${whyZh}，因此须推送全部客户`,
	],
	interrupted: (): Message => [
		'the previous run was interrupted, so those that it may have sent are sent again',
		'上次运行中断，可能已推送的客户会再次推送',
	],
	leftOut: of('{customer} without a device left out', '{} 个客户没有设备，未推送'),
	withoutDevices: of(
		'{customer} lost all devices in the rows; Tencent keeps them',
		'{} 个客户已没有设备，其设备在腾讯侧仍然保留',
	),
	gone: (count: number): Message => [
		`${counted(count, 'customer')} ${isAre(count)} no longer in the rows; Tencent keeps ${count === 1 ? 'its' : 'their'} devices`,
		`${count} 个客户已不在数据中，其设备在腾讯侧仍然保留`,
	],
	moved: of('{device} moved to another customer', '{} 台设备已换到另一个客户'),
	/** @param since when it was first missed from the rows of `from`, as text */
	movedDevice: (device: string, { from, to, since }: Record<'from' | 'to' | 'since', string>): Message => [
		`${device} from ${from || 'a customer that is gone'} to ${to} since ${since}`,
		`${device}：${since} 起由 ${from || '已不在数据中的客户'} 换到 ${to}`,
	],
	movedAdvice: (): Message => [
		"Where a push adds devices, the former owner keeps them at Tencent: send Tencent the RequestIds by a ticket. Get Receipts of a device has them. Where a push is known to replace, choose Do Not Report under 'Moved Devices'",
		'如果推送只会追加设备，原客户在腾讯侧仍保留这些设备：请通过工单把 RequestId 提供给腾讯云，可用 Get Receipts 按设备查询。若确知推送会替换，请在 Moved Devices 中选择 Do Not Report',
	],
	/** @param usual the longest gap between changes, in words; undefined where somebody has set how long there may be none */
	stale: (days: number, usual: number | undefined): Message => [
		`STALE_SOURCE: no row has changed for ${counted(days, 'day')}${usual === undefined ? '' : `, and until now there was a change within ${counted(usual, 'day')}`}`,
		`STALE_SOURCE：数据行已有 ${days} 天没有变化${usual === undefined ? '' : `，而此前最长 ${usual} 天就会变化`}`,
	],
	staleAdvice: (): Message => [
		"Check that the source still gets its data. If it changes so rarely, set 'Expect Changes Within (Days)'",
		'检查数据源是否仍在更新。如果它本来就很少变化，请设置 Expect Changes Within (Days)',
	],
	stateTooLate: (seconds: string): Message => [
		`n8n's database did not respond within ${seconds} s, so it is not known whether the sync state was kept; if not, the next run sends again those that were sent last`,
		`n8n 的数据库在 ${seconds} 秒内没有响应，不确定同步状态是否已保存；若未保存，下次运行会再次推送最后推送的那些客户`,
	],
	stateTaken: (): Message => [
		'another run of this node took over, and sends again those that this one may have sent since its last heartbeat',
		'该节点的另一次运行已接管，会再次推送本次运行在最后一次心跳之后可能推送过的客户',
	],
	stateUnusable: ([why, whyZh]: Message): Message => [
		`the sync state could not be kept (${why.replace(/\.$/, '')}), so the next run sends again those that were sent last`,
		`同步状态未能保存（${whyZh}），下次运行会再次推送最后推送的那些客户`,
	],
	firstMessage: (): Message => [
		'from now on you hear of new failures and recoveries, of customers that are gone or lost their devices, and of runs that are stopped',
		'此后如有客户开始失败或恢复、离开或失去设备，或运行被停止，都会收到消息',
	],
	stopOver: (since: string): Message => [
		`the stop that was reported at ${since} is over: its form needs no decision`,
		`${since} 报告的停止已结束，其表单无需再答复`,
	],
	nothingSent: (isRetry: boolean): Message =>
		isRetry
			? ['Nothing was sent in this attempt', '本次尝试未发送任何内容']
			: ['Nothing was sent', '未发送任何内容'],
	canMend: (rows: number, of: number, options: readonly string[]): Message => [
		`Row Handling can mend ${rows === of ? '' : `${rows} of `}${of === 1 ? 'this row' : `these ${counted(of, 'row')}`}: ${options.join(', ')}`,
		`Row Handling 可处理这 ${of} 行${rows === of ? '' : `中的 ${rows} 行`}：${options.join('、')}`,
	],
	mendsItself: ([advice, adviceZh]: Message): Message => [
		`Nothing has to be done now: the next run sends the rest. If this lasts for an hour: ${advice}`,
		`暂无需处理：下次运行会推送其余客户。若持续一小时：${adviceZh}`,
	],
	checkNetwork: (): Message => [
		"Check this server's network and its proxy, and ask Tencent whether the service is down",
		'检查本机的网络和代理，并向腾讯云确认服务是否故障',
	],
	planId: (id: string): Message => [`The plan ID is ${id}`, `计划 ID：${id}`],
};

/** Why every customer is sent, by the sync state that the run found. */
export const WHY_EVERYBODY: Readonly<Record<string, Message | undefined>> = {
	empty: ['this is the first run of the node', '这是该节点的首次运行'],
	otherAccount: ['the last run had another App Key or endpoint', '上次运行使用另一个 App Key 或接口地址'],
	otherSecret: ['the App Secret has changed since the last run', 'App Secret 在上次运行之后已更换'],
	otherVersion: ['another version of this package left the sync state', '同步状态由另一版本写入'],
};

/** Texts of the form that asks to approve a plan which a safety check stopped. */
export const PLAN = {
	customers: (before: number | undefined, now: number, counts: readonly Message[]): Message => [
		`Customers: ${before === undefined ? '' : `${before} before, `}${now} now; ${counts.map(([english]) => english).join(', ')}`,
		`客户：${before === undefined ? '' : `之前 ${before} 个，`}现在 ${now} 个；${counts.map(([, chinese]) => chinese).join('，')}`,
	],
	/** @param moved how many the last run had under another customer */
	devices: (before: number | undefined, now: number, moved: number): Message => {
		const [ofLast, ofLastZh] = before === undefined ? NOTHING : [`${before} before, `, `之前 ${before} 台，`];
		const [ofOthers, ofOthersZh] =
			moved === 0 ? NOTHING : [`; ${moved} of another customer`, `；其中 ${moved} 台原属其他客户`];
		return [`Devices: ${ofLast}${now} now${ofOthers}`, `设备：${ofLastZh}现在 ${now} 台${ofOthersZh}`];
	},
	changed: (added: number, changed: number): Message => [
		`${added} new, ${changed} changed`,
		`新增 ${added} 个，变化 ${changed} 个`,
	],
	missing: of('{} missing', '缺失 {} 个'),
	withheld: of('{} withheld', '无法推送 {} 个'),
	example: (kind: keyof typeof KINDS, id: string, [change, changeZh]: Message): Message => [
		`· ${kind}: ${id}: ${change}`,
		`· ${KINDS[kind]}：${id}：${changeZh}`,
	],
	approve: (): Message => [
		'Approve sends exactly this plan, once. If the rows have changed by then, nothing is sent and you are asked again',
		'Approve：只发送这份计划，只发送一次。届时数据行若已变化，不会发送，而会再问一次',
	],
	reject: (): Message => [
		'Reject sends nothing: correct the rows, and the next run passes by itself',
		'Reject：什么都不发送。修正数据行后，下次运行自动恢复',
	],
};

const KINDS = { new: '新增', changed: '变化', withheld: '无法推送' };
