import type { Failure } from '../../service/outcome';
import type { NotKept } from '../../sync/health';
import { counted, joinSentences } from '../../service/words';
import { reasonInChinese } from './chineseReason';
import type { RunReport, Some } from './runReport';

type Facts = Omit<RunReport, 'Summary' | 'SummaryZh'>;

/** The most customers that a sentence names. */
const MOST_NAMED = 3;

const HEALTH_ZH: Readonly<Record<Facts['Health'], string>> = {
	ok: '正常',
	degraded: '部分异常',
	failing: '失败',
};

/**
 * One sentence about a run, in each language: "Sync is degraded: 100 customers newly failed ('c1', 'c2', 'c3' and others);
 * 2 others failed; 202 of 304 customers are up to date, 40 pushed now."
 * @param reason why the whole run failed, or why nothing more was sent
 * @param notKept why the next run will not know
 */
export function summarize(
	facts: Facts,
	reason: Failure | undefined,
	notKept: NotKept | undefined,
): Pick<RunReport, 'Summary' | 'SummaryZh'> {
	const { Health, Customers, Rows, Gone = 0, NewlyFailed, Recovered } = facts;
	const { Pushed, Due, Unchanged, Refused, Unclear, NotSent, Withheld, Postponed } = Customers;
	const unkept = notKept && describeNotKept(notKept);
	const newly = NewlyFailed?.Count ?? 0;
	const others = Refused + Unclear + NotSent + Withheld - newly;
	const recovered = Recovered?.Count ?? 0;
	const isBlocked = reason !== undefined && Pushed + Due + Unchanged === 0;
	const clauses: Array<[isSaid: boolean, english: string, chinese: string]> = [
		[
			reason !== undefined,
			joinSentences([reason?.reason ?? '']),
			`${Pushed + Due === 0 ? '未推送任何客户' : '中途停止'}，原因：${reasonInChinese(reason)}`,
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
		[!isBlocked, ...describeDone(facts)],
		[
			Postponed > 0,
			`${counted(Postponed, 'customer')} left for the next run`,
			`${Postponed} 个客户留待下次运行`,
		],
		[Rows.Invalid > 0, `${counted(Rows.Invalid, 'row')} invalid`, `${Rows.Invalid} 行数据无效`],
		[unkept !== undefined, unkept?.english ?? '', unkept?.chinese ?? ''],
		[Gone > 0, describeGone(Gone), `${Gone} 个客户已不在数据中，其设备在腾讯侧仍然保留`],
	];
	const said = clauses.filter(([isSaid]) => isSaid);
	const { english, chinese } = codeBeside(reason);
	const operation = facts.Memory === undefined ? 'Push' : 'Sync';
	return {
		Summary: `${operation} is ${Health}${english}: ${said.map(([, clause]) => clause).join('; ')}.`,
		SummaryZh: `${operation} ${HEALTH_ZH[Health]}${chinese}：${said.map(([, , clause]) => clause).join('；')}。`,
	};
}

/** How many customers are as the rows say. */
function describeDone({ Customers, Memory }: Facts): [english: string, chinese: string] {
	const { Total, Pushed, Due, Unchanged } = Customers;
	const [pushed, done] = [Pushed + Due, Pushed + Due + Unchanged];
	const customers = counted(Total, 'customer');
	if (Memory === undefined)
		return [`${pushed} of ${customers} pushed`, `${Total} 个客户中已推送 ${pushed} 个`];
	if (Unchanged === Total)
		return [`0 of ${customers} needed a push, all are up to date`, `${Total} 个客户均已是最新，无需推送`];
	return [
		`${done} of ${customers} ${done === 1 ? 'is' : 'are'} up to date, ${pushed} pushed now`,
		`${Total} 个客户中 ${done} 个已是最新，本次推送 ${pushed} 个`,
	];
}

/** The code to look up, where the reason does not name it. */
function codeBeside(reason: Failure | undefined): { english: string; chinese: string } {
	if (reason === undefined) return { english: '', chinese: '' };
	const { code } = reason;
	return {
		english: reason.reason.includes(code) ? '' : ` (${code})`,
		chinese: reasonInChinese(reason) === code ? '' : `（${code}）`,
	};
}

/** "the sync state could not be kept: n8n's database took 4.6 s, so the next run sends every customer". */
export function describeNotKept({ reason, tookMs }: NotKept): { english: string; chinese: string } {
	const seconds = (tookMs / 1000).toFixed(1);
	const [english, chinese] =
		reason === 'database'
			? [`n8n's database took ${seconds} s`, `n8n 的数据库耗时 ${seconds} 秒`]
			: ['another run of this node took over', '该节点的另一次运行已接管'];
	return {
		english: `the sync state could not be kept: ${english}, so the next run sends every customer`,
		chinese: `同步状态未能保存：${chinese}，下次运行会推送全部客户`,
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
