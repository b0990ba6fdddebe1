import { inBatches } from '../input/batches';
import { outcomeOf, requestIdsOf, type Delivered } from '../service/fate';
import { notSent, type Failure, type ResponseData } from '../service/outcome';
import { PAGE_SIZE, recordsIn } from '../service/paging';
import type { Parameters } from '../service/signing/signature';
import { maskPhones } from '../service/words';
import type { AuditRows } from './rows';

const NO_IDS = { ProductId: '', DeviceId: '', CustomerId: '', OrderNo: '', List: '', Nearest: '' };

/** What a finding is about. Ids that are not of its kind are empty; `Nearest` is the DeviceId that was probably meant. */
type Ids = typeof NO_IDS;

/** A difference between the rows and what Tencent lists. */
export interface AuditFinding extends Ids {
	code: AuditCode;
	message: string;
	/** The rows that it concerns; none where no row does, or all do. */
	itemIndexes: readonly number[];
}

function finding(
	code: AuditCode,
	ids: Partial<Ids>,
	message: string,
	itemIndexes: readonly number[] = [],
): AuditFinding {
	return { code, ...NO_IDS, ...ids, message, itemIndexes };
}

/** The kinds of findings in the order of a report: the member that names one, and what is said behind their number. */
export const KINDS = {
	DEVICE_UNKNOWN: ['DeviceId', 'unknown to Tencent', '在腾讯侧不存在'],
	PRODUCT_NOT_READABLE: ['ProductId', 'not readable', '无法读取'],
	DEVICE_NEVER_ONLINE: ['DeviceId', 'never activated', '从未激活'],
	DEVICE_UNOWNED: ['DeviceId', 'in no row', '不在数据中'],
	CUSTOMER_UNKNOWN: ['CustomerId', 'unknown to Tencent', '在腾讯侧不存在'],
	CUSTOMER_GONE: ['CustomerId', 'in no row', '不在数据中'],
	PHONE_DIFFERS: ['CustomerId', 'with another phone number', '电话号码不一致'],
	CUSTOMER_WITHOUT_ORDER: ['CustomerId', 'without an order', '没有订单'],
	ORDER_WITHOUT_DEVICES: ['OrderNo', 'without devices', '没有对应的设备'],
	LIST_INCOMPLETE: ['List', 'not read completely', '未能完整读取'],
} as const satisfies Record<string, readonly [keyof Ids, string, string]>;

export type AuditCode = keyof typeof KINDS;

/** How an audit requests its pages. */
interface AuditRequests {
	/** Sends the request of a page to its end. */
	send: (parameters: Parameters) => Promise<Delivered>;
	/** The most pages that are read at once. */
	concurrency: number;
	/** Whether the run's time is over, so that no further page is read. */
	isOver: () => boolean;
}

/** What an audit found. */
export interface AuditResult {
	/** In the order of their kinds. */
	findings: readonly AuditFinding[];
	/** How many entries Tencent lists: NaN where a list was not completely read, none where none was to be. */
	totals: Partial<Record<AuditList['member'], number>>;
}

const NO_TIME = notSent('TIME_OVER', "The time of 'Longest Run (Minutes)' was over.", '');

/**
 * Reads the lists, one after the other, and compares them with the rows: one call of many requests, none of which can write.
 * The `data` of its success has the member `audit`, an `AuditResult`. What fails the whole run leaves no finding.
 */
export async function audit(
	rows: AuditRows,
	compared: readonly string[],
	{ send, concurrency, isOver }: AuditRequests,
): Promise<Delivered> {
	const requestIds: string[] = [];
	let pages = 0;
	let failed: Failure | undefined;
	const readPage: ReadPage = async (parameters) => {
		if (isOver()) return { failure: NO_TIME };
		const delivered = await send(parameters);
		requestIds.push(...requestIdsOf(delivered));
		pages++;
		const outcome = outcomeOf(delivered)!;
		if (outcome.outcome === 'OK') return { data: outcome.data };
		if (outcome.scope === 'run') failed ??= outcome.endedBy ?? outcome;
		return { failure: outcome };
	};
	const findings: AuditFinding[] = [];
	const totals: AuditResult['totals'] = {};
	const unknown = new Set<string>();
	const ofDevices = [...rows.products.keys()].map((productId) => deviceList(rows, productId));
	// A list that every application has shows whether the key is right.
	const lists = [customerList(rows), orderList(rows, unknown), ...ofDevices];
	for (const list of lists.filter(({ member }) => compared.includes(member))) {
		const result = await readList(list, readPage, concurrency);
		for await (const one of findingsOf(list, result, rows)) {
			findings.push(one);
			if (one.code === 'CUSTOMER_UNKNOWN') unknown.add(one.CustomerId);
		}
		totals[list.member] = (totals[list.member] ?? 0) + (result.listed?.size ?? NaN);
	}
	const order = Object.keys(KINDS);
	findings.sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
	const data = { audit: { findings, totals } };
	const outcome = failed ?? { outcome: 'OK', data, requestId: requestIds.at(-1) };
	if (failed !== undefined && requestIds.length === 0) return { kind: 'notTried', why: failed, digest: '' };
	return { kind: 'answered', outcome, requestIds, pages, digest: '' };
}

/** What a list says, if it is complete; else that nothing is concluded from it, and why. */
function findingsOf(
	{ parameters, member, compare }: AuditList,
	{ listed, missing, failure }: ListResult,
	{ products }: AuditRows,
): AsyncIterable<AuditFinding> | Iterable<AuditFinding> {
	const { ProductId } = parameters;
	// Whether an empty list is that of a product which is not linked to the application is not documented.
	if (listed !== undefined && (ProductId === undefined || listed.size > 0)) return compare(listed, missing);
	const itemIndexes = [...new Set([...(products.get(ProductId ?? '')?.values() ?? [])].flat())];
	const isRefused = failure?.outcome === 'REFUSED' && failure.retry === 'never' && failure.isFromService;
	const nothing = 'Nothing is concluded from it.';
	if (ProductId !== undefined && (listed !== undefined || isRefused)) {
		const why = failure?.reason ?? 'It is empty.';
		const message = `Tencent gives no list of devices for product '${ProductId}'. ${nothing} ${why}`;
		return [finding('PRODUCT_NOT_READABLE', { ProductId }, message, itemIndexes)];
	}
	const List = ProductId === undefined ? member : `${member} ${ProductId}`;
	const why =
		failure?.reason ?? 'It changed while it was read, or its Total does not agree with its entries.';
	const message = `The list '${List}' is incomplete. ${nothing} ${why}`;
	return [finding('LIST_INCOMPLETE', { List }, message, itemIndexes)];
}

/** What a list came to. */
interface ListResult {
	/** Its entries, if nothing is left to read for what follows from them. */
	listed: Listed | undefined;
	/** What rows name and no reading has shown. */
	missing: ReadonlySet<string>;
	/** Why a page could not be read. */
	failure: Failure | undefined;
}

/** Reads one page. */
type ReadPage = (parameters: Parameters) => Promise<{ data: ResponseData } | { failure: Failure }>;

/**
 * A reading that is not complete is repeated once. What rows name and no reading has shown is missing only when two complete
 * readings agree.
 * @param concurrency the most pages that are read at once
 */
async function readList(list: AuditList, readPage: ReadPage, concurrency: number): Promise<ListResult> {
	const missing = new Set(list.named());
	const read = async () => await readOnce(list, missing, readPage, concurrency);
	let result = await read();
	if (result.listed === undefined && result.failure === undefined) result = await read();
	return result.listed !== undefined && missing.size > 0 ? await read() : result;
}

/**
 * Each page begins with the last entry of the page before: an entry that comes or goes moves those behind it, which shows
 * where two pages meet. The list is complete where all pages meet, each response has the same Total, and there are that
 * many entries. As long as entries keep their order, none that was there all the time is then missed. That they keep it is
 * not documented: one that moves can hide where others come and go in just its place, so that no page moves.
 * @param missing what rows name: loses what this reading shows
 */
async function readOnce(
	{ parameters, member, keys, kept }: AuditList,
	missing: Set<string>,
	readPage: ReadPage,
	concurrency: number,
): Promise<ListResult> {
	const listed = new Map<string, ResponseData>();
	const edges: Array<readonly [first: string | undefined, last: string | undefined]> = [];
	let [total, size, pages, next] = [NaN, PAGE_SIZE, 1, 0];
	let failure: Failure | undefined;
	let isWhole = true;
	const take = (page: number, data: ResponseData): void => {
		const entries = (recordsIn(data, member) ?? []) as readonly ResponseData[];
		if (page === 0 && typeof data.Total === 'number') {
			total = data.Total;
			// The service may have shorter pages.
			if (entries.length > 1 && entries.length < Math.min(total, PAGE_SIZE)) size = entries.length;
			// The last page is never full: it shows an entry that the Total does not count.
			pages = Math.ceil(total / (size - 1));
		}
		const ids = entries.map((entry) => keyOf(entry, keys));
		const expected = Math.min(size, total - page * (size - 1));
		isWhole &&= data.Total === total && entries.length === expected && !ids.includes(undefined);
		edges[page] = [ids[0], ids.at(-1)];
		for (const [index, entry] of entries.entries()) {
			listed.set(ids[index] ?? '', Object.fromEntries(kept.map((name) => [name, entry[name]])));
			missing.delete(String(entry[keys[0]]));
		}
	};
	const readNext = async (): Promise<void> => {
		const page = next++;
		const read = await readPage({ ...parameters, Offset: page * (size - 1), Limit: PAGE_SIZE });
		if ('data' in read) take(page, read.data);
		else failure ??= read.failure;
	};
	const readRest = async (): Promise<void> => {
		while (next < pages && isWhole && failure === undefined) await readNext();
	};
	await readNext();
	await Promise.all(Array.from({ length: concurrency }, readRest));
	const doesMeet = edges.every(([first], page) => page === 0 || first === edges[page - 1]![1]);
	const isComplete = failure === undefined && isWhole && doesMeet && listed.size === total;
	return { listed: isComplete ? listed : undefined, missing, failure };
}

function keyOf(entry: ResponseData, names: readonly string[]): string | undefined {
	const own = names.map((name) => entry[name]);
	return own.every((one) => typeof one === 'string') ? own.join('\n') : undefined;
}

/** The entries of a list by their `keys`, joined by line feeds, with what is `kept` of them. */
type Listed = ReadonlyMap<string, ResponseData>;

/** A list of Tencent, and what follows from its entries and from what it lacks. */
interface AuditList {
	/** The Action and its own parameters, without those of a page. */
	parameters: Parameters & { ProductId?: string };
	/** The member of the response with the entries. */
	member: 'Customers' | 'Devices' | 'Orders';
	/** The members that together tell entries apart: texts in each. */
	keys: readonly [string, ...string[]];
	/** The members that are compared. */
	kept: readonly string[];
	/** What must not be missing, by the first key. */
	named: () => Iterable<string>;
	compare(listed: Listed, missing: ReadonlySet<string>): AsyncIterable<AuditFinding> | Iterable<AuditFinding>;
}

/** `DeviceInfo.Status` of a device that was never activated; 2 says that its state is unknown (product 1465, page 59061). */
const NOT_ACTIVATED = 3;

/** ServiceGetDeviceList of a product (product 1465, pages 59062–59079). */
function deviceList({ products, deviceIds }: AuditRows, ProductId: string): AuditList {
	const named = products.get(ProductId)!;
	const idOf = (name: string) => `${ProductId}/${name}`;
	const about = (code: AuditCode, name: string, message: string, Nearest = '') =>
		finding(code, { ProductId, DeviceId: idOf(name), Nearest }, message, named.get(name));
	return {
		parameters: { Action: 'ServiceGetDeviceList', ProductId },
		member: 'Devices',
		keys: ['DeviceName'],
		kept: ['Status'],
		named: () => named.keys(),
		async *compare(listed, missing) {
			for (const name of named.keys()) {
				if (listed.get(name)?.Status === NOT_ACTIVATED)
					yield about('DEVICE_NEVER_ONLINE', name, `Device '${idOf(name)}' was never activated.`);
			}
			const unowned = [...listed.keys()].filter((name) => !deviceIds.has(idOf(name)));
			const nearest = await nearestNames([...missing], unowned);
			for (const name of missing) {
				const near = nearest.has(name) ? idOf(nearest.get(name)!) : '';
				const hint = near === '' ? '' : ` It has '${near}', which no row names.`;
				yield about('DEVICE_UNKNOWN', name, `Tencent has no device '${idOf(name)}'.${hint}`, near);
			}
			// A wrong letter is one difference: the device that was meant is none of its own.
			const meant = new Set(nearest.values());
			for (const name of unowned.filter((one) => !meant.has(one)))
				yield about('DEVICE_UNOWNED', name, `Tencent has device '${idOf(name)}', and no row names it.`);
		},
	};
}

/** ServiceGetCustomerList (product 1465, page 59064). */
function customerList({ customers, customerIds, phones }: AuditRows): AuditList {
	const about = (code: AuditCode, CustomerId: string, message: string, rows?: readonly number[]) =>
		finding(code, { CustomerId }, message, rows);
	return {
		parameters: { Action: 'ServiceGetCustomerList' },
		member: 'Customers',
		keys: ['CustomerId'],
		kept: ['CountryCode', 'PhoneNumber'],
		named: () => customers.keys(),
		*compare(listed, missing) {
			for (const [id, { CountryCode, PhoneNumber }] of listed) {
				if (!customerIds.has(id))
					yield about('CUSTOMER_GONE', id, `Tencent has customer '${id}', and no row names it.`);
				const [code, number] = [digitsOf(CountryCode), digitsOf(PhoneNumber)];
				const rows = customers.get(id)?.filter((row) => isOtherPhone(phones.get(row), code, number)) ?? [];
				if (rows.length === 0) continue;
				const [here, there] = [phones.get(rows[0]!)!, number].map(maskPhones);
				const message = `The phone number of customer '${id}' is ${here} in the rows, ${there} at Tencent.`;
				yield about('PHONE_DIFFERS', id, message, rows);
			}
			for (const id of missing)
				yield about('CUSTOMER_UNKNOWN', id, `Tencent has no customer '${id}'.`, customers.get(id));
		},
	};
}

/**
 * ServiceGetOrderList (product 1465, pages 59062–59079). It does not say that an OrderNo is unique.
 * @param unknown customers that Tencent lacks, as was found before: that they have no order says nothing new
 */
function orderList({ customers, customerIds }: AuditRows, unknown: ReadonlySet<string>): AuditList {
	return {
		parameters: { Action: 'ServiceGetOrderList' },
		member: 'Orders',
		keys: ['CustomerId', 'OrderNo'],
		kept: ['CustomerId', 'OrderNo'],
		named: () => [...customers.keys()].filter((id) => !unknown.has(id)),
		*compare(listed, missing) {
			for (const entry of listed.values()) {
				const [CustomerId, OrderNo] = [String(entry.CustomerId), String(entry.OrderNo)];
				const message = `Order '${OrderNo}' is for customer '${CustomerId}', who has no device in the rows.`;
				if (!customerIds.has(CustomerId))
					yield finding('ORDER_WITHOUT_DEVICES', { CustomerId, OrderNo }, message);
			}
			for (const CustomerId of missing) {
				const message = `Customer '${CustomerId}' has no order.`;
				yield finding('CUSTOMER_WITHOUT_ORDER', { CustomerId }, message, customers.get(CustomerId));
			}
		},
	};
}

/** Digits alone; none where the service masks them. */
function digitsOf(value: unknown): string {
	const text = String(value ?? '').replace(/[\s()+-]/g, '');
	return /^\d+$/.test(text) ? text : '';
}

/** Whether a phone number is surely another one: country code and leading zeros may be there or not. */
function isOtherPhone(phone = '', code: string, number: string): boolean {
	const [here, there] = [phone.replace(/^0+/, ''), number.replace(/^0+/, '')];
	if (here === '' || there === '') return false;
	if (code === '') return !here.endsWith(there) && !there.endsWith(here);
	return here !== there && here !== code + there && code + here !== there;
}

/** The most pairs of names that are compared: more unknown names are no slips of the pen. */
const MOST_PAIRS = 50_000_000;

/**
 * For each unknown name the one candidate that is nearest to it: the same in another case, or one or two letters off. A name
 * with two that are equally near has none, and no third of a name may be off.
 */
async function nearestNames(
	unknown: readonly string[],
	candidates: readonly string[],
): Promise<Map<string, string>> {
	const nearest = new Map<string, string>();
	const lower = candidates.map((name) => name.toLowerCase());
	for await (const batch of inBatches(unknown.slice(0, Math.floor(MOST_PAIRS / (candidates.length + 1))))) {
		for (const name of batch) {
			const own = name.toLowerCase();
			let near: string[] = [];
			for (let letters = 0; near.length === 0 && letters <= Math.min(2, name.length / 3); letters++)
				near = candidates.filter((_, index) => isWithin(letters, own, lower[index]!));
			if (near.length === 1) nearest.set(name, near[0]!);
		}
	}
	return nearest;
}

/** Whether this number of letters, changed, left out or added from these places on, makes one name of the other. */
function isWithin(letters: number, a: string, b: string, i = 0, j = 0): boolean {
	if (Math.abs(a.length - i - (b.length - j)) > letters) return false;
	while (i < a.length && j < b.length && a[i] === b[j]) [i, j] = [i + 1, j + 1];
	if (i === a.length || j === b.length) return true;
	const isBehind = (m: number, n: number) => isWithin(letters - 1, a, b, i + m, j + n);
	return letters > 0 && (isBehind(1, 1) || isBehind(1, 0) || isBehind(0, 1));
}
