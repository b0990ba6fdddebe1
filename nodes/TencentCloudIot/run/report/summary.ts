import { SIGNATURE_SCHEME_NAMES } from '../../../../credentials/signatureSchemeNames';
import { namedRows, rowNumber } from '../../input/finding';
import type { Operation } from '../../operation';
import { adviceInChinese, reasonInChinese } from '../../service/chinese';
import { outcomeOf } from '../../service/fate';
import { inHint, type Failure } from '../../service/outcome';
import { SIGNATURE_SCHEMES } from '../../service/signing/signature';
import { counted, countedOf, joinSentences } from '../../service/words';
import { type Health, TIME_OVER, type NotKept, stopOver } from '../../sync/health';
import type { SyncFacts } from '../../sync/session';
import { bringsSets, type EndedRun, type Tally, withheldFor } from '../result';

/**
 * n8n keeps all rows of a run as items: about a million fit into a GB of its heap, and two million end its process (measured
 * in n8n 2.41.1). Half of what fits leaves room for the other runs.
 */
const MANY_ROWS = 500_000;

/** The most customers that a sentence names. */
const MOST_NAMED = 3;

/** A part of a sentence about a run. */
interface Clause {
	english: string;
	chinese: string;
	/** What is said instead where customers may be named, with words of the rows and of the service. */
	named?: Partial<Record<Language, string>>;
	/** What a hint says instead: its reader has the node open. */
	hint?: string;
	/** Customers who are named behind it there. */
	ids?: readonly string[];
}

type Language = 'english' | 'chinese';

/** What a run came to: headline, details, what to do. Whatever reports a run is made of these. */
interface Sentences {
	/** Why the whole run failed; empty where it did not. */
	headline: Clause[];
	details: Clause[];
	/** What to do; empty for nothing. */
	advice: Clause[];
}

type Known = Pick<Operation<unknown>, 'countDone' | 'customers'>;

/**
 * The execution hint above the output: "35 of 37 customers, 120 devices pushed; 2 refused; row 3: 'DeviceId' is empty. Correct
 * 'DeviceId' and try again". It names rows and no customers.
 * @param outputs how many output items show what was done
 */
export function executionHint(operation: Known, run: EndedRun, outputs: number): string {
	const { headline, details, advice } = sentencesOf(run, doneBy(operation, run, outputs));
	const english = (clauses: readonly Clause[]) => clauses.map(({ english, hint }) => hint ?? english);
	const remarks = [...(run.remarks ?? []), ...describeManyRows(operation, run)];
	const all = [...english(details), ...remarks].join('; ');
	return joinSentences([...english(headline), all, ...english(advice)]);
}

const HEALTH_ZH: Readonly<Record<Health, string>> = { ok: '正常', degraded: '部分异常', failing: '失败' };

/** A message about a run: what it came to, and what to do; each empty where there is nothing to say. */
type Said = Record<'state' | 'advice', string>;

/** What is to be said of a run. */
interface Saying {
	/** Whether customers are named. */
	isNaming: boolean;
	/** The workflow's, by its IANA name. */
	timezone: string;
	/** Whether what failed is said elsewhere. */
	isWithoutCauses?: boolean;
}

/** The same for a message, in each language; a hint never names customers, since redaction leaves it. */
export function sayRun(operation: Known, run: EndedRun, saying: Saying): Record<Language, Said> {
	const { health, reason } = run.tally;
	const { headline, details, advice } = sentencesOf(run, doneBy(operation, run, 0), saying);
	const [code, kind] = [reason?.code ?? '', run.sync === undefined ? 'Push' : 'Sync'];
	const inWords = (language: Language, style: Style) => (clauses: readonly Clause[]) =>
		clauses.map((clause) => {
			if (!saying.isNaming) return clause[language];
			return `${clause.named?.[language] ?? clause[language]}${namesOf(clause.ids, style)}`;
		});
	const english = inWords('english', ENGLISH);
	const chinese = inWords('chinese', CHINESE);
	const why = english(headline);
	const isNamed = code === '' || why[0]!.includes(code);
	const whole = [chinese(headline), chinese(details)].map((some) => some.join('；'));
	return {
		english: {
			state: `${kind} is ${health}${isNamed ? '' : ` (${code})`}: ${joinSentences([...why, english(details).join('; ')])}.`,
			advice: inSentences(joinSentences(english(advice)), '.'),
		},
		chinese: {
			state: `${kind} ${HEALTH_ZH[health]}${code === '' ? '' : `（${code}）`}：${whole.filter((text) => text !== '').join('。')}。`,
			advice: inSentences(chinese(advice).join('。'), '。'),
		},
	};
}

function inSentences(text: string, period: string): string {
	return text === '' ? '' : text + period;
}

function sentencesOf(
	run: EndedRun,
	done: readonly Clause[],
	{ isWithoutCauses, timezone = 'UTC' }: Partial<Saying> = {},
): Sentences {
	const causes = isWithoutCauses === true ? [] : causesToSay(run);
	return {
		headline: headlineOf(run),
		details: detailsOf(run, done, causes, timezone),
		advice: adviceOn(run),
	};
}

/** These only say that many failed: what failed most often says why. */
const OF_MANY = new Set(['NO_RESPONSE', 'CIRCUIT_BREAKER']);

/** Why many failed, where the reason of the run is only that they did. */
export function causeBehind({ tally: { reason, causes } }: EndedRun): Tally['causes'][number] | undefined {
	return reason !== undefined && OF_MANY.has(reason.code) ? causes[0] : undefined;
}

function headlineOf(run: EndedRun): Clause[] {
	const { reason } = run.tally;
	if (reason === undefined) return [];
	const behind = causeBehind(run);
	const why = {
		english: inHint(reason).reason,
		named: { english: reason.reason },
		chinese: reasonInChinese(reason),
	};
	const isUnsent = run.blocked !== undefined && reason.code !== 'DRY_RUN';
	return [
		...(behind === undefined ? [] : [clauseOf(behind)]),
		why,
		...(isUnsent ? [{ english: 'Nothing was sent', chinese: '未发送任何内容' }] : []),
	];
}

/** A summary may have what the service says. */
function clauseOf({ english, chinese, failure }: Tally['causes'][number]): Clause {
	if (failure.isFromService !== true) return { english, chinese };
	return { english, chinese, named: { english: failure.reason, chinese: reasonInChinese(failure, true) } };
}

function causesToSay({ tally: { reason, causes }, blocked }: EndedRun): Clause[] {
	return reason === undefined || blocked !== undefined ? describeCauses(causes) : [];
}

function detailsOf(
	run: EndedRun,
	done: readonly Clause[],
	causes: readonly Clause[],
	timezone: string,
): Clause[] {
	const { tally, sync, calls, blocked, clockOffsetMs } = run;
	const { counts, newly, recovered, others, reason, retries } = tally;
	const earlier = calls.filter(
		({ fate }) => fate.kind === 'earlierAttempt' && outcomeOf(fate)?.outcome === 'OK',
	);
	const isWhole = blocked !== undefined && counts.Pushed + counts.Due + counts.Unchanged === 0;
	const isNew = newly.length > 0;
	return [
		...describeStopOver(run, timezone),
		...of(
			newly.length,
			`${counted(newly.length, 'customer')} newly failed`,
			`${newly.length} 个客户本次开始失败`,
			newly,
		),
		...(sync !== undefined && reason === undefined
			? of(
					others,
					isNew ? `${counted(others, 'other')} failed` : `${counted(others, 'customer')} still failed`,
					isNew ? `另有 ${others} 个客户失败` : `${others} 个客户仍然失败`,
				)
			: []),
		...(isWhole ? [] : done),
		...(isWhole
			? []
			: [
					...some(counts.Refused, 'refused', '个被拒绝'),
					...some(
						counts.Unclear,
						'unclear',
						'个结果不明（腾讯云可能已应用）',
						'unclear (Tencent may or may not have applied them)',
					),
					...some(counts.NotSent, 'not sent', '个未发送'),
				]),
		...describePostponed(run),
		...withheldClauses(tally),
		...causes,
		...of(
			recovered.length,
			`${counted(recovered.length, 'customer')} recovered`,
			`${recovered.length} 个客户已恢复`,
			recovered,
		),
		...(sync === undefined ? [] : describeSync(sync, blocked !== undefined)),
		...describeSetUp(run),
		...some(earlier.length, 'already done in an earlier attempt', '个在此前的尝试中已完成'),
		...some(retries, retries === 1 ? 'retry' : 'retries', '次重试'),
		...adviseScheme(run),
		...of(
			Math.abs(clockOffsetMs),
			`this server's clock is ${Math.abs(Math.round(clockOffsetMs / 1000))} seconds off`,
			`本机时钟相差 ${Math.abs(Math.round(clockOffsetMs / 1000))} 秒`,
		),
	];
}

function of(count: number, english: string, chinese: string, ids?: readonly string[]): Clause[] {
	return count > 0 ? [{ english, chinese, ...(ids && { ids }) }] : [];
}

function some(count: number, english: string, chinese: string, named = english): Clause[] {
	const number = count.toLocaleString('en-US');
	return of(count, `${number} ${english}`, `${count} ${chinese}`).map((clause) => {
		return { ...clause, named: { english: `${number} ${named}` } };
	});
}

function withheldClauses({ invalidRows, refusals }: Pick<Tally, 'invalidRows' | 'refusals'>): Clause[] {
	return [
		...of(invalidRows, `${counted(invalidRows, 'row')} invalid`, `${invalidRows} 行数据无效`),
		...some(
			refusals.OTHER_SET_EARLIER,
			'given to an earlier run with other devices',
			'个在本次执行中已以其他设备推送',
		),
		...some(refusals.NOT_ALLOWED, "refused by 'Allowed Actions'", '个被凭证的 Allowed Actions 拒绝'),
	];
}

/** What was withheld: "2 rows invalid". */
export function describeWithheld(tally: Pick<Tally, 'invalidRows' | 'refusals'>): string[] {
	return withheldClauses(tally).map(({ english }) => english);
}

/** Each number above 0 with its words: "2 refused", "1 unclear". */
export function describeCounts(counts: ReadonlyArray<readonly [number, string]>): string[] {
	return counts.flatMap(([count, what]) => some(count, what, '').map(({ english }) => english));
}

/** How many customers are as the rows say now. */
function doneBySync({ counts, devices }: Tally): Clause[] {
	const { Pushed, Due, Unchanged, WithoutDevice } = counts;
	const total = counts.Customers - WithoutDevice;
	const [pushed, done] = [Pushed + Due, Pushed + Due + Unchanged];
	const customers = counted(total, 'customer');
	if (done === 0 && total > 0)
		return [{ english: `0 of ${customers} pushed`, chinese: `${total} 个客户均未推送` }];
	if (Unchanged === total && total > 0)
		return [
			{
				english: `0 of ${customers} needed a push, all are up to date`,
				chinese: `${total} 个客户均已是最新，无需推送`,
			},
		];
	return [
		{
			english: `${countedOf(done, total, 'customer')} ${done === 1 ? 'is' : 'are'} up to date, ${pushed.toLocaleString('en-US')} pushed now${pushed === 0 ? '' : ` (${counted(devices, 'device')})`}`,
			chinese: `${total} 个客户中 ${done} 个已是最新，本次推送 ${pushed} 个${pushed === 0 ? '' : `（${devices} 台设备）`}`,
		},
		...some(Due, 're-pushed on schedule', '个按计划重新推送'),
	];
}

/** What was done; in Chinese, as Push says it: the others have a hint alone. */
function doneBy(operation: Known, run: EndedRun, outputs: number): Clause[] {
	const { counts, units, devices } = run.tally;
	if (run.sync !== undefined) return doneBySync(run.tally);
	const done = run.calls.filter(({ fate }) => outcomeOf(fate)?.outcome === 'OK');
	const first = done[0] && outcomeOf(done[0].fate);
	const data = first?.outcome === 'OK' ? first.data : undefined;
	const calls = done.map(({ call }) => call);
	return [
		{
			english: operation.countDone(calls, units, outputs, data),
			chinese: `${units} 个客户中已推送 ${counts.Pushed} 个${counts.Pushed > 0 ? `，共 ${devices} 台设备` : ''}`,
		},
	];
}

function describePostponed({ tally: { counts }, endedEarly }: EndedRun): Clause[] {
	const { Postponed } = counts;
	if (Postponed === 0) return [];
	const isOver = endedEarly?.code === TIME_OVER;
	return [
		{
			english: `${counted(Postponed, 'customer')} left for the next run${isOver ? `: ${joinSentences([endedEarly.reason])}` : ''}`,
			chinese: `${Postponed} 个客户留待下次运行${isOver ? `：${reasonInChinese(endedEarly)}` : ''}`,
		},
	];
}

/** What failed most often, with its rows. */
function describeCauses(causes: Tally['causes']): Clause[] {
	return causes.slice(0, MOST_NAMED).map((cause) => {
		const { itemIndexes } = cause;
		const { english, chinese, named } = clauseOf(cause);
		const rows = itemIndexes.slice(0, MOST_NAMED).map(rowNumber).join('、');
		const more = itemIndexes.length > MOST_NAMED ? ` 等 ${itemIndexes.length} ` : ' ';
		const inEnglish = (what: string) => `${namedRows(itemIndexes)}: ${joinSentences([what])}`;
		const inChinese = (what: string) => `第 ${rows}${more}行：${what}`;
		return {
			english: inEnglish(english),
			chinese: inChinese(chinese),
			named: {
				english: inEnglish(named?.english ?? english),
				chinese: inChinese(named?.chinese ?? chinese),
			},
		};
	});
}

const WHY_EVERYBODY: Partial<
	Record<SyncFacts['state'], (why?: string) => [english: string, chinese: string]>
> = {
	empty: () => ['this is the first run of the node', '这是该节点的首次运行'],
	otherAccount: () => [
		'the last run had another App Key or endpoint',
		'上次运行使用另一个 App Key 或接口地址',
	],
	otherSecret: () => ['the App Secret has changed since the last run', 'App Secret 在上次运行之后已更换'],
	interrupted: () => ['the previous run was interrupted', '上次运行中断'],
	otherVersion: () => ['another version of this package left the sync state', '同步状态由另一版本写入'],
	none: (why) => [`there is no sync state because ${why}`, '没有同步状态'],
};

/** What is known of the runs before, and left to the next one. */
function describeSync({ state, whyNone, bare, gone = 0, notKept }: SyncFacts, isUnsent: boolean): Clause[] {
	const why = isUnsent ? undefined : WHY_EVERYBODY[state]?.(whyNone);
	return [
		...(why === undefined
			? []
			: [{ english: `${why[0]}, so every customer is sent`, chinese: `${why[1]}，因此须推送全部客户` }]),
		...(notKept === undefined ? [] : [describeNotKept(notKept)]),
		...(bare.size === 0
			? []
			: [
					{
						english: `${counted(bare.size, 'customer')} lost all devices in the rows; Tencent keeps them`,
						chinese: `${bare.size} 个客户已没有设备，其设备在腾讯侧仍然保留`,
						ids: [...bare],
					},
				]),
		...(gone === 0 ? [] : [describeGone(gone)]),
	];
}

/** The first message shows that messages arrive, and says which ones will. */
function describeSetUp({ sync, tally: { hasNews, counts } }: EndedRun): Clause[] {
	if (sync?.state !== 'empty' || !hasNews || counts.Pushed === 0) return [];
	return [
		{
			english:
				'from now on you hear of new failures and recoveries, of customers that are gone or lost their devices, and of runs that are stopped',
			chinese: '此后如有客户开始失败或恢复、离开或失去设备，或运行被停止，都会收到消息',
		},
	];
}

/** Who has a form of the stop need not answer it any more. */
function describeStopOver(run: EndedRun, timezone: string): Clause[] {
	const minute = stopOver(run);
	if (minute === undefined) return [];
	const format = {
		timeZone: timezone,
		month: '2-digit',
		day: '2-digit',
		hour: '2-digit',
		hourCycle: 'h23',
	} as const;
	const parts = new Intl.DateTimeFormat('en-US', format).formatToParts(minute * 60_000);
	const { month, day, hour } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
	const since = `${month}-${day} ${hour}:00`;
	return [
		{
			english: `the stop that was reported after ${since} is over: its form needs no answer`,
			chinese: `${since} 之后报告的停止已结束，其表单无需再答复`,
		},
	];
}

/** "the sync state could not be kept: n8n's database took 4.6 s, so the next run sends every customer". */
export function describeNotKept({ reason, isEmpty = false, tookMs }: NotKept): Clause {
	const seconds = (tookMs / 1000).toFixed(1);
	const [english, chinese] =
		reason === 'database'
			? [`n8n's database took ${seconds} s`, `n8n 的数据库耗时 ${seconds} 秒`]
			: ['another run of this node took over', '该节点的另一次运行已接管'];
	const [next, nextInChinese] = isEmpty
		? [
				'the next run waits for an approval unless the database is back soon',
				'除非数据库很快恢复，否则下次运行须经批准',
			]
		: ['the next run sends every customer', '下次运行会推送全部客户'];
	return {
		english: `the sync state could not be kept: ${english}, so ${next}`,
		chinese: `同步状态未能保存：${chinese}，${nextInChinese}`,
	};
}

/** "5 customers are no longer in the rows; Tencent keeps their devices". */
export function describeGone(count: number): Clause {
	return {
		english:
			count === 1
				? '1 customer is no longer in the rows; Tencent keeps its devices'
				: `${counted(count, 'customer')} are no longer in the rows; Tencent keeps their devices`,
		chinese: `${count} 个客户已不在数据中，其设备在腾讯侧仍然保留`,
	};
}

/** What spares the requests that only served to detect how to sign. */
function adviseScheme({ acceptedScheme, detectionRequests, isSchemeDetected }: EndedRun): Clause[] {
	// The first one is tried first in any case.
	const isFirst = acceptedScheme === SIGNATURE_SCHEMES[0];
	if (!isSchemeDetected || acceptedScheme === undefined || detectionRequests === 0 || isFirst) return [];
	const name = SIGNATURE_SCHEME_NAMES[acceptedScheme];
	return [
		{
			english: `set 'Nested Value Signing' in the credential to '${name}' to save requests in each run`,
			chinese: `在凭证中将 Nested Value Signing 设为 ${name}，每次运行可少发请求`,
		},
	];
}

/** What to do before the rows of a run are too many for n8n. */
function describeManyRows(operation: Known, { rowCount, sync }: EndedRun): string[] {
	if (rowCount <= MANY_ROWS) return [];
	const split = bringsSets(operation)
		? 'split them by customer into several runs'
		: 'split them into several runs';
	const advice = sync === undefined ? split : 'run copies of the workflow, each with a part of the customers';
	return [
		`n8n keeps all ${counted(rowCount, 'row')} on its heap, where a million take about 1 GB: ${advice}`,
	];
}

/** What goes away by itself, besides what a retry within the run may mend. */
const PASSING = new Set(['NO_RESPONSE', 'CIRCUIT_BREAKER', 'STATE_NOT_USABLE']);

function passes({ scope, retry, code }: Failure): boolean {
	return PASSING.has(code) || (scope === 'call' && retry !== 'never');
}

/** What to do; where a schedule does it, that nothing has to be done, and what to look at when it lasts. */
function adviceOn(run: EndedRun): Clause[] {
	const { sync, tally, withheld } = run;
	const { causes, reason } = tally;
	const cause = reason === undefined ? (causes.find((one) => !passes(one.failure)) ?? causes[0]) : undefined;
	const isOfRows = cause?.failure.code === 'INVALID_ROWS';
	const invalid = withheld.flatMap(({ findings, refusal }) => (refusal === undefined ? findings : []));
	const ofRows = isOfRows ? withheldFor(invalid, undefined) : undefined;
	const failure = causeBehind(run)?.failure ?? reason ?? ofRows ?? cause?.failure;
	if (failure === undefined) return [];
	const mends = failure.code === 'INVALID_ROWS' ? describeMendable(tally) : [];
	const english = inHint(failure).advice;
	// Who gets the message may approve the plan by a form: the option is for who has the node open.
	if (failure.planId !== undefined) {
		const { planId, correction } = failure;
		const [byId, byIdZh] = [`The plan ID is ${planId}`, `计划 ID：${planId}`];
		const { examples, advice } = correction ?? {};
		const inChinese = `${advice === undefined ? '' : `${advice.chinese}。`}${byIdZh}`;
		return [
			{
				english: joinSentences([advice?.english ?? '', byId]),
				chinese: inChinese,
				hint: english,
				named: {
					english: joinSentences([`${examples?.english ?? ''}${advice?.english ?? ''}`, byId]),
					chinese: `${examples?.chinese ?? ''}${inChinese}`,
				},
			},
		];
	}
	const chinese = adviceInChinese(failure);
	const isScheduled = sync !== undefined && !sync.isManual;
	if (!isScheduled || !passes(failure))
		return [{ english, named: { english: failure.advice }, chinese }, ...mends];
	const nothing = 'Nothing has to be done now: the next run sends the rest. If this lasts for an hour: ';
	// A schedule tries again by itself.
	const lasting = (advice: string) =>
		nothing + (/^Try again( later)?$/.test(advice) ? WHEN_IT_LASTS[0] : advice);
	return [
		{
			english: lasting(english),
			named: { english: lasting(failure.advice) },
			chinese: `暂无需处理：下次运行会推送其余客户。若持续一小时：${chinese === '重试' ? WHEN_IT_LASTS[1] : chinese}`,
		},
	];
}

const WHEN_IT_LASTS = [
	"Check this server's network and its proxy, and ask Tencent whether the service is down",
	'检查本机的网络和代理，并向腾讯云确认服务是否故障',
] as const;

/** "Row Handling can mend 7 of these 11 rows: Split, Digits Only". */
function describeMendable({ invalidRows, mendable: { rows, options } }: Tally): Clause[] {
	const isAll = rows === invalidRows;
	const [these, part] = isAll ? ['', ''] : [`${rows} of `, `中的 ${rows} 行`];
	const which = invalidRows === 1 ? 'this row' : `these ${counted(invalidRows, 'row')}`;
	return of(
		rows,
		`Row Handling can mend ${these}${which}: ${options.join(', ')}`,
		`Row Handling 可处理这 ${invalidRows} 行${part}：${options.join('、')}`,
	);
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

function namesOf(ids: readonly string[] = [], style: Style): string {
	if (ids.length === 0) return '';
	const first = ids.slice(0, MOST_NAMED).map(style.quote).join(style.separator);
	return ids.length > MOST_NAMED ? style.first(first) : style.all(first);
}
