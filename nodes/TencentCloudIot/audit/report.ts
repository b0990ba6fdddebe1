import { counted, listed } from '../messages/words';
import type { AuditResult } from './audit';
import {
	countOf,
	idsOf,
	KINDS,
	subjectOf,
	textsOf,
	type AuditCode,
	type AuditFinding,
	type Text,
} from './findings';
import type { AuditRows } from './rows';

type Json = Record<string, object | string | number | boolean | undefined>;

/** An output item, and the rows that it is linked to. */
type AuditOutput = { json: Json; itemIndexes: readonly number[] };

/** The output items of an audit: a report of the run and its findings as texts, one for each row, or one for each finding. */
export function auditItems(
	rows: AuditRows,
	result: AuditResult,
	run: { itemPer: 'request' | 'row' | 'run'; itemIndexes: readonly number[]; requests: number },
): AuditOutput[] {
	if (run.itemPer === 'row') return rowItems(rows, result);
	const items = result.findings.map((found) => {
		const Rows = found.itemIndexes.map((itemIndex) => rows.numberOf(itemIndex));
		return { json: { ...findingJson(found), Rows }, itemIndexes: found.itemIndexes };
	});
	if (run.itemPer === 'request') return items;
	const records = result.findings.map((found, index) => ({ ...items[index]!.json, ...recordOf(found) }));
	const report = { json: auditReport(rows, result, run.requests), itemIndexes: run.itemIndexes };
	return [report, ...recordItems([...records, ...rows.unused.named])];
}

/** A finding, with the same members in each. */
function findingJson(found: AuditFinding): Json {
	const { label, message, advice } = textsOf(found);
	const texts = { Message: message[0], MessageZh: message[1], Advice: advice[0], AdviceZh: advice[1] };
	return { Code: found.code, Label: label[0], LabelZh: label[1], ...idsOf(found), ...texts };
}

/** What who keeps findings needs of one: what it is called in each audit, and whether it is one for sure. */
function recordOf(found: AuditFinding): Json {
	const { code, OrderNo, CustomerId, isUnsure = false } = found;
	// That an OrderNo is unique is not documented.
	const Key = [code, ...(OrderNo === '' ? [] : [CustomerId]), subjectOf(found)].join(' ');
	return { Key, Unsure: isUnsure };
}

/** As many as an expression of n8n can take in one piece. */
const RECORDS_PER_ITEM = 1_000;

function recordItems(records: readonly Json[]): AuditOutput[] {
	return Array.from({ length: Math.ceil(records.length / RECORDS_PER_ITEM) }, (_, index) => {
		const some = records.slice(index * RECORDS_PER_ITEM, (index + 1) * RECORDS_PER_ITEM);
		return { json: { Records: JSON.stringify(some) }, itemIndexes: [] };
	});
}

/** After these it is not known that Tencent has what a row names. */
const UNKNOWN = [
	'DEVICE_UNKNOWN',
	'CUSTOMER_UNKNOWN',
	'PRODUCT_NOT_READABLE',
	'LIST_INCOMPLETE',
	'LIST_NOT_CHOSEN',
];

const isUnknown = (one: Json | undefined) => UNKNOWN.includes(String(one?.Code));

const NOT_CHOSEN: Json = {
	Code: 'LIST_NOT_CHOSEN',
	Message: "It is not known whether Tencent has customer and device: 'Compare' leaves out a list.",
	MessageZh: '无法确认腾讯云有该客户和设备：Compare 未选择某个列表。',
	Advice: "Add 'Customers' and 'Devices' to 'Compare'",
	AdviceZh: '在 Compare 中选择 Customers 和 Devices',
	Nearest: '',
};

/**
 * An item for each row: `KNOWN`, a finding that leaves it known, or an error. One row that is not known makes errors of all
 * rows of its customer, so that full sets go on to a push.
 */
function rowItems({ customers, withoutDevice }: AuditRows, { findings, lists }: AuditResult): AuditOutput[] {
	const ofRow = new Map<number, Json>();
	const jsons = findings.map((found) => [findingJson(found), found.itemIndexes] as const);
	for (const [json, itemIndexes] of jsons.sort(([a], [b]) => Number(isUnknown(a)) - Number(isUnknown(b))))
		for (const itemIndex of itemIndexes) ofRow.set(itemIndex, json);
	const ofAll = jsons.find(([{ Code, List }]) => Code === 'LIST_INCOMPLETE' && List === 'Customers')?.[0];
	const isChosen = (list: string) =>
		lists.some(({ member, size }) => member === list && size !== 'notChosen');
	const outputs = [...customers].flatMap(([id, itemIndexes]) => {
		const isCompared = isChosen('Customers') && (withoutDevice.has(id) || isChosen('Devices'));
		const ofOther = itemIndexes.map((itemIndex) => ofRow.get(itemIndex)).find(isUnknown);
		const shared = ofOther ?? ofAll ?? (isCompared ? undefined : NOT_CHOSEN);
		return itemIndexes.map((itemIndex) => {
			const own = ofRow.get(itemIndex);
			const found = isUnknown(own) ? own : (shared ?? own);
			const isOfOther = found !== own && found === ofOther;
			return { json: rowJson(found, isOfOther), itemIndexes: [itemIndex], isOfOther };
		});
	});
	// A message names the first: one that says what is unknown.
	return outputs.sort((a, b) => Number(a.isOfOther) - Number(b.isOfOther));
}

const WAITS: Text = ['It waits for what is unknown of its customer. ', '等待同一客户未知的内容。'];

function rowJson(found: Json | undefined, isOfOther: boolean): Json {
	const { Code = 'KNOWN', Message = '', MessageZh = '', Advice, AdviceZh, Nearest } = found ?? {};
	if (!isUnknown(found)) return { Status: Code, Message, MessageZh };
	const [waits, waitsZh] = isOfOther ? WAITS : ['', ''];
	const texts = { message: `${waits}${String(Message)}`, messageZh: `${waitsZh}${String(MessageZh)}` };
	return {
		error: { ...texts, code: Code, Status: Code, Nearest, attempts: 0, advice: Advice, adviceZh: AdviceZh },
	};
}

/** The most ids of a kind that a report names, and a sentence. */
const MOST_NAMED = 10;
const MOST_IN_SENTENCE = 3;

/** The one item of a run: what was found, and how much was compared. */
function auditReport(rows: AuditRows, result: AuditResult, requests: number): Json {
	const [Summary, SummaryZh] = describeAudit(rows, result, MOST_IN_SENTENCE);
	const none = Object.fromEntries(Object.keys(KINDS).map((code) => [code, { Count: 0, First: [] }]));
	const { Compared, NotCompared } = coverageOf(rows, result);
	return {
		Summary: `${Summary}.`,
		SummaryZh: `${SummaryZh}。`,
		Complete: isComplete(NotCompared),
		Findings: { Total: result.findings.length, ...none, ...Object.fromEntries(kindsOf(result)) },
		Compared,
		NotCompared,
		Lists: result.lists.flatMap(({ name, size }) =>
			typeof size === 'number' ? { List: name, Entries: size } : [],
		),
		// Of these lists no earlier finding is over because this audit has it not.
		StaysOpen: [...NotCompared.ListsNotChosen, ...NotCompared.ListsNotRead, ...listsOf(rows)],
		Requests: requests,
	};
}

/** The lists that rows may be about which are compared with none. */
function listsOf({
	unused: { products: unread, hideCustomers, hideDevices },
	products,
}: AuditRows): string[] {
	const ofAny = hideCustomers ? ['Customers', 'Orders', ...(hideDevices ? ['Devices'] : [])] : [];
	const others = [...unread.keys()].filter((productId) => !products.has(productId));
	return [...ofAny, ...others.map((productId) => `Devices ${productId}`)];
}

/** How much was compared with lists that were read to their end, and what was not. */
function coverageOf({ customers, products, unused }: AuditRows, { lists, phones }: AuditResult) {
	const ofSize = (is: (size: unknown) => boolean) =>
		lists.filter(({ size }) => is(size)).map(({ name }) => name);
	const read = new Set(ofSize((size) => typeof size === 'number'));
	const devices = [...products].map(([productId, names]) =>
		read.has(`Devices ${productId}`) ? names.size : 0,
	);
	return {
		Compared: {
			Customers: read.has('Customers') ? customers.size : 0,
			Devices: devices.reduce((sum, count) => sum + count, 0),
			PhoneNumbers: phones,
			CustomersByOrders: read.has('Orders') ? customers.size : 0,
		},
		NotCompared: {
			UnusedRows: unused.count,
			ListsNotChosen: ofSize((size) => size === 'notChosen'),
			ListsNotRead: ofSize((size) => size === 'notRead'),
		},
	};
}

type Coverage = ReturnType<typeof coverageOf>;

function isComplete({ UnusedRows, ListsNotChosen, ListsNotRead }: Coverage['NotCompared']): boolean {
	return UnusedRows + ListsNotChosen.length + ListsNotRead.length === 0;
}

/** "Audit: 2 devices unknown to Tencent ('P/a', 'P/b'); …", naming so many of each kind; a hint names none. */
export function describeAudit(rows: AuditRows, result: AuditResult, named = 0): Text {
	const found = kindsOf(result).map(([code, { Count, First }]): Text => {
		const ids = First.slice(0, named);
		const [english, chinese] = countOf(code, Count);
		const [more, moreZh] = Count > named ? [' and others', ' 等'] : ['', ''];
		const quoted = ids.map((id) => `'${id}'`).join(', ');
		return named === 0
			? [english, chinese]
			: [`${english} (${quoted}${more})`, `${chinese}（${ids.join('、')}${moreZh}）`];
	});
	const { Compared, NotCompared } = coverageOf(rows, result);
	const none = isComplete(NotCompared) ? NO_DIFFERENCES : NONE_IN_COMPARED;
	const clauses = [...(found.length > 0 ? found : [none]), ...coverageTexts(Compared, NotCompared)];
	return [
		`Audit: ${clauses.map(([english]) => english).join('; ')}. ${NOT_PROVEN[0]}`,
		`核对结果：${clauses.map(([, chinese]) => chinese).join('；')}。${NOT_PROVEN[1]}`,
	];
}

const NO_DIFFERENCES: Text = ['no differences', '未发现差异'];
const NONE_IN_COMPARED: Text = ['no differences in what was compared', '已核对的内容未发现差异'];

/** The service has no Action that reads bindings (product 1465, pages 59062–59079). */
const NOT_PROVEN: Text = [
	'Bindings themselves cannot be read: a device that Tencent has need not be bound',
	'绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
];

/** How much was compared, and what was not; lists that could not be read are findings. */
function coverageTexts(
	{ Customers, Devices, PhoneNumbers, CustomersByOrders }: Coverage['Compared'],
	{ UnusedRows, ListsNotChosen }: Coverage['NotCompared'],
): Text[] {
	const compared: Array<readonly [count: number, ...Text]> = [
		[Customers, counted(Customers, 'customer'), `${Customers} 个客户`],
		[Devices, counted(Devices, 'device'), `${Devices} 台设备`],
		[PhoneNumbers, counted(PhoneNumbers, 'phone number'), `${PhoneNumbers} 个电话号码`],
		[
			CustomersByOrders,
			`the orders of ${counted(CustomersByOrders, 'customer')}`,
			`${CustomersByOrders} 个客户的订单`,
		],
	];
	const not: typeof compared = [
		[UnusedRows, counted(UnusedRows, 'unused row'), `${UnusedRows} 行未使用的数据`],
		...ListsNotChosen.map((list) => [1, `${list} (not chosen)`, `${list}（未选择）`] as const),
	];
	const some = (parts: typeof compared): Text => {
		const shown = parts.filter(([count]) => count > 0);
		return [listed(shown.map(([, english]) => english)), shown.map(([, , chinese]) => chinese).join('、')];
	};
	const [[is, isZh], [isNot, isNotZh]] = [some(compared), some(not)];
	return [
		is === '' ? ['nothing was compared', '未核对任何内容'] : [`${is} compared`, `共核对 ${isZh}`],
		...(isNot === '' ? [] : [[`not compared: ${isNot}`, `未核对：${isNotZh}`] as const]),
	];
}

/** What was found of each kind of which something was. */
function kindsOf({ findings }: AuditResult): Array<[AuditCode, { Count: number; First: string[] }]> {
	return (Object.keys(KINDS) as AuditCode[]).flatMap((code) => {
		const own = findings.filter((one) => one.code === code);
		return own.length > 0
			? [[code, { Count: own.length, First: own.slice(0, MOST_NAMED).map(subjectOf) }]]
			: [];
	});
}
