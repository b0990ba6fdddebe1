import { describe } from '@jest/globals';
import { type OwnCode, wordsOf, type Words } from '../../nodes/TencentCloudIot/messages/failures';
import { because, FINDING_TEXT, type Finding } from '../../nodes/TencentCloudIot/messages/findings';
import { ADVICE, REASONS } from '../../nodes/TencentCloudIot/messages/reasons';
import { DOUBTS } from '../../nodes/TencentCloudIot/messages/responses';
import {
	inCommas,
	inSentences,
	ofRows,
	ofService,
	ours,
	plain,
	quotedOfRows,
	type Text,
} from '../../nodes/TencentCloudIot/messages/text';
import { testScenes, type Told } from './scenes.mts';

/** The reason and the advice in one text. */
function reasonWithAdvice({ reason, advice }: Words): Text {
	return inSentences([reason, advice]);
}

const finding: Finding = { itemIndex: 0, field: 'Concurrency', ...because('notCount') };
const BY_FACTS = { reason: REASONS.noRows(), advice: ADVICE.checkQuery() };
const { wholeSource } = REASONS;

describe('A code of the node says what happened, and what to do', () => {
	const scenes: Readonly<Record<OwnCode, Told>> = {
		ALREADY_RUNNING: [
			() => reasonWithAdvice(wordsOf('ALREADY_RUNNING')),
			'Another run of this node is under way, or has just ended with newer rows. The next run pushes what is new. If you have stopped a run, start the next one a minute later; if a schedule starts them, leave more time between two runs than one run takes',
			'该节点的另一次运行尚未结束，或刚以更新的数据行运行完毕。新的变化由下一次运行推送。刚停止过运行的，请一分钟后再启动；由定时启动的，请降低工作流的启动频率，使间隔长于一次运行所需的时间',
		],
		BROKEN_CUSTOMER_IDS: [
			() => reasonWithAdvice(wordsOf('BROKEN_CUSTOMER_IDS', { most: 1000 })),
			"More than 1,000 different values of 'CustomerId' have broken characters. Export the file as UTF-8 and try again",
			'1000 个以上不同的 CustomerId 含有损坏的字符。以 UTF-8 导出文件后重试',
		],
		CANCELLED: [
			() => reasonWithAdvice(wordsOf('CANCELLED')),
			'The execution was cancelled. Try again',
			'执行已被取消。重试',
		],
		CIRCUIT_BREAKER: [
			() => reasonWithAdvice(wordsOf('CIRCUIT_BREAKER', { failed: 60, judged: 100 })),
			'Too many customers failed: 60 of the last 100. Check the customers that failed. The next run sends the rest first',
			'失败的客户过多：最近 100 个中有 60 个。查看失败的客户。下一次运行最先发送其余客户',
		],
		CLIENT_CERTIFICATE: [
			() => reasonWithAdvice(wordsOf('CLIENT_CERTIFICATE')),
			"The endpoint requires a client certificate, which this node does not send. Check the endpoint in the credential and this server's network",
			'接口地址要求客户端证书，本节点不发送证书。检查凭证中的接口地址和本机的网络',
		],
		COLUMN_NOT_FOUND: [
			() =>
				reasonWithAdvice(
					wordsOf('COLUMN_NOT_FOUND', {
						reason: REASONS.none({ fields: [ours('DeviceId')] }),
						advice: ADVICE.mapByHand({ count: 1 }),
					}),
				),
			"No column fits DeviceId. Map it under 'Columns'",
			'没有适合 DeviceId 的列。在 Columns 中映射',
		],
		CONNECTION_REFUSED: [
			() => reasonWithAdvice(wordsOf('CONNECTION_REFUSED')),
			"The endpoint refused the connection. Check the endpoint in the credential and this server's network",
			'接口地址拒绝连接。检查凭证中的接口地址和本机的网络',
		],
		CONNECTION_RESET: [
			() => reasonWithAdvice(wordsOf('CONNECTION_RESET')),
			'The connection closed before a complete response arrived. Try again',
			'连接在收到完整响应之前中断。重试',
		],
		CREDENTIAL_INCOMPLETE: [
			() => reasonWithAdvice(wordsOf('CREDENTIAL_INCOMPLETE', { field: ours('App Secret') })),
			"The credential has no App Secret. Fill in 'App Secret' in the credential",
			'凭证未填写 App Secret。在凭证中填写 App Secret',
		],
		CREDENTIAL_MISSING: [
			() =>
				reasonWithAdvice(
					wordsOf('CREDENTIAL_MISSING', {
						reason: REASONS.credentialNotUsable({ name: ours('IoT account') }),
						cause: ours('The credential was deleted'),
					}),
				),
			"The credential 'IoT account' cannot be used. Choose or create a credential of type 'Tencent Cloud IoT API' in the node, and publish the workflow again. The credential was deleted",
			'凭证“IoT account”无法使用。在节点中选择或创建类型为 Tencent Cloud IoT API 的凭证，并再次发布工作流。The credential was deleted',
		],
		DNS_NOT_FOUND: [
			() => reasonWithAdvice(wordsOf('DNS_NOT_FOUND')),
			"The host name of the endpoint was not found. Check the endpoint in the credential and this server's network",
			'找不到接口地址的主机名。检查凭证中的接口地址和本机的网络',
		],
		DNS_UNAVAILABLE: [
			() => reasonWithAdvice(wordsOf('DNS_UNAVAILABLE')),
			"The DNS lookup timed out. Check this server's DNS, then try again",
			'DNS 查询超时。检查本机的 DNS 后重试',
		],
		DRY_RUN: [
			() => reasonWithAdvice(wordsOf('DRY_RUN')),
			"Dry Run is on. Switch off 'Dry Run' in the node, and publish the workflow",
			'Dry Run 已开启。在节点中关闭 Dry Run，并发布工作流',
		],
		EARLIER_RUNS_UNKNOWN: [
			() => reasonWithAdvice(wordsOf('EARLIER_RUNS_UNKNOWN', { whole: wholeSource.devices() })),
			"This node has already run in this execution, and this workflow's engine has kept no record of that run. Give the node all rows in one run: put it outside the loop. If each run has all devices of its customers, choose Allow under 'Same Customer in Several Runs'",
			'该节点在本次执行中已运行过，而此工作流的引擎没有保留那次运行的记录。在一次运行中给出所有行：把节点放在循环之外。如果每次运行都有其客户的所有设备，请在 Same Customer in Several Runs 中选择 Allow',
		],
		EGRESS_BLOCKED: [
			() => reasonWithAdvice(wordsOf('EGRESS_BLOCKED', { address: REASONS.addresses.proxy() })),
			"This server's policy does not allow requests to the proxy. Ask the administrator of this n8n to allow the host",
			'本机的策略不允许访问代理。请这个 n8n 的管理员允许该主机',
		],
		ENDPOINT_NOT_USABLE: [
			() => reasonWithAdvice(wordsOf('ENDPOINT_NOT_USABLE', { why: REASONS.endpoint.noAddress() })),
			"The endpoint is not a web address. Correct 'Endpoint' in the credential",
			'接口地址不是网址。修正凭证中的 Endpoint',
		],
		EXECUTE_ONCE: [
			() => reasonWithAdvice(wordsOf('EXECUTE_ONCE', { rows: 2500 })),
			"The node gets only the first of 2,500 rows, because 'Execute Once' is on. Switch off 'Execute Once' under Settings, and publish again if the workflow is published. If you want the first row only, put a Limit node before this node",
			'Execute Once 已开启，节点只得到 2500 行中的第一行。在 Settings 中关闭 Execute Once，已发布的工作流须再次发布；如果只需要第一行，请在节点前放一个 Limit 节点',
		],
		INVALID_OPTION: [
			() => reasonWithAdvice(wordsOf('INVALID_OPTION', { wrong: FINDING_TEXT.ofField(finding) })),
			"An option cannot be used: 'Concurrency' is not a whole number of at least 1: correct it. Correct the option or its expression",
			'选项的值不可用：Concurrency 不是至少为 1 的整数：请更正。修正该选项或其表达式',
		],
		INVALID_ROWS: [
			() => reasonWithAdvice(wordsOf('INVALID_ROWS', BY_FACTS)),
			'The source returned no rows. Check its query or filter',
			'数据源没有给出任何数据行。检查其查询或过滤条件',
		],
		LIST_INCOMPLETE: [
			() =>
				reasonWithAdvice(
					wordsOf('LIST_INCOMPLETE', { reason: REASONS.listEnded({ read: 180, counted: 200 }) }),
				),
			'The list ended after 180 of 200 records. Try again; if it persists, ask for at most 100 records and give the RequestId to Tencent Cloud support',
			'列表在第 180 条记录后结束，而其计数为 200 条。重试；如果仍然出现，请最多请求 100 条记录，并把 RequestId 提供给腾讯云客服',
		],
		LIST_TOO_LARGE: [
			() => reasonWithAdvice(wordsOf('LIST_TOO_LARGE', { reason: REASONS.tooMuchHeap() })),
			"The list takes more than 96 MiB of heap. Switch 'Return All' off, or ask for a part of the list",
			'列表占用内存超过 96 MiB。关闭 Return All，或只读取列表的一部分',
		],
		NOT_ALLOWED: [
			() =>
				reasonWithAdvice(
					wordsOf('NOT_ALLOWED', { allowed: ours('Reads Only'), why: REASONS.notAllowed.unknownAction() }),
				),
			"'Allowed Actions' in the credential is 'Reads Only', which does not allow an Action that the node does not know. Use another credential, or change 'Allowed Actions' in this one",
			'凭证中的 Allowed Actions 是“Reads Only”，不允许节点不认识的接口。换一个凭证，或修改此凭证的 Allowed Actions',
		],
		NOT_HTTP: [
			() => reasonWithAdvice(wordsOf('NOT_HTTP')),
			'The response was not HTTP. Check the endpoint in the credential and any proxy or firewall on the way to it',
			'响应不是 HTTP。检查凭证中的接口地址，以及本机到该地址之间的代理和防火墙',
		],
		NOT_TRIED: [
			() => reasonWithAdvice(wordsOf('NOT_TRIED', wordsOf('DNS_UNAVAILABLE'))),
			"Not sent, because an earlier request failed. The DNS lookup timed out. Check this server's DNS, then try again",
			'此前的请求失败，因此没有发送。DNS 查询超时。检查本机的 DNS 后重试',
		],
		NO_RESPONSE: [
			() => reasonWithAdvice(wordsOf('NO_RESPONSE', { requests: 4 })),
			'None of the first 4 requests got a clear response. Read why the first requests failed, then try again',
			'最初的 4 个请求均未得到明确的响应。查看最初几个请求失败的原因，再重试',
		],
		NO_ROWS: [
			() => reasonWithAdvice(wordsOf('NO_ROWS', BY_FACTS)),
			'The source returned no rows. Check its query or filter',
			'数据源没有给出任何数据行。检查其查询或过滤条件',
		],
		SOURCE_FAILED: [
			() =>
				reasonWithAdvice(
					wordsOf('SOURCE_FAILED', {
						reason: REASONS.sourceFailed(),
						advice: ADVICE.ofSource({ says: ofRows('timeout of 300000ms exceeded') }),
					}),
				),
			'The source failed and returned no rows. Correct what the previous node reports: timeout of 300000ms exceeded',
			'数据源出错，没有给出任何数据行。处理前一个节点的报错：timeout of 300000ms exceeded',
		],
		MESSAGE_NOT_KNOWN: [
			() => reasonWithAdvice(wordsOf('MESSAGE_NOT_KNOWN', { name: ours('CRM to IoT sync') })),
			"Sync 'CRM to IoT sync' has news that nobody has confirmed, and this execution has sent none of it. Put Confirm News into the workflow of the Sync, not into a sub-workflow. The next run sends the news again",
			'Sync CRM to IoT sync 有尚未确认的消息，但都不是本次执行发出的。请把 Confirm News 放进该 Sync 所在的工作流，而不要放进子工作流。下次运行会再次发送这些消息',
		],
		MESSAGE_NOT_SENT: [
			() => reasonWithAdvice(wordsOf('MESSAGE_NOT_SENT')),
			"There is news, but no message was sent: this node got the item of Sync itself. Put a node between Sync and Confirm News that sends 'Message'",
			'有新情况，但没有发送消息：本节点收到的是 Sync 自己的输出项。在 Sync 和 Confirm News 之间放一个发送 Message 的节点',
		],
		MESSAGE_NOT_TAKEN: [
			() => reasonWithAdvice(wordsOf('MESSAGE_NOT_TAKEN', { response: ours('200 {"errcode":93000}') })),
			"The message was not accepted: 200 {\"errcode\":93000}. The next run sends it again. Check the robot's address, its keywords and allowed addresses, and 'Message For' of the Sync node",
			'消息未被接收：200 {"errcode":93000}。下次运行会再次发送。检查机器人的地址、关键词和 IP 白名单，以及 Sync 节点的 Message For',
		],
		NO_SUCH_SYNC: [
			() => reasonWithAdvice(wordsOf('NO_SUCH_SYNC', { name: ours('CRM to IoT sync') })),
			"No Sync of this project is named 'CRM to IoT sync', or it has not run yet. Enter the name of the Sync's workflow in 'Sync'; Get Status without a name shows all names",
			'本项目中没有名为 CRM to IoT sync 的 Sync，或它还没有运行过。在 Sync 中填写其工作流的名称；不填名称的 Get Status 会列出所有名称',
		],
		NOT_FOR_MODELS: [
			() => reasonWithAdvice(wordsOf('NOT_FOR_MODELS')),
			'A model may not call this operation. For a tool, choose Get Status or Get Receipts. People make the decisions: use this operation in a workflow, outside the agent',
			'模型不能调用此操作。作为工具时请选择 Get Status 或 Get Receipts。决定应由人来作：请在智能体之外的工作流中使用此操作',
		],
		NO_SUCH_OPERATION: [
			() =>
				reasonWithAdvice(
					wordsOf('NO_SUCH_OPERATION', {
						reason: REASONS.noSuchOperation(),
						advice: ADVICE.otherOperation(),
					}),
				),
			"This version of the node has no such operation. Choose another 'Operation', or update the package: the workflow is of another version",
			'此版本的节点没有该操作。选择其他 Operation，或更新这个包：工作流来自另一个版本',
		],
		NO_SYNC_YET: [
			() => reasonWithAdvice(wordsOf('NO_SYNC_YET')),
			'No Sync has run in this project yet. Run the workflow with the Sync first; it must be in the same project as this one',
			'本项目中还没有运行过 Sync。请先运行含有 Sync 的工作流；它须与本工作流在同一项目中',
		],
		NO_TLS: [
			() => reasonWithAdvice(wordsOf('NO_TLS')),
			'The endpoint does not speak TLS as expected. Check the endpoint in the credential and any proxy or firewall on the way to it',
			'接口地址未按预期使用 TLS。检查凭证中的接口地址，以及本机到该地址之间的代理和防火墙',
		],
		OLD_ROWS: [
			() => reasonWithAdvice(wordsOf('OLD_ROWS')),
			"n8n's Retry would use the rows that the failed execution read, which may be out of date. Start the workflow again, so that it reads the rows again",
			'n8n 的 Retry 会沿用失败的执行当时读取的数据行，它们可能已过时。重新启动工作流，以再次读取数据行',
		],
		OTHER_SET_EARLIER: [
			() => reasonWithAdvice(wordsOf('OTHER_SET_EARLIER', { whole: wholeSource.customers() })),
			"An earlier run of this node in the same execution synced other customers. Give the node the rows of all customers in one run: put it outside the loop, and join branches with a Merge node. If each run has the rows of all customers, choose Allow under 'Same Customer in Several Runs'",
			'该节点在本次执行中已运行过，同步的是其他客户。在一次运行中给出所有客户的数据行：把节点放在循环之外，用 Merge 节点合并分支。如果每次运行都有所有客户的数据行，请在 Same Customer in Several Runs 中选择 Allow',
		],
		OTHER_VERSION: [
			() => reasonWithAdvice(wordsOf('OTHER_VERSION', BY_FACTS)),
			'The source returned no rows. Check its query or filter',
			'数据源没有给出任何数据行。检查其查询或过滤条件',
		],
		PAGE_REPEATED: [
			() => reasonWithAdvice(wordsOf('PAGE_REPEATED', { page: 3 })),
			'Page 3 had the same records as an earlier page. Try again; if it persists, ask for at most 100 records and give the RequestId to Tencent Cloud support',
			'第 3 页与此前某一页的记录相同。重试；如果仍然出现，请最多请求 100 条记录，并把 RequestId 提供给腾讯云客服',
		],
		PROXY_LOGIN: [
			() => reasonWithAdvice(wordsOf('PROXY_LOGIN')),
			'The proxy asked for a login. Put user name and password into the proxy address of this server, e.g. HTTPS_PROXY',
			'代理要求登录。在本机的代理地址（例如 HTTPS_PROXY）中写入用户名和密码',
		],
		PROXY_NOT_USABLE: [
			() => reasonWithAdvice(wordsOf('PROXY_NOT_USABLE')),
			"This server's proxy address is not usable. Give scheme, host and port of the proxy, e.g. in HTTPS_PROXY",
			'本机的代理地址无法使用。请给出代理的协议、主机和端口，例如在 HTTPS_PROXY 中',
		],
		PROXY_REFUSED: [
			() => reasonWithAdvice(wordsOf('PROXY_REFUSED')),
			"The proxy did not reach the endpoint. Check this server's proxy and the endpoint in the credential",
			'代理未能连接到接口地址。检查本机的代理和凭证中的接口地址',
		],
		REDIRECT: [
			() => reasonWithAdvice(wordsOf('REDIRECT')),
			'The endpoint redirects elsewhere, and the node never follows a redirect. Check the endpoint in the credential and any proxy or firewall on the way to it',
			'接口地址重定向到别处，而节点从不跟随重定向。检查凭证中的接口地址，以及本机到该地址之间的代理和防火墙',
		],
		RESPONSE_TIMEOUT: [
			() => reasonWithAdvice(wordsOf('RESPONSE_TIMEOUT')),
			"The request timed out before a complete response arrived. Try again; a longer 'Timeout (Seconds)' may help",
			'在收到完整响应之前超时。重试，或调高 Timeout (Seconds)',
		],
		RESPONSE_TOO_LARGE: [
			() => reasonWithAdvice(wordsOf('RESPONSE_TOO_LARGE')),
			'The response was larger than 2 MiB, more than this service ever sends. Check the endpoint in the credential and any proxy or firewall on the way to it',
			'响应超过 2 MiB，该服务不会发送这么大的响应。检查凭证中的接口地址，以及本机到该地址之间的代理和防火墙',
		],
		RUNS_ALONE: [
			() => reasonWithAdvice(wordsOf('RUNS_ALONE')),
			"No node is connected before this one, and without one it runs only operations that read. Put a trigger before it, e.g. 'Manual Trigger', and execute the workflow",
			'本节点之前没有连接任何节点，此时它只执行读取的操作。在它前面放一个触发器，例如 Manual Trigger，再执行工作流',
		],
		SEVERAL_SYNCS: [
			() => reasonWithAdvice(wordsOf('SEVERAL_SYNCS', { names: inCommas([ours('CRM'), ours('ERP')]) })),
			"There are several Syncs: CRM, ERP. Fill in 'Sync' with one of them",
			'有多个 Sync：CRM、ERP。在 Sync 中填写其中一个',
		],
		STATE_LOST: [
			() => reasonWithAdvice(wordsOf('STATE_LOST', BY_FACTS)),
			'The source returned no rows. Check its query or filter',
			'数据源没有给出任何数据行。检查其查询或过滤条件',
		],
		STATE_NOT_USABLE: [
			() => reasonWithAdvice(wordsOf('STATE_NOT_USABLE')),
			"n8n's database did not respond in time or refused a statement, or n8n was too busy to notice its response, so Sync does not know what was pushed before. Try again when n8n's database works. If it works, run fewer executions with many rows at the same time as Sync in one n8n process. The operation Push needs no sync state",
			'n8n 的数据库没有及时响应或拒绝了一条语句，或 n8n 过于繁忙而没有注意到响应，因此 Sync 不知道此前推送了什么。待 n8n 的数据库恢复后重试。如果数据库正常，请减少同一 n8n 进程中与 Sync 同时进行的大量数据的执行。Push 不需要同步状态',
		],
		SYNC_FAILING: [
			() => reasonWithAdvice(wordsOf('SYNC_FAILING', { name: ours('CRM'), id: ours('12') })),
			"Sync 'CRM' is failing. Read its message or its row 12 in the Data Table 'tencent_iot_sync', or run the operation Get Status",
			'Sync CRM 失败。查看其消息、数据表 tencent_iot_sync 中的第 12 行，或用 Get Status 操作查询',
		],
		SYNC_RUNNING: [
			() => reasonWithAdvice(wordsOf('SYNC_RUNNING', { name: ours('CRM to IoT sync') })),
			"A run of Sync 'CRM to IoT sync' is under way, or was killed less than 15 minutes ago. Unpublish its workflow, and try again 15 minutes after its last run",
			'Sync CRM to IoT sync 有一次运行正在进行，或在 15 分钟之内被强行终止。取消发布其工作流，在最后一次运行 15 分钟之后重试',
		],
		TABLES_NOT_USABLE: [
			() => reasonWithAdvice(wordsOf('TABLES_NOT_USABLE')),
			"n8n's Data Tables did not respond. Try again when n8n's database works",
			'n8n 的 Data Tables 没有响应。待 n8n 的数据库恢复后重试',
		],
		TAKEN_OVER: [
			() => reasonWithAdvice(wordsOf('TAKEN_OVER')),
			"Another run of this node has taken over, or somebody deleted the row of this Sync in the Data Table 'tencent_iot_sync'. The next run pushes what is new. If you have stopped a run, start the next one a minute later; if a schedule starts them, leave more time between two runs than one run takes",
			'该节点的另一次运行已接管，或有人删除了数据表 tencent_iot_sync 中此 Sync 的行。新的变化由下一次运行推送。刚停止过运行的，请一分钟后再启动；由定时启动的，请降低工作流的启动频率，使间隔长于一次运行所需的时间',
		],
		TIME_OVER: [
			() => reasonWithAdvice(wordsOf('TIME_OVER')),
			"The run reached its time limit, 'Longest Run (Minutes)'. The next run sends the rest first",
			'运行已达到 Longest Run (Minutes) 的时限。下一次运行最先发送其余客户',
		],
		TLS_NOT_TRUSTED: [
			() => reasonWithAdvice(wordsOf('TLS_NOT_TRUSTED')),
			"The endpoint's certificate is not trusted. Check the endpoint in the credential. If your company has its own CA, give it to n8n with NODE_EXTRA_CA_CERTS",
			'接口地址的证书不受信任。检查凭证中的接口地址；如有公司自建的 CA，请用 NODE_EXTRA_CA_CERTS 交给 n8n',
		],
		TOO_FEW_CUSTOMERS: [
			() => reasonWithAdvice(wordsOf('TOO_FEW_CUSTOMERS', BY_FACTS)),
			'The source returned no rows. Check its query or filter',
			'数据源没有给出任何数据行。检查其查询或过滤条件',
		],
		TOO_FEW_DEVICES: [
			() => reasonWithAdvice(wordsOf('TOO_FEW_DEVICES', BY_FACTS)),
			'The source returned no rows. Check its query or filter',
			'数据源没有给出任何数据行。检查其查询或过滤条件',
		],
		TOO_MANY_CHANGES: [
			() => reasonWithAdvice(wordsOf('TOO_MANY_CHANGES', BY_FACTS)),
			'The source returned no rows. Check its query or filter',
			'数据源没有给出任何数据行。检查其查询或过滤条件',
		],
		TOO_MANY_MOVES: [
			() => reasonWithAdvice(wordsOf('TOO_MANY_MOVES', BY_FACTS)),
			'The source returned no rows. Check its query or filter',
			'数据源没有给出任何数据行。检查其查询或过滤条件',
		],
		UNCLEAR_RESPONSE: [
			() => reasonWithAdvice(wordsOf('UNCLEAR_RESPONSE', { doubt: DOUBTS.empty() })),
			'Tencent responded, but the response was empty. Try again; if it persists, give the RequestId to Tencent Cloud support',
			'腾讯云有响应，但响应为空。重试；如果仍然出现，请把 RequestId 提供给腾讯云客服',
		],
		UNEXPECTED: [
			() => reasonWithAdvice(wordsOf('UNEXPECTED', { text: ofRows('x is not a function') })),
			"Unexpected error in the node. Report this to the node's authors: x is not a function",
			'节点内部出现意外错误。请报告给节点的作者：x is not a function',
		],
		UNREACHABLE: [
			() => reasonWithAdvice(wordsOf('UNREACHABLE')),
			"The endpoint could not be reached in time. Check the endpoint in the credential and this server's network",
			'未能及时连接到接口地址。检查凭证中的接口地址和本机的网络',
		],
		WEB_PAGE: [
			() => reasonWithAdvice(wordsOf('WEB_PAGE')),
			'The response was a web page. Check the endpoint in the credential and any proxy or firewall on the way to it',
			'响应是网页。检查凭证中的接口地址，以及本机到该地址之间的代理和防火墙',
		],
	};
	testScenes(scenes);
});

describe('A reason that depends on more than its code', () => {
	const fields = [ours('CustomerId'), ours('DeviceId')];
	const reason = REASONS.noRows();
	testScenes(
		[
			[
				'the source gave nothing',
				() => REASONS.noRows(),
				'The source returned no rows.',
				'数据源没有给出任何数据行',
			],
			[
				'the source failed',
				() => REASONS.sourceFailed(),
				'The source failed and returned no rows.',
				'数据源出错，没有给出任何数据行',
			],
			[
				'the source failed after some rows',
				() => REASONS.sourceFailedInPart(),
				'The source failed in part, so rows of any customer may be missing.',
				'数据源部分出错，任何客户的数据行都可能缺失',
			],
			[
				'no column for a field',
				() => REASONS.none({ fields: [ours('DeviceId')] }),
				'No column fits DeviceId.',
				'没有适合 DeviceId 的列',
			],
			[
				'no column for two fields',
				() => REASONS.none({ fields }),
				'No column fits CustomerId and DeviceId.',
				'没有适合 CustomerId、DeviceId 的列',
			],
			[
				'two columns for a field',
				() => REASONS.several({ fields: [ours('DeviceId')] }),
				'More than one column fits DeviceId.',
				'适合 DeviceId 的列不止一个',
			],
			[
				'a column that may be it',
				() => REASONS.unclear({ fields }),
				'No column certainly fits CustomerId and DeviceId.',
				'没有确定适合 CustomerId、DeviceId 的列',
			],
			[
				'mapped by hand, with a field left out',
				() => REASONS.unmapped({ fields }),
				'No column is mapped to CustomerId and DeviceId.',
				'CustomerId、DeviceId 没有映射到列',
			],
			[
				'mapped to a column that is not there',
				() => REASONS.absent({ fields }),
				'No row has the column mapped to CustomerId and DeviceId.',
				'任何数据行都没有 CustomerId、DeviceId 所映射的列',
			],
			[
				'an operation of another version',
				() => REASONS.noSuchOperation(),
				'This version of the node has no such operation.',
				'此版本的节点没有该操作',
			],
			[
				'a tool whose operation is an expression',
				() => REASONS.operationFromExpression(),
				"In a tool, 'Resource' and 'Operation' cannot be expressions.",
				'工具不从表达式读取 Resource 和 Operation',
			],
			['no credential', () => REASONS.noCredential(), 'The node has no credential.', '节点没有凭证'],
			[
				'a credential that n8n refuses',
				() => REASONS.credentialNotUsable({ name: ours('IoT account') }),
				"The credential 'IoT account' cannot be used.",
				'凭证“IoT account”无法使用',
			],
			[
				'a slow database',
				() => REASONS.databaseTooLate(),
				'The database of n8n did not respond in time.',
				'n8n 的数据库没有及时响应',
			],
			[
				'a response with a million values',
				() => REASONS.tooManyValues(),
				'The response had more values or levels than this service ever sends.',
				'响应的值或层数过多，该服务不会发送这样的响应',
			],
			[
				'a page that timed out',
				() => REASONS.pageNotRead({ page: 3, read: 200, reason: wordsOf('DNS_UNAVAILABLE').reason }),
				'Page 3 could not be read (200 records were read before it). The DNS lookup timed out.',
				'第 3 页未能读取（此前已读取 200 条记录）。DNS 查询超时',
			],
			[
				'a list that ended early',
				() => REASONS.listEnded({ read: 180, counted: 2000 }),
				'The list ended after 180 of 2,000 records.',
				'列表在第 180 条记录后结束，而其计数为 2000 条',
			],
			[
				'a list that changes all the time',
				() => REASONS.pageMissing({ readings: 3 }),
				'A page was missing in each of 3 attempts to read the list.',
				'3 次读取列表，每次都缺少一页',
			],
			[
				'lists of a run that are too large',
				() => REASONS.listTooLarge({ read: 400_000 }),
				'The lists of this run take more than 96 MiB of heap; reading ended after 400,000 records.',
				'本次运行的列表占用内存超过 96 MiB；读取在第 400000 条后结束',
			],
			[
				'several fields without a column',
				() =>
					REASONS.sentences({
						reasons: inSentences([REASONS.none({ fields }), REASONS.unmapped({ fields })]),
					}),
				'No column fits CustomerId and DeviceId. No column is mapped to CustomerId and DeviceId.',
				'没有适合 CustomerId、DeviceId 的列。CustomerId、DeviceId 没有映射到列',
			],
			[
				'a member with an ampersand',
				() => REASONS.ambiguous({ name: ours('"a&b"') }),
				'Because of its member "a&b", this body would have the same signature as other parameters.',
				'由于成员 "a&b"，此请求体会与另一组参数有相同的签名',
			],
			[
				'one list that is too large',
				() => REASONS.tooMuchHeap(),
				'The list takes more than 96 MiB of heap.',
				'列表占用内存超过 96 MiB',
			],
			[
				'a refusal',
				() => REASONS.happened({ reason, stored: REASONS.stored.REFUSED() }),
				'The source returned no rows. Tencent refused it; nothing was changed.',
				'数据源没有给出任何数据行（腾讯云已拒绝，没有任何更改）',
			],
			[
				'a request that was not sent',
				() => REASONS.happened({ reason, stored: REASONS.stored.NOT_SENT() }),
				'The source returned no rows. Nothing was sent.',
				'数据源没有给出任何数据行（未发送）',
			],
			[
				'a request without a response',
				() => REASONS.happened({ reason, stored: REASONS.stored.UNKNOWN() }),
				'The source returned no rows. Tencent may or may not have applied it.',
				'数据源没有给出任何数据行（腾讯云可能已应用，也可能没有）',
			],
			[
				'a read without a response',
				() => REASONS.happened({ reason, stored: REASONS.onlyRead() }),
				'The source returned no rows. It only reads; nothing was changed.',
				'数据源没有给出任何数据行（只读操作，没有任何更改）',
			],
			[
				'an endpoint',
				() => wordsOf('ENDPOINT_NOT_USABLE', { why: REASONS.endpoint.noAddress() }).reason,
				'The endpoint is not a web address.',
				'接口地址不是网址',
			],
			[
				'an endpoint with http',
				() => wordsOf('ENDPOINT_NOT_USABLE', { why: REASONS.endpoint.notHttps() }).reason,
				'The endpoint does not start with https.',
				'接口地址不以 https 开头',
			],
			[
				'an endpoint with a password',
				() => wordsOf('ENDPOINT_NOT_USABLE', { why: REASONS.endpoint.login() }).reason,
				'The endpoint holds a login.',
				'接口地址含有用户名或密码',
			],
			[
				'an endpoint with a query',
				() => wordsOf('ENDPOINT_NOT_USABLE', { why: REASONS.endpoint.query() }).reason,
				'The endpoint holds a query or a fragment.',
				'接口地址含有查询参数或片段',
			],
			[
				'a host that is not allowed',
				() => wordsOf('EGRESS_BLOCKED', { address: REASONS.addresses.endpoint() }).reason,
				"This server's policy does not allow requests to the endpoint.",
				'本机的策略不允许访问接口地址',
			],
			[
				'a proxy that is not allowed',
				() => wordsOf('EGRESS_BLOCKED', { address: REASONS.addresses.proxy() }).reason,
				"This server's policy does not allow requests to the proxy.",
				'本机的策略不允许访问代理',
			],
			[
				'an Action that is not known',
				() =>
					wordsOf('NOT_ALLOWED', { allowed: ours('Reads Only'), why: REASONS.notAllowed.unknownAction() })
						.reason,
				"'Allowed Actions' in the credential is 'Reads Only', which does not allow an Action that the node does not know.",
				'凭证中的 Allowed Actions 是“Reads Only”，不允许节点不认识的接口',
			],
			[
				'keys that may not be shown',
				() =>
					wordsOf('NOT_ALLOWED', { allowed: ours('Reads Only'), why: REASONS.notAllowed.secrets() }).reason,
				"'Allowed Actions' in the credential is 'Reads Only', which does not allow showing keys and certificates of devices.",
				'凭证中的 Allowed Actions 是“Reads Only”，不允许显示设备的密钥和证书',
			],
			[
				'an Action that is not allowed',
				() =>
					wordsOf('NOT_ALLOWED', {
						allowed: ours('Reads Only'),
						why: REASONS.notAllowed.action({ action: ours('ServiceBindDevice') }),
					}).reason,
				"'Allowed Actions' in the credential is 'Reads Only', which does not allow ServiceBindDevice.",
				'凭证中的 Allowed Actions 是“Reads Only”，不允许 ServiceBindDevice',
			],
			[
				'a live order that is not allowed',
				() =>
					wordsOf('NOT_ALLOWED', {
						allowed: ours('Pushes and Test Orders'),
						why: REASONS.notAllowed.testOrders(),
					}).reason,
				"'Allowed Actions' in the credential is 'Pushes and Test Orders', which allows only test orders (D-…).",
				'凭证中的 Allowed Actions 是“Pushes and Test Orders”，只允许测试订单（D-…）',
			],
			[
				'all customers',
				() => wordsOf('OTHER_SET_EARLIER', { whole: wholeSource.customers() }).advice,
				"Give the node the rows of all customers in one run: put it outside the loop, and join branches with a Merge node. If each run has the rows of all customers, choose Allow under 'Same Customer in Several Runs'",
				'在一次运行中给出所有客户的数据行：把节点放在循环之外，用 Merge 节点合并分支。如果每次运行都有所有客户的数据行，请在 Same Customer in Several Runs 中选择 Allow',
			],
			[
				'all devices',
				() => wordsOf('OTHER_SET_EARLIER', { whole: wholeSource.devices() }).advice,
				"Give the node all devices of its customers in one run: put it outside the loop, and join branches with a Merge node. If each run has all devices of its customers, choose Allow under 'Same Customer in Several Runs'",
				'在一次运行中给出其客户的所有设备：把节点放在循环之外，用 Merge 节点合并分支。如果每次运行都有其客户的所有设备，请在 Same Customer in Several Runs 中选择 Allow',
			],
		],
		REASONS,
	);
});

describe('Advice that depends on more than the code', () => {
	const columns = [
		plain(ADVICE.inQuotes({ name: ours('设备编号') }), ADVICE.column({ place: 2 })),
		ofRows(ADVICE.inQuotes({ name: ours('Li Lei') }), ADVICE.column({ place: 4 })),
	];
	testScenes(
		[
			[
				'another server may have responded',
				() => ADVICE.checkRoute(),
				'Check the endpoint in the credential and any proxy or firewall on the way to it',
				'检查凭证中的接口地址，以及本机到该地址之间的代理和防火墙',
			],
			[
				'the service failed',
				() => ADVICE.askSupport(),
				'Try again; if it persists, give the RequestId to Tencent Cloud support',
				'重试；如果仍然出现，请把 RequestId 提供给腾讯云客服',
			],
			['a request timed out', () => ADVICE.tryAgain(), 'Try again', '重试'],
			['many requests timed out', () => ADVICE.tryLater(), 'Try again later', '稍后重试'],
			[
				'a source without rows',
				() => ADVICE.checkQuery(),
				'Check its query or filter',
				'检查其查询或过滤条件',
			],
			[
				'a source that says nothing',
				() => ADVICE.ofSource({ says: undefined }),
				'Correct what the previous node reports',
				'处理前一个节点的报错',
			],
			[
				'a source that says why',
				() => ADVICE.ofSource({ says: ofRows('no such table') }),
				'Correct what the previous node reports: no such table',
				'处理前一个节点的报错：no such table',
			],
			[
				'and a reader without the rows',
				() => ADVICE.ofSource({ says: ofRows('no such table') }),
				'Correct what the previous node reports',
				'处理前一个节点的报错',
				'hint',
			],
			[
				'an operation of another version',
				() => ADVICE.otherOperation(),
				"Choose another 'Operation', or update the package: the workflow is of another version",
				'选择其他 Operation，或更新这个包：工作流来自另一个版本',
			],
			['expressions in a tool', () => ADVICE.chooseBoth(), 'Choose both in the node', '请在节点中选择这两项'],
			[
				'an ampersand',
				() => ADVICE.noAmpersand(),
				"Use documented parameters without '&' in them, this node's own operation, or a credential that allows Everything",
				'请使用文档中不含 & 的参数、本节点自己的操作，或允许 Everything 的凭证',
			],
			['an audit that took too long', () => ADVICE.allowTime(), 'Allow more time', '延长时间'],
			[
				'a list that an audit cannot hold',
				() => ADVICE.notCompared(),
				"Remove it from 'Compare'",
				'在 Compare 中不选择该列表',
			],
			['a field to map', () => ADVICE.mapByHand({ count: 1 }), "Map it under 'Columns'", '在 Columns 中映射'],
			[
				'two fields to map',
				() => ADVICE.mapByHand({ count: 2 }),
				"Map them under 'Columns'",
				'在 Columns 中映射',
			],
			[
				'a field to map, where none was found',
				() => ADVICE.chooseByHand({ count: 1 }),
				"Choose Map Each Column Manually under 'Columns', and map it",
				'在 Columns 中选择 Map Each Column Manually 再映射',
			],
			[
				'two fields to map, where none was found',
				() => ADVICE.chooseByHand({ count: 2 }),
				"Choose Map Each Column Manually under 'Columns', and map them",
				'在 Columns 中选择 Map Each Column Manually 再映射',
			],
			[
				'a field to map, where another was found',
				() => ADVICE.chooseSomeByHand({ count: 1 }),
				"Choose Map Each Column Manually under 'Columns', and map it: fields that you leave empty stay mapped automatically",
				'在 Columns 中选择 Map Each Column Manually 再映射；留空的字段仍自动映射',
			],
			[
				'two fields to map, where another was found',
				() => ADVICE.chooseSomeByHand({ count: 2 }),
				"Choose Map Each Column Manually under 'Columns', and map them: fields that you leave empty stay mapped automatically",
				'在 Columns 中选择 Map Each Column Manually 再映射；留空的字段仍自动映射',
			],
			[
				'a title above the table',
				() => ADVICE.headerBelow({ row: ours('3'), line: ours('4') }),
				'Row 3 looks like the header, line 4 of the file or a later one: start reading at that line, in Extract from File by Range, which counts from 0, or by Starting Line for a CSV, in Google Sheets by Header Row',
				'第 3 行像是表头，在文件中是第 4 行或更靠后：请从那一行开始读取（Extract from File 用 Range，从 0 数起，CSV 用 Starting Line；Google Sheets 用 Header Row）',
			],
			[
				'a title above the table, and no row that is certainly the header',
				() => ADVICE.titleAbove(),
				'Only one column has a name: if the first line of the file is a title, start reading at the line with the column names, in Extract from File by Range, which counts from 0, or by Starting Line for a CSV, in Google Sheets by Header Row',
				'只有一列有列名：如果文件的第一行是标题，请从列名所在的那一行开始读取（Extract from File 用 Range，从 0 数起，CSV 用 Starting Line；Google Sheets 用 Header Row）',
			],
			[
				'a file in another encoding',
				() => ADVICE.brokenNames(),
				'The column names have broken characters: save the file as UTF-8 (in Excel: CSV UTF-8)',
				'列名含有损坏的字符：请将文件另存为 UTF-8（Excel 中选择 CSV UTF-8）',
			],
			[
				'a file with another delimiter',
				() => ADVICE.otherDelimiter(),
				'All columns seem to be in one: enter the delimiter of the file in Extract from File under Options, Delimiter',
				'所有列似乎并成了一列：请在 Extract from File 的 Options 中用 Delimiter 填写文件的分隔符',
			],
			[
				'two columns that may be it',
				() => ADVICE.mayHoldIt({ columns }),
				"'设备编号' and 'Li Lei' may hold it",
				'可能是 设备编号、Li Lei',
			],
			[
				'for a reader without the rows',
				() => ADVICE.mayHoldIt({ columns }),
				"'设备编号' and column 4 may hold it",
				'可能是 设备编号、第 4 列',
				'hint',
			],
			[
				'with names off',
				() => ADVICE.mayHoldIt({ columns }),
				'column 2 and column 4 may hold it',
				'可能是 第 2 列、第 4 列',
				'nameless',
			],
			[
				'one of two fields',
				() => ADVICE.mayHold({ columns: columns.slice(0, 1), field: ours('DeviceId') }),
				"'设备编号' may hold DeviceId",
				'DeviceId 可能是 设备编号',
			],
			[
				'a column that is not there',
				() => ADVICE.noColumn({ columns: quotedOfRows(['Device']) }),
				"Not in the rows: 'Device'",
				'没有 Device',
			],
			[
				'two columns that are not there',
				() => ADVICE.noColumn({ columns: quotedOfRows(['Device', "O'Neil"]) }),
				"Not in the rows: 'Device' and 'O'Neil'",
				"没有 Device、O'Neil",
			],
			[
				'for a reader without the rows, no column',
				() => ADVICE.noColumn({ columns: quotedOfRows(['Device']) }),
				'',
				'',
				'hint',
			],
			[
				'rows without a column',
				() => ADVICE.noColumns(),
				'The rows have: no columns at all',
				'数据行没有任何列',
			],
			[
				'rows with columns',
				() => ADVICE.columns({ columns: ofRows(inCommas([ours('id'), ours('name')])) }),
				'The rows have: id, name',
				'数据行中的列：id、name',
			],
			[
				'for a reader without the rows, columns',
				() => ADVICE.columns({ columns: ofRows(inCommas([ours('id'), ours('name')])) }),
				'',
				'',
				'hint',
			],
			[
				'rows with many columns',
				() => ADVICE.someColumns({ columns: ofRows(inCommas([ours('id'), ours('name')])), more: 1200 }),
				'The rows have: id, name and 1,200 more',
				'数据行中的列：id、name，以及另外 1200 列',
			],
			[
				'a clock',
				() => ADVICE.setClock({ most: ADVICE.anHour() }),
				"Set this server's clock: it differs by more than an hour from that of the service",
				'校准本机时钟：与服务端相差一小时以上',
			],
			[
				'a date',
				() => ADVICE.setClock({ most: ADVICE.aDay() }),
				"Set this server's clock: it differs by more than a day from that of the service",
				'校准本机时钟：与服务端相差一天以上',
			],
			[
				'the signature of one request',
				() => ADVICE.ownSignature(),
				'Another request with the same App Key and App Secret was accepted, so the credential is right: look for unusual characters in the values of this request, and give the RequestId to Tencent Cloud support',
				'同一 App Key 和 App Secret 的另一个请求已被接受，凭证无误：请检查此请求的值中的特殊字符，并把 RequestId 提供给腾讯云客服',
			],
			[
				'the signature of lists',
				() => ADVICE.nestedSignature(),
				"App Key and App Secret were accepted, the signature of nested values was not: set 'Nested Value Signing' to Automatic in the credential, or give the RequestId to Tencent Cloud support",
				'App Key 和 App Secret 已被接受，嵌套值的签名未通过：在凭证中把 Nested Value Signing 设为 Automatic，或把 RequestId 提供给腾讯云客服',
			],
		],
		ADVICE,
	);
});

describe('Words from outside the node are shown only where they are allowed', () => {
	const unexpected = wordsOf('UNEXPECTED', { text: ofRows("x's <b>y</b> is *not* a function") }).advice;
	const taken = wordsOf('MESSAGE_NOT_TAKEN', { response: ofService('200 {"errmsg":"<html>"}') }).reason;
	testScenes([
		[
			'an error in the node',
			() => unexpected,
			"Report this to the node's authors: x's <b>y</b> is *not* a function",
			"请报告给节点的作者：x's <b>y</b> is *not* a function",
		],
		['in a hint', () => unexpected, "Report this to the node's authors", '请报告给节点的作者', 'hint'],
		[
			'with names off',
			() => unexpected,
			"Report this to the node's authors",
			'请报告给节点的作者',
			'nameless',
		],
		[
			'no text',
			() => wordsOf('UNEXPECTED', { text: undefined }).advice,
			"Report this to the node's authors",
			'请报告给节点的作者',
		],
		[
			'the response of a robot',
			() => taken,
			'The message was not accepted: 200 {"errmsg":"<html>"}.',
			'消息未被接收：200 {"errmsg":"<html>"}',
		],
		[
			'the response of a robot, with names off',
			() => taken,
			'The message was not accepted: ….',
			'消息未被接收：…',
			'nameless',
		],
	]);
});
