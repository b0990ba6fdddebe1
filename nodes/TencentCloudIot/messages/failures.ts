import { ADVICE } from './reasons';
import { type AnySay, type Facts, type FactsOf, say, type Say, sayReason, type Text } from './text';

/** What a message says about a failure. */
export interface Words {
	/** What happened, one sentence. */
	reason: Text;
	/** What to do. */
	advice: Text;
}

const CHECK_ENDPOINT = say(
	"Check the endpoint in the credential and this server's network",
	'检查凭证中的接口地址和本机的网络',
);
const LESS_OFTEN = say(
	'The next run pushes what is new. If you have stopped a run, start the next one a minute later; if a schedule starts them, leave more time between two runs than one run takes',
	'新的变化由下一次运行推送。刚停止过运行的，请一分钟后再启动；由定时启动的，请降低工作流的启动频率，使间隔长于一次运行所需的时间',
);
const READ_AGAIN = say(
	'Try again; if it persists, ask for at most 100 records and give the RequestId to Tencent Cloud support',
	'重试；如果仍然出现，请最多请求 100 条记录，并把 RequestId 提供给腾讯云客服',
);
/** The reason for a code that has no text of its own: the caller passes the whole reason as a fact. */
const REASON = sayReason('{reason}', '{reason}');
const ADVICE_OF_FACTS = say('{advice}', '{advice}');
const OF_FACTS = { reason: REASON, advice: ADVICE_OF_FACTS };

/** The texts of the node's own codes, including those of transport errors. docs/reliability.md documents each. */
const FAILURES = {
	ALREADY_RUNNING: {
		reason: sayReason(
			'Another run of this node is under way, or has just ended with newer rows',
			'该节点的另一次运行尚未结束，或刚以更新的数据行运行完毕',
		),
		advice: LESS_OFTEN,
	},
	BROKEN_CUSTOMER_IDS: {
		reason: sayReason(
			"More than {most} different values of 'CustomerId' have broken characters",
			'{most} 个以上不同的 CustomerId 含有损坏的字符',
		),
		advice: say('Export the file as UTF-8 and try again', '以 UTF-8 导出文件后重试'),
	},
	CANCELLED: {
		reason: sayReason('The execution was cancelled', '执行已被取消'),
		advice: ADVICE.tryAgain,
	},
	CIRCUIT_BREAKER: {
		reason: sayReason(
			'Too many customers failed: {failed} of the last {judged}',
			'失败的客户过多：最近 {judged} 个中有 {failed} 个',
		),
		advice: say(
			'Check the customers that failed. The next run sends the rest first',
			'查看失败的客户。下一次运行最先发送其余客户',
		),
	},
	CLIENT_CERTIFICATE: {
		reason: sayReason(
			'The endpoint requires a client certificate, which this node does not send',
			'接口地址要求客户端证书，本节点不发送证书',
		),
		advice: CHECK_ENDPOINT,
	},
	COLUMN_NOT_FOUND: OF_FACTS,
	CONNECTION_REFUSED: {
		reason: sayReason('The endpoint refused the connection', '接口地址拒绝连接'),
		advice: CHECK_ENDPOINT,
	},
	CONNECTION_RESET: {
		reason: sayReason(
			'The connection closed before a complete response arrived',
			'连接在收到完整响应之前中断',
		),
		advice: ADVICE.tryAgain,
	},
	CREDENTIAL_INCOMPLETE: {
		reason: sayReason('The credential has no {field}', '凭证未填写 {field}'),
		advice: say("Fill in '{field}' in the credential", '在凭证中填写 {field}'),
	},
	CREDENTIAL_MISSING: {
		reason: REASON,
		advice: say(
			"Choose or create a credential of type 'Tencent Cloud IoT API' in the node, and publish the workflow again. {cause}",
			'在节点中选择或创建类型为 Tencent Cloud IoT API 的凭证，并再次发布工作流。{cause}',
		),
	},
	DNS_NOT_FOUND: {
		reason: sayReason('The host name of the endpoint was not found', '找不到接口地址的主机名'),
		advice: CHECK_ENDPOINT,
	},
	DNS_UNAVAILABLE: {
		reason: sayReason('The DNS lookup timed out', 'DNS 查询超时'),
		advice: say("Check this server's DNS, then try again", '检查本机的 DNS 后重试'),
	},
	DRY_RUN: {
		reason: sayReason('Dry Run is on', 'Dry Run 已开启'),
		advice: say(
			"Switch off 'Dry Run' in the node, and publish the workflow",
			'在节点中关闭 Dry Run，并发布工作流',
		),
	},
	EARLIER_RUNS_UNKNOWN: {
		reason: sayReason(
			"This node has already run in this execution, and this workflow's engine has kept no record of that run",
			'该节点在本次执行中已运行过，而此工作流的引擎没有保留那次运行的记录',
		),
		advice: say(
			"Give the node all rows in one run: put it outside the loop. If each run has {whole}, choose Allow under 'Same Customer in Several Runs'",
			'在一次运行中给出所有行：把节点放在循环之外。如果每次运行都有{whole}，请在 Same Customer in Several Runs 中选择 Allow',
		),
	},
	EGRESS_BLOCKED: {
		reason: sayReason(
			"This server's policy does not allow requests to the {address}",
			'本机的策略不允许访问{address}',
		),
		advice: say('Ask the administrator of this n8n to allow the host', '请这个 n8n 的管理员允许该主机'),
	},
	ENDPOINT_NOT_USABLE: {
		reason: sayReason('The endpoint {why}', '接口地址{why}'),
		advice: say("Correct 'Endpoint' in the credential", '修正凭证中的 Endpoint'),
	},
	EXECUTE_ONCE: {
		reason: sayReason(
			"The node gets only the first of {rows:row}, because 'Execute Once' is on",
			'Execute Once 已开启，节点只得到 {rows} 行中的第一行',
		),
		advice: say(
			"Switch off 'Execute Once' under Settings, and publish again if the workflow is published. If you want the first row only, put a Limit node before this node",
			'在 Settings 中关闭 Execute Once，已发布的工作流须再次发布；如果只需要第一行，请在节点前放一个 Limit 节点',
		),
	},
	INVALID_OPTION: {
		reason: sayReason('An option cannot be used: {wrong}', '选项的值不可用：{wrong}'),
		advice: say('Correct the option or its expression', '修正该选项或其表达式'),
	},
	INVALID_ROWS: OF_FACTS,
	LIST_INCOMPLETE: { reason: REASON, advice: READ_AGAIN },
	LIST_TOO_LARGE: {
		reason: REASON,
		advice: say(
			"Switch 'Return All' off, or ask for a part of the list",
			'关闭 Return All，或只读取列表的一部分',
		),
	},
	NOT_ALLOWED: {
		reason: sayReason(
			"'Allowed Actions' in the credential is '{allowed}', which {why}",
			'凭证中的 Allowed Actions 是“{allowed}”，{why}',
		),
		advice: say(
			"Use another credential, or change 'Allowed Actions' in this one",
			'换一个凭证，或修改此凭证的 Allowed Actions',
		),
	},
	NOT_HTTP: { reason: sayReason('The response was not HTTP', '响应不是 HTTP'), advice: ADVICE.checkRoute },
	NOT_TRIED: {
		reason: sayReason(
			'Not sent, because an earlier request failed. {reason}',
			'此前的请求失败，因此没有发送。{reason}',
		),
		advice: ADVICE_OF_FACTS,
	},
	NO_RESPONSE: {
		reason: sayReason(
			'None of the first {requests} requests got a clear response',
			'最初的 {requests} 个请求均未得到明确的响应',
		),
		advice: say('Read why the first requests failed, then try again', '查看最初几个请求失败的原因，再重试'),
	},
	NO_ROWS: { reason: REASON, advice: ADVICE_OF_FACTS },
	SOURCE_FAILED: { reason: REASON, advice: ADVICE_OF_FACTS },
	MESSAGE_NOT_KNOWN: {
		reason: sayReason(
			"Sync '{name}' has news that nobody has confirmed, and this execution has sent none of it",
			'Sync {name} 有尚未确认的消息，但都不是本次执行发出的',
		),
		advice: say(
			'Put Confirm News into the workflow of the Sync, not into a sub-workflow. The next run sends the news again',
			'请把 Confirm News 放进该 Sync 所在的工作流，而不要放进子工作流。下次运行会再次发送这些消息',
		),
	},
	MESSAGE_NOT_SENT: {
		reason: sayReason(
			'There is news, but no message was sent: this node got the item of Sync itself',
			'有新情况，但没有发送消息：本节点收到的是 Sync 自己的输出项',
		),
		advice: say(
			"Put a node between Sync and Confirm News that sends 'Message'",
			'在 Sync 和 Confirm News 之间放一个发送 Message 的节点',
		),
	},
	MESSAGE_NOT_TAKEN: {
		reason: sayReason('The message was not accepted: {response}', '消息未被接收：{response}'),
		advice: say(
			"The next run sends it again. Check the robot's address, its keywords and allowed addresses, and 'Message For' of the Sync node",
			'下次运行会再次发送。检查机器人的地址、关键词和 IP 白名单，以及 Sync 节点的 Message For',
		),
	},
	NO_SUCH_SYNC: {
		reason: sayReason(
			"No Sync of this project is named '{name}', or it has not run yet",
			'本项目中没有名为 {name} 的 Sync，或它还没有运行过',
		),
		advice: say(
			"Enter the name of the Sync's workflow in 'Sync'; Get Status without a name shows all names",
			'在 Sync 中填写其工作流的名称；不填名称的 Get Status 会列出所有名称',
		),
	},
	NOT_FOR_MODELS: {
		reason: sayReason('A model may not call this operation', '模型不能调用此操作'),
		advice: say(
			'For a tool, choose Get Status or Get Receipts. People make the decisions: use this operation in a workflow, outside the agent',
			'作为工具时请选择 Get Status 或 Get Receipts。决定应由人来作：请在智能体之外的工作流中使用此操作',
		),
	},
	NO_SUCH_OPERATION: { reason: REASON, advice: ADVICE_OF_FACTS },
	NO_SYNC_YET: {
		reason: sayReason('No Sync has run in this project yet', '本项目中还没有运行过 Sync'),
		advice: say(
			'Run the workflow with the Sync first; it must be in the same project as this one',
			'请先运行含有 Sync 的工作流；它须与本工作流在同一项目中',
		),
	},
	NO_TLS: {
		reason: sayReason('The endpoint does not speak TLS as expected', '接口地址未按预期使用 TLS'),
		advice: ADVICE.checkRoute,
	},
	OLD_ROWS: {
		reason: sayReason(
			"n8n's Retry would use the rows that the failed execution read, which may be out of date",
			'n8n 的 Retry 会沿用失败的执行当时读取的数据行，它们可能已过时',
		),
		advice: say(
			'Start the workflow again, so that it reads the rows again',
			'重新启动工作流，以再次读取数据行',
		),
	},
	OTHER_SET_EARLIER: {
		reason: sayReason(
			'An earlier run of this node in the same execution synced other customers',
			'该节点在本次执行中已运行过，同步的是其他客户',
		),
		advice: say(
			"Give the node {whole} in one run: put it outside the loop, and join branches with a Merge node. If each run has {whole}, choose Allow under 'Same Customer in Several Runs'",
			'在一次运行中给出{whole}：把节点放在循环之外，用 Merge 节点合并分支。如果每次运行都有{whole}，请在 Same Customer in Several Runs 中选择 Allow',
		),
	},
	OTHER_VERSION: OF_FACTS,
	PAGE_REPEATED: {
		reason: sayReason(
			'Page {page} had the same records as an earlier page',
			'第 {page} 页与此前某一页的记录相同',
		),
		advice: READ_AGAIN,
	},
	PROXY_LOGIN: {
		reason: sayReason('The proxy asked for a login', '代理要求登录'),
		advice: say(
			'Put user name and password into the proxy address of this server, e.g. HTTPS_PROXY',
			'在本机的代理地址（例如 HTTPS_PROXY）中写入用户名和密码',
		),
	},
	PROXY_NOT_USABLE: {
		reason: sayReason("This server's proxy address is not usable", '本机的代理地址无法使用'),
		advice: say(
			'Give scheme, host and port of the proxy, e.g. in HTTPS_PROXY',
			'请给出代理的协议、主机和端口，例如在 HTTPS_PROXY 中',
		),
	},
	PROXY_REFUSED: {
		reason: sayReason('The proxy did not reach the endpoint', '代理未能连接到接口地址'),
		advice: say(
			"Check this server's proxy and the endpoint in the credential",
			'检查本机的代理和凭证中的接口地址',
		),
	},
	REDIRECT: {
		reason: sayReason(
			'The endpoint redirects elsewhere, and the node never follows a redirect',
			'接口地址重定向到别处，而节点从不跟随重定向',
		),
		advice: ADVICE.checkRoute,
	},
	RESPONSE_TIMEOUT: {
		reason: sayReason('The request timed out before a complete response arrived', '在收到完整响应之前超时'),
		advice: say("Try again; a longer 'Timeout (Seconds)' may help", '重试，或调高 Timeout (Seconds)'),
	},
	RESPONSE_TOO_LARGE: {
		reason: sayReason(
			'The response was larger than 2 MiB, more than this service ever sends',
			'响应超过 2 MiB，该服务不会发送这么大的响应',
		),
		advice: ADVICE.checkRoute,
	},
	RUNS_ALONE: {
		reason: sayReason(
			'No node is connected before this one, and without one it runs only operations that read',
			'本节点之前没有连接任何节点，此时它只执行读取的操作',
		),
		advice: say(
			"Put a trigger before it, e.g. 'Manual Trigger', and execute the workflow",
			'在它前面放一个触发器，例如 Manual Trigger，再执行工作流',
		),
	},
	SEVERAL_SYNCS: {
		reason: sayReason('There are several Syncs: {names}', '有多个 Sync：{names}'),
		advice: say("Fill in 'Sync' with one of them", '在 Sync 中填写其中一个'),
	},
	STATE_LOST: OF_FACTS,
	STATE_NOT_USABLE: {
		reason: sayReason(
			"n8n's database did not respond in time or refused a statement, or n8n was too busy to notice its response, so Sync does not know what was pushed before",
			'n8n 的数据库没有及时响应或拒绝了一条语句，或 n8n 过于繁忙而没有注意到响应，因此 Sync 不知道此前推送了什么',
		),
		advice: say(
			"Try again when n8n's database works. If it works, run fewer executions with many rows at the same time as Sync in one n8n process. The operation Push needs no sync state",
			'待 n8n 的数据库恢复后重试。如果数据库正常，请减少同一 n8n 进程中与 Sync 同时进行的大量数据的执行。Push 不需要同步状态',
		),
	},
	SYNC_FAILING: {
		reason: sayReason("Sync '{name}' is failing", 'Sync {name} 失败'),
		advice: say(
			"Read its message or its row {id} in the Data Table 'tencent_iot_sync', or run the operation Get Status",
			'查看其消息、数据表 tencent_iot_sync 中的第 {id} 行，或用 Get Status 操作查询',
		),
	},
	SYNC_RUNNING: {
		reason: sayReason(
			"A run of Sync '{name}' is under way, or was killed less than 15 minutes ago",
			'Sync {name} 有一次运行正在进行，或在 15 分钟之内被强行终止',
		),
		advice: say(
			'Unpublish its workflow, and try again 15 minutes after its last run',
			'取消发布其工作流，在最后一次运行 15 分钟之后重试',
		),
	},
	TABLES_NOT_USABLE: {
		reason: sayReason("n8n's Data Tables did not respond", 'n8n 的 Data Tables 没有响应'),
		advice: say("Try again when n8n's database works", '待 n8n 的数据库恢复后重试'),
	},
	TAKEN_OVER: {
		reason: sayReason(
			"Another run of this node has taken over, or somebody deleted the row of this Sync in the Data Table 'tencent_iot_sync'",
			'该节点的另一次运行已接管，或有人删除了数据表 tencent_iot_sync 中此 Sync 的行',
		),
		advice: LESS_OFTEN,
	},
	TIME_OVER: {
		reason: sayReason(
			"The run reached its time limit, 'Longest Run (Minutes)'",
			'运行已达到 Longest Run (Minutes) 的时限',
		),
		advice: say('The next run sends the rest first', '下一次运行最先发送其余客户'),
	},
	TLS_NOT_TRUSTED: {
		reason: sayReason("The endpoint's certificate is not trusted", '接口地址的证书不受信任'),
		advice: say(
			'Check the endpoint in the credential. If your company has its own CA, give it to n8n with NODE_EXTRA_CA_CERTS',
			'检查凭证中的接口地址；如有公司自建的 CA，请用 NODE_EXTRA_CA_CERTS 交给 n8n',
		),
	},
	TOO_FEW_CUSTOMERS: OF_FACTS,
	TOO_FEW_DEVICES: OF_FACTS,
	TOO_MANY_CHANGES: OF_FACTS,
	TOO_MANY_MOVES: OF_FACTS,
	UNCLEAR_RESPONSE: {
		reason: sayReason('Tencent responded, but {doubt}', '腾讯云有响应，但{doubt}'),
		advice: ADVICE.askSupport,
	},
	UNEXPECTED: {
		reason: sayReason('Unexpected error in the node', '节点内部出现意外错误'),
		advice: say("Report this to the node's authors{?: {text}}", '请报告给节点的作者{?：{text}}'),
	},
	UNREACHABLE: {
		reason: sayReason('The endpoint could not be reached in time', '未能及时连接到接口地址'),
		advice: CHECK_ENDPOINT,
	},
	WEB_PAGE: { reason: sayReason('The response was a web page', '响应是网页'), advice: ADVICE.checkRoute },
} as const satisfies Record<string, Readonly<Record<keyof Words, AnySay>>>;

/** A code of the node itself. Every other code comes from Tencent. */
export type OwnCode = keyof typeof FAILURES;

type FactsOfFailure<Code extends OwnCode> = FactsOf<(typeof FAILURES)[Code]['reason']> &
	FactsOf<(typeof FAILURES)[Code]['advice']>;

/** The facts that the texts of a code name. */
export type FailureFacts<Code extends OwnCode> =
	object extends FactsOfFailure<Code> ? [] : [facts: FactsOfFailure<Code>];

export function wordsOf<Code extends OwnCode>(code: Code, ...[facts]: FailureFacts<Code>): Words {
	const { reason, advice }: Readonly<Record<keyof Words, AnySay>> = FAILURES[code];
	const namedFacts = (facts ?? {}) as Facts;
	return { reason: (reason as Say<string>)(namedFacts), advice: (advice as Say<string>)(namedFacts) };
}
