import type { Failure } from '../../service/outcome';

const REASON_ZH: Readonly<Record<string, string>> = {
	ALREADY_RUNNING: '该节点的另一次运行尚未结束',
	CANCELLED: '执行已被取消',
	CIRCUIT_BREAKER: '最近的请求大多未成功',
	COLUMN_NOT_FOUND: '找不到所映射的列',
	CREDENTIAL_INCOMPLETE: '凭证未填写完整',
	CREDENTIAL_MISSING: '没有可用的凭证',
	EARLIER_RUNS_UNKNOWN: '本次执行中该节点此前的运行没有留下记录',
	INVALID_ROWS: '存在无效的数据行',
	NO_RESPONSE: '最初的几个请求均未得到明确的响应',
	OTHER_SET_EARLIER: '本次执行中该节点此前的运行同步了其他客户',
	STATE_LOST: '同步状态已丢失',
	STATE_NOT_USABLE: 'n8n 的数据库没有及时响应，或 n8n 过于繁忙',
	TAKEN_OVER: '另一次运行已接管',
	TOO_FEW_CUSTOMERS: '数据中缺失的客户过多',
	TOO_FEW_DEVICES: '数据中缺失的设备过多',
	TOO_MANY_CHANGES: '新增或变更的客户过多',
};

const AUTH_FAILURE_ZH: Readonly<Record<NonNullable<Failure['authFailure']>, string>> = {
	signature: '签名未通过验证，请检查凭证中的 App Key 和 App Secret',
	timestamp: '时间戳未通过验证，请检查服务器时间',
	appKey: 'App Key 未通过验证，请检查凭证',
};

/** Why a whole run failed, in Chinese: "找不到所映射的列"; of another code the code itself. */
export function reasonInChinese(reason: Failure | undefined): string {
	if (reason?.authFailure !== undefined) return AUTH_FAILURE_ZH[reason.authFailure];
	return REASON_ZH[reason?.code ?? ''] ?? reason?.code ?? '';
}
