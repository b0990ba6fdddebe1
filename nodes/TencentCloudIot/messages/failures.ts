/** Of a failure, what its words in Chinese are made of. */
export interface Facts {
	outcome: 'REFUSED' | 'NOT_SENT' | 'UNKNOWN';
	/** An `OwnCode`, e.g. `CONNECTION_RESET`; else Tencent's error code, or `HTTP_` and the status of a response without one. */
	code: string;
	/** What happened, one sentence. */
	reason: string;
	/** What authentication refused. */
	authFailure?: 'signature' | 'timestamp' | 'appKey';
	/** True when the service itself responded, not a proxy or web server before it. */
	isFromService?: boolean;
	/** True for an Action that only reads: nothing can have been stored. */
	onlyReads?: boolean;
	status?: number;
	/** In Chinese, where it has numbers or names: what else it says is known by its code. */
	chinese?: { reason?: string; advice?: string };
}

/** What happened, by the node's own codes: those of its own, and of what the transport meets. docs/reliability.md documents each. */
const REASONS = {
	ALREADY_RUNNING: '该节点的另一次运行尚未结束',
	BROKEN_CUSTOMER_IDS: '20 个以上不同的 CustomerId 含有损坏的字符',
	CANCELLED: '执行已被取消',
	CIRCUIT_BREAKER: '最近的请求大多未成功',
	CLIENT_CERTIFICATE: '接口地址要求客户端证书',
	COLUMN_NOT_FOUND: '找不到所映射的列',
	CONNECTION_REFUSED: '接口地址拒绝连接',
	CONNECTION_RESET: '连接在收到完整响应之前中断',
	CREDENTIAL_INCOMPLETE: '凭证未填写完整',
	CREDENTIAL_MISSING: '没有可用的凭证',
	DNS_NOT_FOUND: '找不到接口地址的主机名',
	DNS_UNAVAILABLE: 'DNS 查询超时',
	DRY_RUN: 'Dry Run 已开启，不会推送任何数据',
	EARLIER_RUNS_UNKNOWN: '本次执行中该节点此前的运行没有留下记录',
	EGRESS_BLOCKED: '本机的策略不允许访问该地址',
	ENDPOINT_NOT_USABLE: '接口地址无法使用',
	EXECUTE_ONCE: 'Execute Once 已开启，节点只得到第一行',
	INVALID_OPTION: '节点的某个选项的值不可用',
	INVALID_ROWS: '存在无效的数据行',
	LIST_INCOMPLETE: '列表的记录少于其计数',
	LIST_TOO_LARGE: '列表过大',
	NOT_ALLOWED: '凭证中的 Allowed Actions 不允许',
	NOT_HTTP: '响应不是 HTTP',
	NOT_TRIED: '因为前面的失败而没有发送',
	NO_RESPONSE: '最初的 3 个请求均未得到明确的响应',
	NO_ROWS: '数据源没有给出任何数据行',
	NO_SUCH_OPERATION: '此版本的节点没有该操作',
	NO_TLS: '接口地址未按预期使用 TLS',
	OLD_ROWS: 'n8n 的 Retry 沿用失败的执行当时读取的数据行',
	OTHER_SET_EARLIER: '本次执行中该节点此前的运行同步了其他客户',
	OTHER_VERSION: '同步状态由本软件包的另一版本写入',
	PAGE_REPEATED: '列表重复返回同一页',
	PROXY_LOGIN: '代理要求登录',
	PROXY_NOT_USABLE: '本机的代理地址无法使用',
	PROXY_REFUSED: '代理未能连接到接口地址',
	REDIRECT: '接口地址重定向到别处',
	RESPONSE_TIMEOUT: '在收到完整响应之前超时',
	RESPONSE_TOO_LARGE: '响应过大',
	RUNS_ALONE: '没有节点连接到本节点，单独运行时它只读取',
	STATE_LOST: '同步状态已丢失',
	STATE_NOT_USABLE: 'n8n 的数据库没有及时响应，或 n8n 过于繁忙',
	TAKEN_OVER: '另一次运行已接管',
	TIME_OVER: '已到 Longest Run (Minutes) 的时间',
	TLS_NOT_TRUSTED: '接口地址的证书不受信任',
	TOO_FEW_CUSTOMERS: '客户减少过多',
	TOO_FEW_DEVICES: '设备减少过多',
	TOO_MANY_CHANGES: '有变化的客户过多',
	UNCLEAR_RESPONSE: '腾讯云有响应，但没有确认结果',
	UNEXPECTED: '节点内部出现意外情况',
	UNREACHABLE: '未能及时连接到接口地址',
	WEB_PAGE: '响应是网页',
};

/** A code of the node itself: all others are Tencent's. */
export type OwnCode = keyof typeof REASONS;

const AUTH_FAILURES: Readonly<
	Record<NonNullable<Facts['authFailure']>, readonly [reason: string, likeCode: string]>
> = {
	signature: ['签名未通过验证', 'InvalidSignature'],
	timestamp: ['时间戳未通过验证', 'InvalidTimestamp'],
	appKey: ['App Key 未通过验证', 'InvalidSignature'],
};

/**
 * What to do, by code: a code itself, the beginning of codes up to `…`, or `HTTP_4xx`. docs/reliability.zh-CN.md has the same
 * table; its last line but the codes is for codes that nobody knows.
 */
export const ADVICE: ReadonlyArray<readonly [codes: string, advice: string]> = [
	['INVALID_ROWS', '修正 reasons 指出的行和字段；只允许测试订单时的正式商品也属此列'],
	['INVALID_OPTION', '修正该选项或其表达式，多因表达式没有结果'],
	['OTHER_SET_EARLIER', '在一次运行中给出同一客户的所有行：把节点放在循环之外，用 Merge 节点合并分支'],
	['OLD_ROWS', '重新启动工作流，以读取当前的数据行'],
	['DRY_RUN', '在节点中关闭 Dry Run，并发布工作流'],
	['EARLIER_RUNS_UNKNOWN', '把节点放在循环之外：Engine 2.0 不保留之前的运行；或恢复工作流的设置'],
	['EXECUTE_ONCE', '在 Settings 中关闭 Execute Once，否则节点只得到第一行；已发布的工作流须再次发布'],
	[
		'STATE_LOST OTHER_VERSION',
		'先看 Dry Run。如果无误，把消息中的计划 ID 填入 Approved Plan，发布，再运行一次：所有客户都会推送一次',
	],
	[
		'TOO_MANY_CHANGES TOO_FEW_CUSTOMERS TOO_FEW_DEVICES',
		'修正数据行或映射；如果确实如此，把消息中的计划 ID 填入 Approved Plan，发布，再运行一次',
	],
	[
		'ALREADY_RUNNING TAKEN_OVER',
		'降低工作流的启动频率，使间隔长于一次运行所需的时间；新的变化由下一次运行推送',
	],
	['CIRCUIT_BREAKER', '查看最近 20 个客户中最早失败的说明。Sync 的下一次运行最先发送其余客户'],
	[
		'STATE_NOT_USABLE',
		'待数据库恢复后重试，并减少同时进行的执行；它须在 4 秒内响应。若发生在运行途中，其余客户由下一次运行发送。Push 不需要同步状态',
	],
	['COLUMN_NOT_FOUND', '在 Columns 中映射该列；消息列出现有的列'],
	['NO_ROWS', '检查前一个节点的查询或过滤条件'],
	['BROKEN_CUSTOMER_IDS', '把文件导出为 UTF-8'],
	['CREDENTIAL_MISSING', '在节点中选择或创建凭证，并再次发布工作流'],
	['CREDENTIAL_INCOMPLETE ENDPOINT_NOT_USABLE', '修正凭证'],
	[
		'DNS_NOT_FOUND DNS_UNAVAILABLE CONNECTION_REFUSED UNREACHABLE',
		'检查凭证中的接口地址、本机的网络和防火墙',
	],
	['TLS_NOT_TRUSTED', '用 NODE_EXTRA_CA_CERTS 把公司的 CA 交给 n8n；如果没有自建 CA，可能遭到中间人窃听'],
	['CLIENT_CERTIFICATE', '检查接口地址以及它前面的设备：腾讯云的接口都不要求客户端证书'],
	['HTTP_413', '一次请求中少发设备或缩短文本，或请接口方提高上限'],
	[
		'NO_TLS NOT_HTTP REDIRECT WEB_PAGE RESPONSE_TOO_LARGE InvalidAction HTTP_4xx',
		'检查接口地址，以及它与本机之间的代理和防火墙：响应的不是该服务',
	],
	['PROXY_LOGIN PROXY_REFUSED PROXY_NOT_USABLE', '检查本机的 HTTPS_PROXY、ALL_PROXY 和 NO_PROXY'],
	['EGRESS_BLOCKED', '请这个 n8n 的管理员允许该主机'],
	['AuthFailure.… InvalidSignature', '检查凭证中的 App Key 和 App Secret'],
	['InvalidTimestamp RequestExpired', '校准本机时钟'],
	[
		'UnauthorizedOperation IpInBlacklist IpNotInWhitelist',
		'把应用关联到该产品；腾讯云设有 IP 名单时，允许本机的 IP 地址',
	],
	[
		'InvalidParameter… InvalidRequest MissingParameter UnknownParameter ErrorRequiredParamNotFound ResourceNotFound NoSuchProduct NoSuchVersion ActionOffline Unsupported…',
		'修正消息指出的内容',
	],
	['CONNECTION_RESET RESPONSE_TIMEOUT UNCLEAR_RESPONSE HTTP_408 HTTP_5xx', '重试'],
	['FailedOperation.… InternalError', '重试；如果仍然出现，请把 RequestId 提供给腾讯云客服'],
	['LimitExceeded.… RequestSizeLimitExceeded', '请腾讯云提高限额，或减少发送量'],
	['PAGE_REPEATED LIST_INCOMPLETE', '重试，或最多请求 100 条记录'],
	[
		'LIST_TOO_LARGE',
		'关闭 Return All，或只读取一部分，例如按时间筛选：列表占用内存超过 96 MiB，或超过一百万条记录',
	],
	['HTTP_429 RequestLimitExceeded TooManyRequests Throttl…', '降低 Requests per Second，稍后重试'],
	['NOT_ALLOWED', '换一个凭证，或请凭证的所有者修改 Allowed Actions'],
	['RUNS_ALONE', '在它前面放一个触发器，例如 Manual Trigger，再执行工作流'],
	['NOT_TRIED', '查看它之前的失败，再重试'],
	['NO_RESPONSE', '查看最初几个请求的说明，再重试'],
	['NO_SUCH_OPERATION', '选择其他 Operation，或更新这个包：工作流来自另一个版本的节点'],
	['UNEXPECTED', '请报告给节点的作者；outcome 说明是否可能已有内容保存'],
	['CANCELLED', '重试；outcome 说明是否为该客户发送过'],
];

const STORED: Readonly<Record<Facts['outcome'], string>> = {
	REFUSED: '腾讯云已拒绝，没有任何更改',
	NOT_SENT: '未发送',
	UNKNOWN: '腾讯云可能已应用',
};

/** Whether anything was stored, e.g. `未发送`. */
export function storedInChinese({ outcome, onlyReads }: Facts): string {
	return onlyReads === true && outcome === 'UNKNOWN' ? '只读操作，没有任何更改' : STORED[outcome];
}

/**
 * Why something failed, e.g. `接口地址拒绝连接`: the same facts as the English reason.
 * @param isQuoting whether what the service says is quoted
 */
export function reasonInChinese(failure: Facts, isQuoting = false): string {
	const { chinese, authFailure, code, isFromService, status } = failure;
	const ofService = isFromService === true && isQuoting;
	const [, said] =
		(ofService && /^Tencent responded with [^:]+: (.*?)( \([^()]*\))?\.$/s.exec(failure.reason)) || [];
	const quoted = said === undefined ? '' : `：${said}`;
	if (chinese?.reason !== undefined) return chinese.reason + quoted;
	if (authFailure !== undefined) return AUTH_FAILURES[authFailure][0] + quoted;
	if (Object.hasOwn(REASONS, code)) return REASONS[code as OwnCode] + quoted;
	if (isFromService === true) return `腾讯云返回 ${code}${quoted}`;
	return `接口地址返回 HTTP 状态 ${status ?? code.replace('HTTP_', '')}`;
}

/** What to do, e.g. `检查凭证中的 App Key 和 App Secret`. */
export function adviceInChinese({ chinese, authFailure, code }: Facts): string {
	if (chinese?.advice !== undefined) return chinese.advice;
	const known = authFailure === undefined ? code : AUTH_FAILURES[authFailure][1];
	// What nobody knows is as any failed operation.
	return (lineOf(known) ?? lineOf('FailedOperation.…'))![1];
}

function lineOf(code: string): (typeof ADVICE)[number] | undefined {
	const isExact = ADVICE.find(([codes]) => codes.split(' ').includes(code));
	return isExact ?? ADVICE.find(([codes]) => codes.split(' ').some((known) => isLike(code, known)));
}

function isLike(code: string, known: string): boolean {
	if (known.startsWith('HTTP_')) return known.endsWith('xx') && code.startsWith(known.replace('xx', ''));
	return known.endsWith('…') ? code.startsWith(known.replace(/\.?…$/, '')) : code.startsWith(`${known}.`);
}
