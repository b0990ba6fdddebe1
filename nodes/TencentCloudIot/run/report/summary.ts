import type { Failure } from '../../service/outcome';
import { counted } from '../../service/words';
import type { RunReport, Some } from './runReport';

type Facts = Omit<RunReport, 'Summary' | 'SummaryZh'>;

/** The most customers that a sentence names. */
const MOST_NAMED = 3;

/** Why a whole run sent nothing, in Chinese; of another code the code itself is shown. */
const REASON_ZH: Readonly<Record<string, string>> = {
	ALREADY_RUNNING: '该节点的另一次运行尚未结束',
	CIRCUIT_BREAKER: '最近的请求大多未成功',
	COLUMN_NOT_FOUND: '找不到所映射的列',
	CREDENTIAL_INCOMPLETE: '凭证未填写完整',
	CREDENTIAL_MISSING: '没有可用的凭证',
	INVALID_ROWS: '存在无效的数据行',
	STATE_NOT_USABLE: 'n8n 的数据库没有响应',
	TAKEN_OVER: '另一次运行已接管',
	TOO_FEW_CUSTOMERS: '数据中缺失的客户过多',
	TOO_FEW_DEVICES: '数据中缺失的设备过多',
	TOO_MANY_CHANGES: '新增或变更的客户过多',
};

const HEALTH_ZH: Readonly<Record<Facts['Health'], string>> = {
	ok: '正常',
	degraded: '部分异常',
	failing: '失败',
};

/**
 * One sentence about a run, in each language: "Sync is degraded: 100 customers newly failed ('c1', 'c2', 'c3' and others);
 * 2 others failed before; 202 of 304 customers are in order; 5 customers are no longer in the rows; Tencent keeps their
 * devices."
 * @param stop why nothing, or nothing more, was sent
 */
export function summarize(facts: Facts, stop: Failure | undefined): Pick<RunReport, 'Summary' | 'SummaryZh'> {
	const { Health, Customers, Rows, Gone = 0, NewlyFailed, Recovered } = facts;
	const { Total, Pushed, Due, Unchanged, Refused, Unclear, NotSent, Withheld, Postponed } = Customers;
	const done = Pushed + Due + Unchanged;
	const newly = NewlyFailed?.Count ?? 0;
	const others = Refused + Unclear + NotSent + Withheld - newly;
	const recovered = Recovered?.Count ?? 0;
	const isBlocked = stop !== undefined && done === 0;
	const operation = facts.Memory === undefined ? 'Push' : 'Sync';
	const clauses: Array<[isSaid: boolean, english: string, chinese: string]> = [
		[
			stop !== undefined,
			`${stop?.reason.replace(/\.$/, '')} (${stop?.code})`,
			`${isBlocked ? '未推送任何客户' : '中途停止'}，原因：${REASON_ZH[stop?.code ?? ''] ?? stop?.code}`,
		],
		[
			newly > 0,
			`${counted(newly, 'customer')} newly failed${named(NewlyFailed, ENGLISH)}`,
			`${newly} 个客户新出现失败${named(NewlyFailed, CHINESE)}`,
		],
		[
			others > 0 && !isBlocked,
			newly > 0 ? `${counted(others, 'other')} failed` : `${counted(others, 'customer')} failed`,
			newly > 0 ? `另有 ${others} 个客户失败` : `${others} 个客户失败`,
		],
		[
			recovered > 0,
			`${counted(recovered, 'customer')} recovered${named(Recovered, ENGLISH)}`,
			`${recovered} 个客户已恢复${named(Recovered, CHINESE)}`,
		],
		[
			!isBlocked,
			`${done} of ${counted(Total, 'customer')} ${done === 1 ? 'is' : 'are'} up to date, ${Pushed + Due} of them pushed now`,
			`${Total} 个客户中 ${done} 个已是最新，其中本次推送 ${Pushed + Due} 个`,
		],
		[
			Postponed > 0,
			`${counted(Postponed, 'customer')} left for the next run`,
			`${Postponed} 个客户留待下次运行`,
		],
		[Rows.Invalid > 0, `${counted(Rows.Invalid, 'row')} invalid`, `${Rows.Invalid} 行数据无效`],
		[Gone > 0, describeGone(Gone), `${Gone} 个客户已不在数据中，其设备在腾讯侧仍然保留`],
	];
	const said = clauses.filter(([isSaid]) => isSaid);
	return {
		Summary: `${operation} is ${Health}: ${said.map(([, english]) => english).join('; ')}.`,
		SummaryZh: `${operation} ${HEALTH_ZH[Health]}：${said.map(([, , chinese]) => chinese).join('；')}。`,
	};
}

/** "5 customers are no longer in the rows; Tencent keeps their devices". */
export function describeGone(count: number): string {
	return count === 1
		? '1 customer is no longer in the rows; Tencent keeps its devices'
		: `${counted(count, 'customer')} are no longer in the rows; Tencent keeps their devices`;
}

interface Style {
	quote: (id: string) => string;
	all: (ids: string) => string;
	first: (ids: string) => string;
	separator: string;
}

const ENGLISH: Style = {
	quote: (id) => `'${id}'`,
	separator: ', ',
	all: (ids) => ` (${ids})`,
	first: (ids) => ` (${ids} and others)`,
};

const CHINESE: Style = {
	quote: (id) => id,
	separator: '、',
	all: (ids) => `（${ids}）`,
	first: (ids) => `（${ids} 等）`,
};

function named({ Count, CustomerIds }: Some = { Count: 0, CustomerIds: [] }, style: Style): string {
	const ids = CustomerIds.slice(0, MOST_NAMED).map(style.quote).join(style.separator);
	return Count > MOST_NAMED ? style.first(ids) : style.all(ids);
}
