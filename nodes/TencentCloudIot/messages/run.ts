import { someIds } from './checks';
import { type Fact, say, sayReason, saySentence, type Text } from './text';

/** Why a run sends every customer, by the kind of sync state that it found. */
const WHY_EVERYBODY: Readonly<Record<string, (() => Text) | undefined>> = {
	empty: say('this is the first run of the node', '这是该节点的首次运行'),
	lost: say('the sync state of earlier runs was lost', '此前运行的同步状态已丢失'),
	none: say('there is no sync state because the workflow is not saved', '工作流尚未保存，没有同步状态'),
	otherAccount: say('the last run had another App Key or endpoint', '上次运行使用另一个 App Key 或接口地址'),
	otherSecret: say('the App Secret has changed since the last run', 'App Secret 在上次运行之后已更换'),
	otherVersion: say(
		'another version of this package left the sync state',
		'同步状态由本软件包的另一版本写入',
	),
};

/** Clauses about a run, for hints, reports, messages and stops. The fact `ids` lists customers, made by `someIds`. */
export const RUN = {
	newlyFailed: say('{count:customer} newly failed{? ({ids})}', '{count} 个客户本次开始失败{?（{ids}）}'),
	othersFailed: say('{count:other} failed', '另有 {count} 个客户失败'),
	stillFailed: say('{count:customer} still failed', '{count} 个客户仍然失败'),
	recovered: say('{count:customer} recovered{? ({ids})}', '{count} 个客户已恢复{?（{ids}）}'),
	nobodyPushed: say('0 of {count:customer} pushed', '{count} 个客户均未推送'),
	allUpToDate: say(
		'0 of {count:customer} needed a push, {count|it is|all are} up to date',
		'{count} 个客户均已是最新，无需推送',
	),
	upToDate: say(
		'{done} of {total:customer} {done|is|are} up to date, {pushed} pushed now{? ({devices:device})}',
		'{total} 个客户中 {done} 个已是最新，本次推送 {pushed} 个{?（{devices} 台设备）}',
	),
	allNowUpToDate: say(
		'{total:customer} {total|is|are} up to date, {pushed} pushed now{? ({devices:device})}',
		'{total} 个客户中 {total} 个已是最新，本次推送 {pushed} 个{?（{devices} 台设备）}',
	),
	pushed: say(
		'{pushed} of {total:customer}{?, {devices:device}} pushed',
		'{total} 个客户中已推送 {pushed} 个{?，共 {devices} 台设备}',
	),
	allPushed: say(
		'{total:customer}{?, {devices:device}} pushed',
		'{total} 个客户中已推送 {total} 个{?，共 {devices} 台设备}',
	),
	rePushed: say('{count} re-pushed on schedule', '{count} 个按计划重新推送'),
	refused: say('{count} refused (nothing was changed)', '{count} 个被拒绝（没有任何更改）'),
	unclear: say('{count} unclear', '{count} 个结果不明'),
	mayBeApplied: say(
		'{count} unclear (Tencent may or may not have applied {count|it|them})',
		'{count} 个结果不明（腾讯云可能已应用）',
	),
	notSent: say('{count} not sent', '{count} 个未发送'),
	unchanged: say('{count} unchanged', '{count} 个没有变化'),
	postponed: say('{count:customer} left for the next run{?: {why}}', '{count} 个客户留待下次运行{?：{why}}'),
	invalidRows: say('{count:row} invalid (not sent)', '{count} 行数据无效（未发送）'),
	invalidRowsOfAudit: say('{count:row} invalid (not compared)', '{count} 行数据无效（未核对）'),
	givenEarlier: say(
		'{count} not sent: already pushed with other devices',
		'{count} 个已以其他设备推送，未再发送',
	),
	notAllowed: say(
		"{count} not sent because of 'Allowed Actions'",
		'{count} 个因凭证的 Allowed Actions 未发送',
	),
	doneEarlier: say('{count} already done in an earlier attempt', '{count} 个在此前的尝试中已完成'),
	retries: say('{count} {count|retry|retries}', '{count} 次重试'),
	clockOff: say("this server's clock is {count:second} off", '本机时钟相差 {count} 秒'),
	setScheme: say(
		"set 'Nested Value Signing' in the credential to '{scheme}' to save requests in each run",
		'在凭证中将 Nested Value Signing 设为 {scheme}，每次运行可少发请求',
	),
	everybodySent: say('{why}, so every customer is sent', '{why}，因此须推送全部客户'),
	interrupted: say(
		'the previous run was interrupted, so the customers that it may have sent are sent again',
		'上次运行中断，可能已推送的客户会再次推送',
	),
	leftOut: say('{count:customer} left out: no device', '{count} 个客户没有设备，未推送'),
	withoutDevices: say(
		'{count:customer} {count|has|have} no device in the rows any more; Tencent keeps {count|its|their} devices{? ({ids})}',
		'{count} 个客户已没有设备，其设备在腾讯侧仍然保留{?（{ids}）}',
	),
	gone: say(
		'{count:customer} {count|is|are} no longer in the rows; Tencent keeps {count|its|their} devices{? ({customers})}',
		'{count} 个客户已不在数据中，其设备在腾讯侧仍然保留{?（{customers}）}',
	),
	goneInPart: say(
		'{count:customer} are no longer in the rows; Tencent keeps the devices of {kept}, this Sync never pushed the others{? ({customers})}',
		'{count} 个客户已不在数据中，其中 {kept} 个的设备在腾讯侧仍然保留，其余的本 Sync 从未推送成功{?（{customers}）}',
	),
	goneUnpushed: say(
		'{count:customer} {count|is|are} no longer in the rows; this Sync never pushed {count|it|them}{? ({customers})}',
		'{count} 个客户已不在数据中，本 Sync 从未推送成功{?（{customers}）}',
	),
	missing: say('{?Missing: {customers}}', '{?缺失的客户：{customers}}'),
	moved: say(
		'{count:device} moved to another customer{? ({moves})}',
		'{count} 台设备已换到另一个客户{?（{moves}）}',
	),
	movedDevice: say('{device} from {from} to {to} since {since}', '{device}：{since} 起由 {from} 换到 {to}'),
	goneCustomer: say('a customer that is gone', '已不在数据中的客户'),
	movedAdvice: say(
		"If pushes only add devices, the former owner still has them at Tencent: send Tencent a ticket with the RequestIds, which Get Receipts lists for a device. If you know that pushes replace, choose Do Not Report under 'Moved Devices'",
		'如果推送只会追加设备，原客户在腾讯侧仍保留这些设备：请通过工单把 RequestId 提供给腾讯云，可用 Get Receipts 按设备查询。若确知推送会替换，请在 Moved Devices 中选择 Do Not Report',
	),
	/** The fact `usual` is the longest gap between changes so far. It is undefined if 'Expect Changes Within (Days)' sets the limit. */
	stale: say(
		'STALE_SOURCE: no row has changed for {days:day}{?, and before that changes were at most {usual:day} apart}',
		'STALE_SOURCE：数据行已有 {days} 天没有变化{?，而此前两次变化最多相隔 {usual} 天}',
	),
	staleAdvice: say(
		"Check that the source still gets its data. If its rows really change so rarely, set 'Expect Changes Within (Days)'",
		'检查数据源是否仍在更新。如果它本来就很少变化，请设置 Expect Changes Within (Days)',
	),
	stateTooLate: say(
		"n8n's database did not respond within {seconds} s, so it is not known whether the sync state was kept; if not, the next run repeats the customers that were sent last",
		'n8n 的数据库在 {seconds} 秒内没有响应，不确定同步状态是否已保存；若未保存，下次运行会再次推送最后推送的那些客户',
	),
	stateTaken: say(
		'another run has taken over, or somebody deleted the row of this Sync, so a later run repeats the customers that this run may have sent since its last heartbeat',
		'另一次运行已接管，或有人删除了此 Sync 的行，之后的运行会再次推送本次运行在最后一次心跳之后可能推送过的客户',
	),
	stateUnusable: say(
		'the sync state could not be kept ({why}), so the next run repeats the customers that were sent last',
		'同步状态未能保存（{why}），下次运行会再次推送最后推送的那些客户',
	),
	firstMessage: say(
		'from now on you will hear about new failures and recoveries, about customers that are gone or lost their devices, and about runs that are stopped',
		'此后如有客户开始失败或恢复、离开或失去设备，或运行被停止，都会收到消息',
	),
	stopOver: say(
		'the stop reported at {since} is over: nobody needs to approve or reject its plan any more',
		'{since} 报告的停止状态已解除，其计划无需再批准或拒绝',
	),
	nothingSent: say('Nothing was sent', '未发送任何内容'),
	nothingSentNow: say('Nothing was sent in this attempt', '本次尝试未发送任何内容'),
	canMend: say(
		'Row Handling can fix {count} of these {of:row}: {options}',
		'Row Handling 可处理这 {of} 行中的 {count} 行：{options}',
	),
	canMendAll: say(
		'Row Handling can fix these {of:row}: {options}',
		'Row Handling 可处理这 {of} 行：{options}',
	),
	canMendIt: say('Row Handling can fix this row: {options}', 'Row Handling 可处理这 1 行：{options}'),
	mendsItself: say(
		'Nothing has to be done now: the next run sends the rest. If this lasts for an hour: {advice}',
		'暂无需处理：下次运行会推送其余客户。若持续一小时：{advice}',
	),
	checkNetwork: say(
		"Check this server's network and its proxy, and ask Tencent whether the service is down",
		'检查本机的网络和代理，并向腾讯云确认服务是否故障',
	),
	giveRequestId: say(
		'Give the RequestId, which the error item and Get Receipts have, to Tencent Cloud support',
		'请把 RequestId 提供给腾讯云客服，错误输出项和 Get Receipts 中都有',
	),
	/** How a reader of a message approves the plan. */
	approvePlan: say(
		"If this is meant, approve plan {planId}: in the approval form, or by 'Approved Plan' in the node",
		'如果确实要这样改，请批准计划 {planId}：在审批表单中批准，或填入节点的 Approved Plan',
	),
	/** Is in every message that stops the workflow, because n8n shows its own Retry button next to it. */
	doNotRetry: say(
		"Do not use n8n's Retry, which would repeat this whole execution: send only what is left",
		'请不要使用 n8n 的 Retry，它会把这次执行全部重做一遍：请只发送剩下的部分',
	),
	manyRows: say(
		'n8n keeps all {rows:row} on its heap, where a million take about 1 GB: {advice}',
		'n8n 把全部 {rows} 行放在堆内存中，一百万行约占 1 GB：{advice}',
	),
	nothingMoreSent: sayReason('{reason}. Nothing more was sent', '{reason}。此后未再发送'),
	/** A cause that several rows share. The fact `devices` names the devices that it concerns, if any. */
	ofRows: say('{rows}: {cause}{? ({devices})}', '{rows}：{cause}{?（{devices}）}'),
	/** A sentence that an operation wrote itself. English only, like all of n8n's hints. */
	inEnglish: say('{english}', '{english}'),
	whyEverybody: WHY_EVERYBODY,
	whatFailed: say('What failed: {reasons}', '失败原因：{reasons}'),
	/** A customer that is no longer in the rows, and the outcome of its last request. */
	lastReceipt: {
		OK: say('{customer}: last accepted {at}', '{customer}：最后一次被接受 {at}'),
		REFUSED: say('{customer}: last refused {at}', '{customer}：最后一次被拒绝 {at}'),
		UNKNOWN: say('{customer}: last unclear {at}', '{customer}：最后一次结果不明 {at}'),
		NOT_SENT: say('{customer}: last not sent {at}', '{customer}：最后一次未发送 {at}'),
	},
	/** How to read fewer rows at once, for runs that come close to n8n's memory limit. */
	fewerRows: {
		split: say('split them into several runs', '请分成几次运行'),
		byCustomer: say('split them by customer into several runs', '请按客户分成几次运行'),
		copies: say(
			'run copies of the workflow, each with a part of the customers',
			'请运行该工作流的几个副本，各负责一部分客户',
		),
	},
	/** The health of a Sync after a run, in a message about that run. */
	health: {
		ok: saySentence('{kind} is ok{? ({code})}: {what}', '{kind} 正常{?（{code}）}：{what}'),
		degraded: saySentence('{kind} is degraded{? ({code})}: {what}', '{kind} 部分异常{?（{code}）}：{what}'),
		failing: saySentence('{kind} is failing{? ({code})}: {what}', '{kind} 失败{?（{code}）}：{what}'),
	},
	/** The texts of a Dry Run. */
	dry: {
		nothingSent: say('Dry run: nothing was sent', 'Dry Run：未发送任何内容'),
		wouldSendNothing: say('A run would send nothing: {why}', '真正运行时不会发送任何内容：{why}'),
		stopsForRows: say(
			'with Stop Workflow, these rows would end the run before anything is sent',
			'选择 Stop Workflow 时，运行会因这些行而结束，不会发送任何内容',
		),
		interrupted: say(
			'another run of this node is active or was interrupted: the customers that it may have sent are sent again',
			'该节点的另一次运行正在进行或已中断：它可能已推送的客户会再次推送',
		),
	},
	/** Why the rows of a customer are withheld. */
	withheld: {
		reason: sayReason(
			'{first}{?; {further:other value} cannot be used}',
			'{first}{?；另有 {further} 个值无法使用}',
		),
		correct: say('Correct {fields} in {rows:row} and try again', '修正 {rows} 行中的 {fields}'),
		correctOne: say('Correct {fields} and try again', '修正 1 行中的 {fields}'),
	},
	/** Texts of the form that asks somebody to approve a plan that a safety check stopped. */
	plan: {
		customers: say(
			'Customers: {?{before} before, }{now} now; {counts}',
			'客户：{?之前 {before} 个，}现在 {now} 个；{counts}',
		),
		devices: say(
			'Devices: {?{before} before, }{now} now{?; {moved} of another customer}',
			'设备：{?之前 {before} 台，}现在 {now} 台{?；其中 {moved} 台原属其他客户}',
		),
		changed: say('{added} new, {changed} changed', '新增 {added} 个，变化 {changed} 个'),
		missing: say('{count} missing', '缺失 {count} 个'),
		withheld: say('{count} withheld', '无法推送 {count} 个'),
		new: say('· new: {id}: {change}', '· 新增：{id}：{change}'),
		changedExample: say('· changed: {id}: {change}', '· 变化：{id}：{change}'),
		missingExample: say('· missing: {change}', '· 缺失：{change}'),
		movedExample: say(
			'· moves: {device} from {from} to {to}',
			'· 换到另一个客户：{device}：由 {from} 换到 {to}',
		),
		withheldExample: say('· withheld: {id}: {change}', '· 无法推送：{id}：{change}'),
		approve: say(
			'Approve sends exactly this plan, once: {requests:request}. If the rows have changed by then, nothing is sent and you are asked again',
			'Approve：只发送这份计划，只发送一次，共 {requests} 个请求。届时数据行若已变化，不会发送，而会再问一次',
		),
		/** For a plan without requests: the only difference is that customers or devices are missing. */
		approveMissing: say(
			'Approve sends nothing. From then on these rows count as complete; Tencent keeps the devices that are not in them. If the rows have changed by then, you are asked again',
			'Approve：什么都不发送。此后以这些数据行为准，其中没有的设备在腾讯侧仍然保留。届时数据行若已变化，会再问一次',
		),
		reject: say(
			'Reject sends nothing: correct the rows, and the next run passes by itself',
			'Reject：什么都不发送。修正数据行后，下次运行自动恢复',
		),
		/** For a plan of a run whose state is lost or cannot be read: no rows pass by themselves. */
		rejectWithoutState: say(
			'Reject sends nothing: every later run is stopped, too, until somebody approves a plan',
			'Reject：什么都不发送。在有人批准计划之前，此后每次运行也会停止',
		),
	},
};

/** The failure of one call, with its rows, its customer and its RequestId. */
export const FAILURE_OF = sayReason(
	'[{place}{?; RequestId {requestId}}] {happened}',
	'{place}{?（RequestId {requestId}）}：{happened}',
);

/** @returns undefined for 0, so that the template leaves the number out */
export function aboveZero(count: number): Fact {
	return count > 0 ? count : undefined;
}

/** A clause about a number; none if the number is 0. */
export function countedClauses(count: number, clause: (facts: { count: number }) => Text): Text[] {
	return count > 0 ? [clause({ count })] : [];
}

/** A clause about customers; none if there are none. */
export function customersClauses(
	ids: readonly string[],
	clause: (facts: { count: number; ids: ReturnType<typeof someIds> }) => Text,
): Text[] {
	return ids.length > 0 ? [clause({ count: ids.length, ids: someIds(ids) })] : [];
}
