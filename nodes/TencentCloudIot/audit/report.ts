import { counted } from '../service/words';
import { KINDS, type AuditCode, type AuditFinding, type AuditResult } from './audit';
import type { AuditRows } from './rows';

type Json = Record<string, object | string | number | boolean | undefined>;

/** An output item, and the rows that it is linked to. */
type AuditOutput = { json: Json; itemIndexes: readonly number[] };

/** What each of these members names, in two languages. */
const NOUNS = {
	ProductId: ['product', '个产品'],
	DeviceId: ['device', '台设备'],
	CustomerId: ['customer', '个客户'],
	OrderNo: ['order', '个订单'],
	List: ['list', '个列表'],
} as const;

const ADVICE: Readonly<Record<AuditCode, string>> = {
	DEVICE_UNKNOWN: "Correct 'DeviceId', or create the device in Tencent's console",
	PRODUCT_NOT_READABLE:
		"Correct the product in 'DeviceId', or link it to this application in Tencent's console",
	DEVICE_NEVER_ONLINE: 'Bring the device online, or correct the row if another one is installed',
	DEVICE_UNOWNED: 'Add it to the rows of its customer, unless it is in stock',
	CUSTOMER_UNKNOWN: "Create the customer, or correct 'CustomerId'",
	CUSTOMER_GONE: 'Check that the rows are complete. The API removes no customer: Tencent keeps its devices',
	PHONE_DIFFERS: 'Correct the number that is wrong',
	CUSTOMER_WITHOUT_ORDER: 'Create the order, if one is due',
	ORDER_WITHOUT_DEVICES: "Add the customer's devices to the rows and push them",
	LIST_INCOMPLETE: 'Run the audit again, at a time when less changes',
};

/** The output items of an audit: a report of the run, one for each row, or one for each finding. */
export function auditItems(
	rows: AuditRows,
	result: AuditResult,
	run: { itemPer: 'request' | 'row' | 'run'; itemIndexes: readonly number[]; requests: number },
): AuditOutput[] {
	if (run.itemPer === 'row') return rowItems(rows, result);
	if (run.itemPer === 'request') return findingItems(result);
	return [{ json: auditReport(rows, result, run.requests), itemIndexes: run.itemIndexes }];
}

/** After these it is not known that Tencent has what a row names. */
const UNKNOWN = ['DEVICE_UNKNOWN', 'CUSTOMER_UNKNOWN', 'PRODUCT_NOT_READABLE', 'LIST_INCOMPLETE'];

const isUnknown = (one: AuditFinding | undefined) => one !== undefined && UNKNOWN.includes(one.code);

/** An item for each finding, all with the same columns. */
function findingItems({ findings }: AuditResult): AuditOutput[] {
	return findings.map(({ code, message, itemIndexes, ...ids }) => {
		const Rows = itemIndexes.map((itemIndex) => itemIndex + 1);
		return { json: { Code: code, ...ids, Message: message, Advice: ADVICE[code], Rows }, itemIndexes };
	});
}

/**
 * An item for each row: `KNOWN`, a finding that leaves it known, or an error. One unknown row makes errors of all rows of its
 * customer, so that full sets go on to a push.
 */
function rowItems({ customers }: AuditRows, { findings }: AuditResult): AuditOutput[] {
	const ofRow = new Map<number, AuditFinding>();
	for (const one of [...findings].sort((a, b) => Number(isUnknown(a)) - Number(isUnknown(b)))) {
		for (const itemIndex of one.itemIndexes) ofRow.set(itemIndex, one);
	}
	const ofAll = findings.find(({ List }) => List === 'Customers');
	return [...customers.values()].flatMap((itemIndexes) => {
		const shared = itemIndexes.map((itemIndex) => ofRow.get(itemIndex)).find(isUnknown) ?? ofAll;
		return itemIndexes.map((itemIndex) => {
			const own = ofRow.get(itemIndex);
			const found = shared === undefined || isUnknown(own) ? own : shared;
			return { json: rowJson(found, found === own), itemIndexes: [itemIndex] };
		});
	});
}

function rowJson(found: AuditFinding | undefined, isOwn: boolean): Json {
	if (found === undefined) return { Status: 'KNOWN' };
	const { code, message, Nearest } = found;
	if (!isUnknown(found)) return { Status: code, Message: message };
	const text = isOwn ? message : `It waits for what is unknown of its customer. ${message}`;
	return { error: { message: text, code, Status: code, Nearest, attempts: 0, advice: ADVICE[code] } };
}

/** The most ids of a kind that a report names, and a sentence. */
const MOST_NAMED = 10;
const MOST_IN_SENTENCE = 3;

/** The service has no Action that reads bindings (product 1465, pages 59062–59079). */
const NOT_PROVEN = 'Bindings themselves cannot be read: a device that Tencent has need not be bound';
const NOT_PROVEN_ZH = '绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定';

/** The one item of a run, also in Chinese. */
function auditReport(rows: AuditRows, result: AuditResult, requests: number): Json {
	const kinds = kindsOf(result);
	const said = kinds.map(([code, { Count, First }]) => {
		const [subject, , what] = KINDS[code];
		const more = Count > MOST_IN_SENTENCE ? ' 等' : '';
		return `${Count} ${NOUNS[subject][1]}${what}（${First.slice(0, MOST_IN_SENTENCE).join('、')}${more}）`;
	});
	const { counts } = rows;
	const none = Object.fromEntries(Object.keys(KINDS).map((code) => [code, { Count: 0, First: [] }]));
	return {
		Summary: `${describeAudit(rows, result, MOST_IN_SENTENCE)}.`,
		SummaryZh: `核对结果：${said.join('；') || '未发现差异'}；共核对 ${counts.Customers} 个客户、${counts.Devices} 台设备。${NOT_PROVEN_ZH}。`,
		Complete: !kinds.some(([code]) => code === 'LIST_INCOMPLETE' || code === 'PRODUCT_NOT_READABLE'),
		Findings: { Total: result.findings.length, ...none, ...Object.fromEntries(kinds) },
		Compared: counts,
		// What was read to its end.
		Tencent: Object.fromEntries(Object.entries(result.totals).filter(([, total]) => !Number.isNaN(total))),
		Requests: requests,
	};
}

/** "Audit: 2 devices unknown to Tencent ('P/a', 'P/b'); …", naming so many of each kind; a hint names none. */
export function describeAudit({ counts }: AuditRows, result: AuditResult, named = 0): string {
	const said = kindsOf(result).map(([code, { Count, First }]) => {
		const [subject, what] = KINDS[code];
		const ids = First.slice(0, named).map((id) => `'${id}'`);
		const more = Count > named ? ' and others' : '';
		return `${counted(Count, NOUNS[subject][0])} ${what}${named > 0 ? ` (${ids.join(', ')}${more})` : ''}`;
	});
	const compared = `${counted(counts.Customers, 'customer')} and ${counted(counts.Devices, 'device')} compared`;
	return `Audit: ${[said.join('; ') || 'no differences', compared].join('; ')}. ${NOT_PROVEN}`;
}

/** What was found of each kind of which something was. */
function kindsOf({ findings }: AuditResult): Array<[AuditCode, { Count: number; First: string[] }]> {
	return (Object.keys(KINDS) as AuditCode[]).flatMap((code) => {
		const own = findings.filter((one) => one.code === code);
		const First = own.slice(0, MOST_NAMED).map((one) => one[KINDS[code][0]]);
		return own.length > 0 ? [[code, { Count: own.length, First }]] : [];
	});
}
