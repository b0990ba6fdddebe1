import { version as PackageVersion } from '../../../../package.json';
import { outcomeOf, failureOf, isTried } from '../../service/fate';
import { hasNews, healthOf, newlyFailed, recovered, reasonOf, stopOf, type NotKept } from '../../sync/health';
import type { Health } from '../../sync/state/entries';
import type { StateCondition } from '../../sync/state/lastRun';
import { rowNumber } from '../../input/finding';
import { describe, type Failure } from '../../service/outcome';
import { counted, joinSentences } from '../../service/words';
import { shownText } from '../../shown';
import {
	countEnds,
	countInvalidRows,
	countRequests,
	countRetries,
	countVerdicts,
	type Ends,
	type Verdicts,
	type RunResult,
} from '../result';
import { withheldFor } from '../planRun';

/** The most failures that a report names. */
const MOST_FAILURES = 100;

/** The most customers of a kind that a report names. */
const MOST_NAMED = 10;

/** What the report of a Sync has besides. */
interface SyncReport extends Partial<Verdicts> {
	/** Whether there is something to report, see `hasNews`. */
	HealthChanged: boolean;
	/** How many customers fail of which no report has said so, and the first of them. */
	NewlyFailed: number;
	NewlyFailedIds: string[];
	/** A report said that they fail, and they do not any more. */
	Recovered: number;
	RecoveredIds: string[];
	/** They had devices and have none, and no report has said so. */
	NoLongerWithDevices: number;
	NoLongerWithDevicesIds: string[];
	/** Customers that are no longer in the rows, and no report has said so; left out where it is not known. */
	Gone?: number;
	/** Since the last run that was not blocked began; left out where there was none. */
	DaysSinceLastRun?: number;
	State: StateCondition;
	/** Whether the next run will know what this one did; if not, it sends every customer. */
	StateKept: boolean;
}

/** The one item of a run: counts beside each other, in the order in which n8n's table shows them. */
export interface RunReport extends Ends, Partial<SyncReport> {
	/** One sentence about the run, to be sent to somebody; in English and Chinese. */
	Summary: string;
	SummaryZh: string;
	Health: Health;
	/** Of the customers that were accepted in this run. */
	Devices: number;
	Rows: number;
	InvalidRows: number;
	Requests: number;
	Retries: number;
	DurationMs: number;
	/** Which version of the package ran, e.g. `0.1.0`. */
	PackageVersion: string;
	/** The first hundred. */
	Failures: NamedFailure[];
}

/** Sums up a run. */
export function reportRun(result: RunResult): RunReport {
	const { calls, withheld, rowCount, durationMs } = result;
	const accepted = calls.filter(({ fate }) => outcomeOf(fate)?.outcome === 'OK');
	const facts = {
		Health: healthOf(result),
		...reportSync(result),
		...countEnds(result),
		Devices: accepted.reduce((sum, { call }) => sum + (call.customer?.devices.length ?? 0), 0),
		Rows: rowCount,
		InvalidRows: countInvalidRows(withheld),
		Requests: countRequests(result),
		Retries: countRetries(result),
		DurationMs: Math.round(durationMs),
		PackageVersion,
		Failures: nameFailures(result).slice(0, MOST_FAILURES),
	};
	const failed = new Set(withheld.map(({ customerId }) => customerId));
	for (const { call, fate } of calls) if (failureOf(fate) !== undefined) failed.add(call.customer?.id);
	for (const known of [undefined, ...newlyFailed(result)]) failed.delete(known);
	return { ...summarize(facts, failed.size, reasonOf(result), result.sync?.notKept), ...facts };
}

function reportSync(result: RunResult): SyncReport | undefined {
	const { sync } = result;
	if (sync === undefined) return undefined;
	const { gone, lastMinute, minute, state } = sync;
	const [newly, well, bare] = [newlyFailed(result), recovered(result), [...sync.bare]];
	return {
		HealthChanged: hasNews(result),
		NewlyFailed: newly.length,
		NewlyFailedIds: newly.slice(0, MOST_NAMED),
		Recovered: well.length,
		RecoveredIds: well.slice(0, MOST_NAMED),
		NoLongerWithDevices: bare.length,
		NoLongerWithDevicesIds: bare.slice(0, MOST_NAMED),
		...(gone !== undefined && { Gone: gone }),
		...(lastMinute !== undefined && { DaysSinceLastRun: Math.round((minute - lastMinute) / 144) / 10 }),
		State: state,
		StateKept: sync.notKept === undefined,
		...countVerdicts(result),
	};
}

/** One failure, without what only its own item says. */
interface NamedFailure {
	CustomerId?: string;
	outcome: Failure['outcome'];
	code: string;
	message: string;
	advice: string;
	/** Of a run that a safety check stopped: what 'Approved Plan' takes. */
	planId?: string;
	/** Counted from 1. */
	rows: number[];
}

/** A reason of the whole run stands once, and first. */
function nameFailures(result: RunResult): NamedFailure[] {
	const { calls, withheld, blocked } = result;
	const ofRun = new Map<string, NamedFailure>();
	const ofCustomers: NamedFailure[] = [];
	const stop = stopOf(result);
	// A stop for rows is named with them.
	if (blocked?.scope === 'run') ofRun.set(blocked.code, nameFailure(blocked, undefined, []));
	else if (stop !== undefined && stop !== blocked) ofRun.set(stop.code, nameEnd(stop));
	const attempted = calls.filter(({ fate }) => isTried(fate));
	for (const { call, fate } of [...attempted, ...calls.filter(({ fate }) => !isTried(fate))]) {
		const failure = failureOf(fate);
		if (failure === undefined || failure === blocked) continue;
		// What was not attempted has the reason of what was.
		if (failure.scope === 'run' && ofRun.size > 0 && !isTried(fate)) continue;
		const named = nameFailure(failure, call.customer?.id, call.itemIndexes);
		if (failure.scope === 'call') ofCustomers.push(named);
		else if (failure.endedBy?.scope === 'run') ofRun.set(failure.endedBy.code, nameEnd(failure.endedBy));
		else if (!ofRun.has(failure.code)) ofRun.set(failure.code, nameFailure(failure, undefined, []));
	}
	for (const { findings, refusal, customerId, itemIndexes } of withheld) {
		ofCustomers.push(nameFailure(withheldFor(findings, refusal), customerId, itemIndexes));
	}
	return [...ofRun.values(), ...ofCustomers];
}

/** Why no further request was started. */
function nameEnd(failure: Failure): NamedFailure {
	return {
		...nameFailure(failure, undefined, []),
		message: shownText(`${failure.reason} Nothing more was sent.`),
	};
}

function nameFailure(
	failure: Failure,
	customerId: string | undefined,
	itemIndexes: readonly number[],
): NamedFailure {
	const { outcome, code, advice, planId } = failure;
	const rows = itemIndexes.map(rowNumber);
	const named = customerId !== undefined && { CustomerId: customerId };
	const plan = planId !== undefined && { planId };
	const texts = { message: shownText(describe(failure)), advice: shownText(advice) };
	return { ...named, outcome, code, ...texts, ...plan, rows };
}

type Facts = Omit<RunReport, 'Summary' | 'SummaryZh'>;

/** The most customers that a sentence names. */
const MOST_IN_SENTENCE = 3;

const HEALTH_ZH: Readonly<Record<Facts['Health'], string>> = {
	ok: '正常',
	degraded: '部分异常',
	failing: '失败',
};

/**
 * One sentence about a run, in each language: "Sync is degraded: 100 customers newly failed ('c1', 'c2', 'c3' and others);
 * 2 others failed; 202 of 304 customers are up to date, 40 pushed now."
 * @param others how many customers failed that have not newly failed
 * @param reason why the whole run failed, or why nothing more was sent
 * @param notKept why the next run will not know
 */
function summarize(
	facts: Facts,
	others: number,
	reason: Failure | undefined,
	notKept: NotKept | undefined,
): Pick<RunReport, 'Summary' | 'SummaryZh'> {
	const { Health, Pushed, Due, Unchanged, Postponed, InvalidRows, Gone = 0 } = facts;
	const { NewlyFailed: newly = 0, Recovered: recovered = 0, NoLongerWithDevices: bare = 0 } = facts;
	const unkept = notKept && describeNotKept(notKept);
	const isBlocked = reason !== undefined && Pushed + Due + Unchanged === 0;
	const clauses: Array<[isSaid: boolean, english: string, chinese: string]> = [
		[
			reason !== undefined,
			joinSentences([reason?.reason ?? '']),
			`${Pushed + Due === 0 ? '未推送任何客户' : '中途停止'}，原因：${reasonInChinese(reason)}`,
		],
		[
			newly > 0,
			`${counted(newly, 'customer')} newly failed${describeNamed(newly, facts.NewlyFailedIds, ENGLISH)}`,
			`${newly} 个客户本次开始失败${describeNamed(newly, facts.NewlyFailedIds, CHINESE)}`,
		],
		[
			others > 0 && !isBlocked,
			newly > 0 ? `${counted(others, 'other')} failed` : `${counted(others, 'customer')} failed`,
			newly > 0 ? `另有 ${others} 个客户失败` : `${others} 个客户失败`,
		],
		[
			recovered > 0,
			`${counted(recovered, 'customer')} recovered${describeNamed(recovered, facts.RecoveredIds, ENGLISH)}`,
			`${recovered} 个客户已恢复${describeNamed(recovered, facts.RecoveredIds, CHINESE)}`,
		],
		[!isBlocked, ...describeDone(facts)],
		[
			Postponed > 0,
			`${counted(Postponed, 'customer')} left for the next run`,
			`${Postponed} 个客户留待下次运行`,
		],
		[InvalidRows > 0, `${counted(InvalidRows, 'row')} invalid`, `${InvalidRows} 行数据无效`],
		[unkept !== undefined, unkept?.english ?? '', unkept?.chinese ?? ''],
		[
			bare > 0,
			`${counted(bare, 'customer')} no longer with devices${describeNamed(bare, facts.NoLongerWithDevicesIds, ENGLISH)}; Tencent keeps them`,
			`${bare} 个客户已没有设备${describeNamed(bare, facts.NoLongerWithDevicesIds, CHINESE)}，其设备在腾讯侧仍然保留`,
		],
		[Gone > 0, describeGone(Gone), `${Gone} 个客户已不在数据中，其设备在腾讯侧仍然保留`],
	];
	const said = clauses.filter(([isSaid]) => isSaid);
	const { english, chinese } = codeBeside(reason);
	const operation = facts.State === undefined ? 'Push' : 'Sync';
	return {
		Summary: shownText(
			`${operation} is ${Health}${english}: ${said.map(([, clause]) => clause).join('; ')}.`,
		),
		SummaryZh: shownText(
			`${operation} ${HEALTH_ZH[Health]}${chinese}：${said.map(([, , clause]) => clause).join('；')}。`,
		),
	};
}

/** How many customers are as the rows say. */
function describeDone(facts: Facts): [english: string, chinese: string] {
	const { State, Pushed, Due, Unchanged, WithoutDevice } = facts;
	const Total = facts.Customers - WithoutDevice;
	const [pushed, done] = [Pushed + Due, Pushed + Due + Unchanged];
	const customers = counted(Total, 'customer');
	if (State === undefined)
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

function describeNamed(count: number, customerIds: readonly string[] = [], style: Style): string {
	const ids = customerIds.slice(0, MOST_IN_SENTENCE).map(style.quote).join(style.separator);
	return count > MOST_IN_SENTENCE ? style.first(ids) : style.all(ids);
}

const REASON_ZH: Readonly<Record<string, string>> = {
	ALREADY_RUNNING: '该节点的另一次运行尚未结束',
	CANCELLED: '执行已被取消',
	CIRCUIT_BREAKER: '最近的请求大多未成功',
	COLUMN_NOT_FOUND: '找不到所映射的列',
	CREDENTIAL_INCOMPLETE: '凭证未填写完整',
	CREDENTIAL_MISSING: '没有可用的凭证',
	DRY_RUN: 'Dry Run 已开启，不会推送任何数据',
	EARLIER_RUNS_UNKNOWN: '本次执行中该节点此前的运行没有留下记录',
	INVALID_OPTION: '节点的某个选项的值不可用',
	INVALID_ROWS: '存在无效的数据行',
	NO_RESPONSE: '最初的几个请求均未得到明确的响应',
	NO_ROWS: '数据源没有给出任何数据行',
	OTHER_SET_EARLIER: '本次执行中该节点此前的运行同步了其他客户',
	STATE_NOT_USABLE: 'n8n 的数据库没有及时响应，或 n8n 过于繁忙',
	TAKEN_OVER: '另一次运行已接管',
};

const AUTH_FAILURE_ZH: Readonly<Record<NonNullable<Failure['authFailure']>, string>> = {
	signature: '签名未通过验证，请检查凭证中的 App Key 和 App Secret',
	timestamp: '时间戳未通过验证，请检查服务器时间',
	appKey: 'App Key 未通过验证，请检查凭证',
};

/** Why a whole run failed, in Chinese: "找不到所映射的列"; of another code the code itself. */
function reasonInChinese(reason: Failure | undefined): string {
	if (reason === undefined) return '';
	const { authFailure, code, chinese = REASON_ZH[code] ?? code } = reason;
	return authFailure === undefined ? chinese : AUTH_FAILURE_ZH[authFailure];
}
