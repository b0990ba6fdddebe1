import { filled, type Message } from './message';
import { listed, quoted } from './words';

/** The texts of a failure in both languages; the Chinese ones without a period at the end. */
export interface Words {
	/** What happened, one sentence. */
	reason: string;
	reasonZh: string;
	/** What to do. */
	advice: string;
	adviceZh: string;
}

type Entry = readonly [reason: string, reasonZh: string, ...advice: Message];

const CHECK_ENDPOINT: Message = [
	"Check the endpoint in the credential and this server's network",
	'检查凭证中的接口地址、本机的网络和防火墙',
];
/** For a response that seems to come from another server. */
const CHECK_WAY: Message = [
	"Check the endpoint in the credential 'Tencent Cloud IoT API' and any proxy or firewall on the way to it",
	'检查接口地址，以及它与本机之间的代理和防火墙：响应的不是该服务',
];
const ASK_SUPPORT: Message = [
	'Try again; if it persists, give the RequestId to Tencent Cloud support',
	'重试；如果仍然出现，请把 RequestId 提供给腾讯云客服',
];
const REST_IS_NEXT = 'The next run sends the rest first';
const LESS_OFTEN: Message = [
	'The next run pushes what is new. Start the workflow less often than one run of it takes',
	'降低工作流的启动频率，使间隔长于一次运行所需的时间；新的变化由下一次运行推送',
];
const READ_AGAIN: Message = [
	'Try again; if it persists, ask for at most 100 records and give the RequestId to Tencent Cloud support',
	'重试，或最多请求 100 条记录',
];
/** For codes whose texts are given as facts. */
const OF_PARTS: Entry = ['{reason}', '{reasonZh}', '{advice}', '{adviceZh}'];

/** The texts of the node's own codes, including those of transport errors. docs/reliability.md documents each. */
const FAILURES = {
	ALREADY_RUNNING: ['Another run of this node is under way.', '该节点的另一次运行尚未结束', ...LESS_OFTEN],
	BROKEN_CUSTOMER_IDS: [
		"More than {most} different values of 'CustomerId' have broken characters.",
		'{most} 个以上不同的 CustomerId 含有损坏的字符',
		'Export the file as UTF-8 and try again',
		'把文件导出为 UTF-8',
	],
	CANCELLED: [
		'The execution was cancelled.',
		'执行已被取消',
		'Try again',
		'重试；outcome 说明是否为该客户发送过',
	],
	CIRCUIT_BREAKER: [
		'Too many customers failed: {failed} of the last {judged}.',
		'失败的客户过多：最近 {judged} 个中有 {failed} 个',
		`Check the customers that failed. ${REST_IS_NEXT}`,
		'查看最近 20 个客户中最早失败的说明。Sync 的下一次运行最先发送其余客户',
	],
	CLIENT_CERTIFICATE: [
		'The endpoint requires a client certificate, which this node does not send.',
		'接口地址要求客户端证书',
		CHECK_ENDPOINT[0],
		'检查接口地址以及它前面的设备：腾讯云的接口都不要求客户端证书',
	],
	COLUMN_NOT_FOUND: OF_PARTS,
	CONNECTION_REFUSED: ['The endpoint refused the connection.', '接口地址拒绝连接', ...CHECK_ENDPOINT],
	CONNECTION_RESET: [
		'The connection closed before a complete response arrived.',
		'连接在收到完整响应之前中断',
		'Try again',
		'重试',
	],
	CREDENTIAL_INCOMPLETE: [
		'The credential has no {field}.',
		'凭证未填写 {field}',
		"Fill in '{field}' in the credential 'Tencent Cloud IoT API'",
		'修正凭证',
	],
	CREDENTIAL_MISSING: [
		'{what}',
		'没有可用的凭证',
		"Choose or create a credential 'Tencent Cloud IoT API' in the node, and publish the workflow again. {cause}",
		'在节点中选择或创建凭证，并再次发布工作流',
	],
	DNS_NOT_FOUND: [
		'The host name of the endpoint was not found.',
		'找不到接口地址的主机名',
		...CHECK_ENDPOINT,
	],
	DNS_UNAVAILABLE: [
		'The DNS lookup timed out.',
		'DNS 查询超时',
		"Check this server's DNS, then try again",
		CHECK_ENDPOINT[1],
	],
	DRY_RUN: [
		'Dry Run is on.',
		'Dry Run 已开启',
		"Switch off 'Dry Run' in the node, and publish the workflow",
		'在节点中关闭 Dry Run，并发布工作流',
	],
	EARLIER_RUNS_UNKNOWN: [
		"The node ran before in this execution, and this workflow's engine keeps nothing of that run.",
		'本次执行中该节点此前的运行没有留下记录',
		"Give the node all rows in one run: put it outside the loop. If each run has {whole}, choose Allow under 'Same Customer in Several Runs'",
		'把节点放在循环之外：Engine 2.0 不保留之前的运行；或恢复工作流的设置',
	],
	EGRESS_BLOCKED: [
		"This server's policy does not allow requests to the {what}.",
		'本机的策略不允许访问该地址',
		'Ask the administrator of this n8n to allow the host',
		'请这个 n8n 的管理员允许该主机',
	],
	ENDPOINT_NOT_USABLE: [
		'The endpoint {why}.',
		'接口地址无法使用',
		"Correct 'Endpoint' in the credential 'Tencent Cloud IoT API'",
		'修正凭证',
	],
	EXECUTE_ONCE: [
		"The node gets only the first of {rows} rows, because 'Execute Once' is on.",
		'Execute Once 已开启，节点只得到 {rows} 行中的第一行',
		"Switch off 'Execute Once' under Settings, and publish the workflow if it was; if only the first row is meant, put a Limit node before the node",
		'在 Settings 中关闭 Execute Once，否则节点只得到第一行；已发布的工作流须再次发布',
	],
	INVALID_OPTION: [
		'An option cannot be used: {wrong}.',
		'选项的值不可用：{wrongZh}',
		'Correct the option or its expression',
		'修正该选项或其表达式，多因表达式没有结果',
	],
	INVALID_ROWS: OF_PARTS,
	LIST_INCOMPLETE: ['{reason}', '列表的记录少于其计数', ...READ_AGAIN],
	LIST_TOO_LARGE: [
		'{reason}',
		'列表过大',
		"Switch 'Return All' off, or ask for a part of the list",
		'关闭 Return All，或只读取一部分，例如按时间筛选：列表连同输出项占用的内存超过 96 MiB',
	],
	NOT_ALLOWED: [
		"'Allowed Actions' in the credential is '{allowed}', which {why}.",
		'凭证中的 Allowed Actions 不允许',
		"Use another credential, or change 'Allowed Actions' in this one",
		'换一个凭证，或请凭证的所有者修改 Allowed Actions',
	],
	NOT_HTTP: ['The response was not HTTP.', '响应不是 HTTP', ...CHECK_WAY],
	NOT_TRIED: [
		'Not tried, because of an earlier request. {reason}',
		'因为前面的失败而没有发送',
		'{advice}',
		'查看它之前的失败，再重试',
	],
	NO_RESPONSE: [
		'None of the first {requests} requests got a clear response.',
		'最初的 {requests} 个请求均未得到明确的响应',
		'See what the first requests say, then try again',
		'查看最初几个请求的说明，再重试',
	],
	NO_ROWS: [
		'The source gave no rows.',
		'数据源没有给出任何数据行',
		'Check its query or filter',
		'检查前一个节点的查询或过滤条件',
	],
	MESSAGE_NOT_SENT: [
		'There is news, and no message was sent: the item of Sync itself came in.',
		'有新情况，但没有发送消息：传入的是 Sync 自己的数据项',
		"Put a node between Sync and Confirm News that sends 'Message'",
		'在 Sync 和 Confirm News 之间放一个发送 Message 的节点',
	],
	MESSAGE_NOT_TAKEN: [
		'The message was not taken: {response}.',
		'消息未被接收：{response}',
		"The next run sends it again. Check the robot's address, its keywords and allowed addresses, and 'Message For' of the Sync node",
		'下次运行会再次发送。检查机器人的地址、关键词和 IP 白名单，以及 Sync 节点的 Message For',
	],
	NO_SUCH_SYNC: [
		"No Sync of this project is named '{name}', or it has not run yet.",
		'本项目中没有名为 {name} 的 Sync，或它还没有运行过',
		"Correct 'Sync': the name of its workflow, or leave it empty if there is only one",
		'修正 Sync：填写其工作流的名称；只有一个时可留空',
	],
	NOT_FOR_MODELS: [
		'A model may not call this operation.',
		'模型不能调用此操作',
		'Choose Get Status or Get Receipts for a tool. What decides something is for people: put it into a workflow',
		'工具只能使用 Get Status 或 Get Receipts。需要决定的操作请放在工作流中',
	],
	NO_SUCH_OPERATION: [
		'This version of the node has no such operation.',
		'此版本的节点没有该操作',
		"Choose another 'Operation'",
		'选择其他 Operation，或更新这个包：工作流来自另一个版本的节点',
	],
	NO_SYNC_YET: [
		'No Sync has run in this project yet.',
		'本项目中还没有运行过 Sync',
		'Run the workflow with the Sync first; it must be in the same project as this one',
		'请先运行含有 Sync 的工作流；它须与本工作流在同一项目中',
	],
	NO_TLS: ['The endpoint does not speak TLS as expected.', '接口地址未按预期使用 TLS', ...CHECK_WAY],
	OLD_ROWS: [
		"n8n's Retry goes on with the rows that the failed execution had read.",
		'n8n 的 Retry 沿用失败的执行当时读取的数据行',
		'Start the workflow anew, so that it reads the rows again',
		'重新启动工作流，以读取当前的数据行',
	],
	OTHER_SET_EARLIER: [
		'An earlier run of this node in the same execution synced other customers.',
		'本次执行中该节点此前的运行同步了其他客户',
		"Give the node {whole} in one run: put it outside the loop, and join branches with a Merge node. If each run has {whole}, choose Allow under 'Same Customer in Several Runs'",
		'在一次运行中给出同一客户的所有行：把节点放在循环之外，用 Merge 节点合并分支',
	],
	OTHER_VERSION: OF_PARTS,
	PAGE_REPEATED: [
		'Page {page} had the same records as an earlier page.',
		'列表重复返回同一页',
		...READ_AGAIN,
	],
	PROXY_LOGIN: [
		'The proxy asked for a login.',
		'代理要求登录',
		'Put user name and password into the proxy address of this server, e.g. HTTPS_PROXY',
		'检查本机的 HTTPS_PROXY、ALL_PROXY 和 NO_PROXY',
	],
	PROXY_NOT_USABLE: [
		"This server's proxy address is not usable.",
		'本机的代理地址无法使用',
		'Give the proxy as http://host:port, e.g. in HTTPS_PROXY',
		'检查本机的 HTTPS_PROXY、ALL_PROXY 和 NO_PROXY',
	],
	PROXY_REFUSED: [
		'The proxy did not reach the endpoint.',
		'代理未能连接到接口地址',
		"Check this server's proxy and the endpoint in the credential",
		'检查本机的 HTTPS_PROXY、ALL_PROXY 和 NO_PROXY',
	],
	REDIRECT: [
		'The endpoint redirects elsewhere; requests are never forwarded.',
		'接口地址重定向到别处',
		...CHECK_WAY,
	],
	RESPONSE_TIMEOUT: [
		'The request timed out before a complete response arrived.',
		'在收到完整响应之前超时',
		"Try again; a longer 'Timeout (Seconds)' may help",
		'重试，或调高 Timeout (Seconds)',
	],
	RESPONSE_TOO_LARGE: [
		'The response was larger than 2 MiB, more than this service ever sends.',
		'响应过大',
		...CHECK_WAY,
	],
	RUNS_ALONE: [
		'No node leads to this one, and alone it only reads.',
		'没有节点连接到本节点，单独运行时它只读取',
		"Put a trigger before it, e.g. 'Manual Trigger', and execute the workflow",
		'在它前面放一个触发器，例如 Manual Trigger，再执行工作流',
	],
	SEVERAL_SYNCS: [
		'There are several Syncs: {names}.',
		'有多个 Sync：{names}',
		"Fill in 'Sync' with one of them",
		'在 Sync 中填写其中一个',
	],
	STATE_LOST: OF_PARTS,
	STATE_NOT_USABLE: [
		'The database of n8n refused a statement or did not respond in time, or n8n was too busy to notice, so what was pushed before is unknown.',
		'n8n 的数据库没有及时响应，或 n8n 过于繁忙',
		"Try again when n8n's database works. If it does, run fewer executions with many rows beside Sync in one process of n8n. The operation Push needs no sync state",
		'待数据库恢复后重试，并减少同时进行的执行；它须在 8 秒内响应。若发生在运行途中，其余客户由下一次运行发送。Push 不需要同步状态',
	],
	SYNC_FAILING: [
		"Sync '{name}' is failing.",
		'Sync {name} 失败',
		"Read its message, its row {id} in the Data Table 'tencent_iot_sync', or the operation Get Status",
		'查看其消息、其数据表中的行，或用 Get Status 操作查询',
	],
	TABLES_NOT_USABLE: [
		"n8n's Data Tables did not respond.",
		'n8n 的 Data Tables 没有响应',
		"Try again when n8n's database works",
		'待 n8n 的数据库恢复后重试',
	],
	TAKEN_OVER: ['Another run of this node has taken over.', '另一次运行已接管', ...LESS_OFTEN],
	TIME_OVER: [
		"The time of 'Longest Run (Minutes)' was over.",
		'已到 Longest Run (Minutes) 的时间',
		REST_IS_NEXT,
		'其余客户由下一次运行最先发送',
	],
	TLS_NOT_TRUSTED: [
		"The endpoint's certificate is not trusted.",
		'接口地址的证书不受信任',
		'Check the endpoint in the credential; give a company CA to n8n with NODE_EXTRA_CA_CERTS',
		'用 NODE_EXTRA_CA_CERTS 把公司的 CA 交给 n8n；如果没有自建 CA，可能遭到中间人窃听',
	],
	TOO_FEW_CUSTOMERS: OF_PARTS,
	TOO_FEW_DEVICES: OF_PARTS,
	TOO_MANY_CHANGES: OF_PARTS,
	TOO_MANY_MOVES: OF_PARTS,
	UNCLEAR_RESPONSE: ['Tencent responded, but {what}.', '腾讯云有响应，但没有确认结果', ...ASK_SUPPORT],
	UNEXPECTED: [
		'Unexpected error in the node.',
		'节点内部出现意外情况',
		"Report this to the node's authors: {text}",
		'请报告给节点的作者；outcome 说明是否可能已有内容保存',
	],
	UNREACHABLE: ['The endpoint could not be reached in time.', '未能及时连接到接口地址', ...CHECK_ENDPOINT],
	WEB_PAGE: ['The response was a web page.', '响应是网页', ...CHECK_WAY],
} as const satisfies Record<string, Entry>;

/** A code of the node itself: all others are Tencent's. */
export type OwnCode = keyof typeof FAILURES;

/** @param facts what its sentences name, and those of `OF_PARTS` */
export function wordsOf(code: OwnCode, facts: object = {}): Words {
	const [reason, reasonZh, advice, adviceZh] = FAILURES[code].map((text) => filled(text, facts));
	return { reason: reason!, reasonZh: reasonZh!, advice: advice!, adviceZh: adviceZh! };
}

/** Whether anything was stored. */
const STORED = {
	REFUSED: ['Tencent refused it; nothing was changed.', '腾讯云已拒绝，没有任何更改'],
	NOT_SENT: ['Nothing was sent.', '未发送'],
	UNKNOWN: ['Tencent may or may not have applied it.', '腾讯云可能已应用'],
} as const satisfies Record<string, Message>;
const HARMLESS: Message = ['It only reads; nothing was changed.', '只读操作，没有任何更改'];

/**
 * Whether a failure has stored anything, e.g. `Nothing was sent.` and `未发送`.
 * @param onlyReads of an Action that only reads: nothing can have been stored
 */
export function storedBy(outcome: keyof typeof STORED, onlyReads = false): Message {
	return onlyReads && outcome === 'UNKNOWN' ? HARMLESS : STORED[outcome];
}

/** Of the fields that stand at `{}`. */
function ofFields(english: string, chinese: string) {
	return (fields: readonly string[]): Message => [
		english.replace('{}', listed(fields)),
		chinese.replace('{}', fields.join('、')),
	];
}

/** Reasons that need more facts than a code has. */
export const REASONS = {
	sourceFailed: (): Message => ['The source failed, and gave no rows.', '数据源出错，没有给出任何数据行'],
	none: ofFields('No column fits {}.', '没有适合 {} 的列'),
	several: ofFields('More than one column fits {}.', '适合 {} 的列不止一个'),
	unclear: ofFields('No column fits {} for sure.', '没有确定适合 {} 的列'),
	unmapped: ofFields('No column is mapped to {}.', '{} 没有映射到列'),
	absent: ofFields('No row has the column mapped to {}.', '{} 所映射的列不存在'),
};

/** Advice that needs more facts than a code has. */
export const ADVICE = {
	checkWay: CHECK_WAY,
	askSupport: ASK_SUPPORT,
	tryAgain: ['Try again', '重试'] as Message,
	tryLater: ['Try again later', '稍后重试'] as Message,
	ofSource: (says: string): Message => [
		`Correct what the node before reports${says && `: ${says}`}`,
		`处理前一个节点的报错${says && `：${says}`}`,
	],
	/** @param isAnyFound whether other fields have their columns, which they keep where they are left empty */
	map: (isAutomatic: boolean, fields: number, isAnyFound: boolean): Message => {
		const them = fields === 1 ? 'it' : 'them';
		if (!isAutomatic) {
			return [`Map ${them} under 'Columns'`, '在 Columns 中映射'];
		}
		const [leftEmpty, leftEmptyZh] = isAnyFound
			? [': fields that you leave empty stay mapped automatically', '；留空的字段仍自动映射']
			: ['', ''];
		return [
			`Choose Map Each Column Manually under 'Columns', and map ${them}${leftEmpty}`,
			`在 Columns 中选择 Map Each Column Manually 再映射${leftEmptyZh}`,
		];
	},
	/** @param itemIndex the row that holds the names of the columns */
	headerBelow: (itemIndex: number): Message => [
		`Row ${itemIndex + 1} looks like the header: start reading there, by Range in Extract from File or Header Row in Google Sheets`,
		`第 ${itemIndex + 1} 行像是表头：请从该行开始读取（Extract from File 的 Range，或 Google Sheets 的 Header Row）`,
	],
	mayHold: (columns: readonly Message[], field: string): Message => [
		`${listed(columns.map(([english]) => english))} may hold ${field || 'it'}`,
		`${field}可能是 ${columns.map(([, chinese]) => chinese).join('、')}`,
	],
	noColumn: (columns: readonly string[]): Message => [
		`There is no ${quoted(columns)}`,
		`没有 ${columns.join('、')}`,
	],
	columns: (named: readonly string[], unnamed: number): Message => [
		`The rows have: ${named.join(', ') || 'no columns at all'}${unnamed > 0 ? ` and ${unnamed} more` : ''}`,
		`数据行中的列：${named.join('、') || '无'}${unnamed > 0 ? ' 等' : ''}`,
	],
	setClock: ([most, mostZh]: Message): Message => [
		`Check this server's clock, which is more than ${most} off that of the service`,
		`校准本机时钟：与服务端相差${mostZh}以上`,
	],
};
