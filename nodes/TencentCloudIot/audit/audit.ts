import { inBatches } from '../input/batches';
import { KINDS, NO_IDS, type AuditCode, type AuditCoverage, type AuditFinding } from '../messages/audit';
import { maskPhones } from '../messages/words';
import { outcomeOf, requestIdsOf, type Delivered } from '../service/fate';
import { notSent, type Failure, type Outcome, type ResponseData } from '../service/outcome';
import { PAGE_SIZE, recordsIn } from '../service/paging';
import type { Parameters } from '../service/signing/signature';
import type { AuditRows } from './rows';

function finding(
	code: AuditCode,
	ids: Partial<typeof NO_IDS>,
	itemIndexes: readonly number[] = [],
	others: Pick<AuditFinding, 'isUnsure' | 'phones' | 'failure'> = {},
): AuditFinding {
	return { code, ...NO_IDS, ...ids, itemIndexes, ...others };
}

/** How an audit requests its pages. */
interface AuditRequests {
	/** Sends the request of a page to its end. */
	send: (parameters: Parameters) => Promise<Delivered>;
	/** The most pages that are read at once. */
	concurrency: number;
	/** Whether the run's time is over, so that no further page is read. */
	isOver: () => boolean;
}

/** What an audit read and found: whatever it says is made of this, and of the rows. */
export interface AuditResult extends AuditCoverage {
	/** In the order of their kinds. */
	findings: AuditFinding[];
	/** The lists that were read to their end, by the names that findings give them: `Orders`, `Devices LOCK01`. */
	lists: Array<{ List: string; Entries: number }>;
	requests: number;
}

/** Why one list is not read on; of the others there are findings. */
const ofList = (failure: Failure): Failure => ({ ...failure, scope: 'call' });
const NO_TIME = ofList({ ...notSent('TIME_OVER'), advice: 'Allow more time', adviceZh: '延长时间' });

/** What n8n's memory can hold of a list. */
const MOST_ENTRIES = 1_000_000;
const TOO_LARGE = ofList({
	...notSent('LIST_TOO_LARGE', { reason: 'It has more than a million entries.' }),
	advice: "Remove it from 'Compare'",
	adviceZh: '在 Compare 中不选择该列表',
});

/**
 * Reads the lists, one after the other, and compares them with the rows: one call of many requests, none of which can write.
 * The `data` of its success has the member `audit`, an `AuditResult`. It fails for a failure of the whole run, and with the
 * first one where no page could be read.
 */
export async function audit(
	rows: AuditRows,
	compared: readonly string[],
	{ send, concurrency, isOver }: AuditRequests,
): Promise<Delivered> {
	const requestIds: string[] = [];
	let [pages, pagesRead] = [0, 0];
	const failures: Failure[] = [];
	const readPage: ReadPage = async (parameters) => {
		const delivered: Delivered = isOver() ? { kind: 'notTried', why: NO_TIME } : await send(parameters);
		requestIds.push(...requestIdsOf(delivered));
		const outcome = outcomeOf(delivered)!;
		if (delivered.kind === 'answered') {
			pages++;
		}
		if (outcome.outcome === 'OK') {
			pagesRead++;
		} else {
			failures.push((outcome.scope === 'run' && outcome.endedBy) || outcome);
		}
		return outcome;
	};
	const Compared = { Customers: 0, Devices: 0, PhoneNumbers: 0, CustomersByOrders: 0 };
	const ListsNotChosen = LISTS.filter((member) => !compared.includes(member));
	const ListsNotRead: string[] = [];
	const NotCompared = { UnusedRows: rows.unused.count, ListsNotChosen, ListsNotRead };
	const [findings, lists]: [AuditFinding[], AuditResult['lists']] = [[], []];
	const unknown = new Set<string>();
	const ofDevices = [...rows.products.keys()].map((productId) => deviceList(rows, Compared, productId));
	// A list that every application has shows whether the key is right.
	const all = [customerList(rows, Compared), orderList(rows, Compared, unknown), ...ofDevices];
	for (const list of all.filter(({ member }) => compared.includes(member))) {
		const { member, parameters } = list;
		const name = [member, parameters.ProductId ?? []].flat().join(' ');
		const missing = new Set(list.named());
		const readOnce = async () => await readAll(list, missing, readPage, concurrency);
		const read = await readAgain(missing, readOnce);
		const { listed } = read;
		// Whether an empty list is that of a product which is not linked to the application is not documented.
		const isRead = listed !== undefined && (member !== 'Devices' || listed.size > 0);
		if (isRead) {
			lists.push({ List: name, Entries: listed.size });
		} else {
			ListsNotRead.push(name);
		}
		for await (const one of isRead ? list.compare(listed, missing) : notRead(list, rows, read)) {
			findings.push({ ...one, List: name });
			if (one.code === 'CUSTOMER_UNKNOWN') {
				unknown.add(one.CustomerId);
			}
		}
	}
	const order = Object.keys(KINDS);
	findings.sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
	const failed = failures.find(({ scope }) => scope === 'run') ?? (pagesRead > 0 ? undefined : failures[0]);
	const Complete = NotCompared.UnusedRows + ListsNotChosen.length + ListsNotRead.length === 0;
	const requests = requestIds.length;
	const result: AuditResult = { findings, lists, Complete, Compared, NotCompared, requests };
	const outcome = failed ?? { outcome: 'OK', data: { audit: result }, requestId: requestIds.at(-1) };
	if (failed !== undefined && requests === 0) {
		return { kind: 'notTried', why: failed };
	}
	return { kind: 'answered', outcome, requestIds, pages };
}

/** That nothing is concluded from a list, and why. */
function notRead(
	{ member, parameters: { ProductId = '' } }: AuditList,
	{ products }: AuditRows,
	{ listed, failure }: ListResult,
): AuditFinding[] {
	const isRefused = failure?.outcome === 'REFUSED' && failure.retry === 'never' && failure.isFromService;
	const isOfProduct = member === 'Devices' && (listed !== undefined || isRefused);
	const code = isOfProduct ? 'PRODUCT_NOT_READABLE' : 'LIST_INCOMPLETE';
	const named = [...(products.get(ProductId)?.values() ?? [])].flatMap(({ itemIndexes }) => itemIndexes);
	return [finding(code, { ProductId }, [...new Set(named)], { failure })];
}

/** A list's entries, if nothing is left to read for what follows from them, and why a page could not be read. */
type ListResult = Awaited<ReturnType<typeof readAll>>;

type ReadPage = (parameters: Parameters) => Promise<Outcome>;

/**
 * A reading that is not complete is repeated once. What rows name and no reading has shown is missing only when two complete
 * readings agree.
 * @param missing what rows name: loses what a reading shows
 */
async function readAgain(missing: ReadonlySet<string>, read: () => Promise<ListResult>): Promise<ListResult> {
	let result = await read();
	if (result.listed === undefined && result.failure === undefined) {
		result = await read();
	}
	return result.listed !== undefined && missing.size > 0 ? await read() : result;
}

/**
 * Each page begins with the last entry of the page before: an entry that comes or goes moves those behind it, which shows
 * where two pages meet. The list is complete where all pages meet, each response has the same Total, and there are that
 * many entries. As long as entries keep their order, none that was there all the time is then missed. That they keep it is
 * not documented: one that moves can hide where others come and go in just its place, so that no page moves.
 */
async function readAll(
	{ parameters, member, keys, kept }: AuditList,
	missing: Set<string>,
	readPage: ReadPage,
	concurrency: number,
): Promise<{ listed: Listed | undefined; failure: Failure | undefined }> {
	const listed = new Map<string, ResponseData>();
	const edges: Array<readonly [first: string | undefined, last: string | undefined]> = [];
	let [total, size, pages, next] = [NaN, PAGE_SIZE, 1, 0];
	let failure: Failure | undefined;
	let isWhole = true;
	const take = (page: number, data: ResponseData): void => {
		const entries = (recordsIn(data, member) ?? []) as readonly ResponseData[];
		if (page === 0) {
			total = Number(data.Total);
			if (total > MOST_ENTRIES) {
				failure = TOO_LARGE;
			}
			// The service may have pages of another size.
			if (entries.length > 1 && entries.length < total) {
				size = entries.length;
			}
			// The last page is never full: it shows an entry that the Total does not count.
			pages = entries.length === total && total !== size ? 1 : Math.ceil(total / (size - 1));
		}
		const ids = entries.map((entry) => {
			const own = keys.map((name) => entry[name]);
			return own.every((one) => typeof one === 'string') ? own.join('\n') : undefined;
		});
		const expected = Math.min(size, total - page * (size - 1));
		// The service may give the whole list each time.
		const isList = entries.length === total;
		isWhole &&= data.Total === total && (isList || entries.length === expected) && !ids.includes(undefined);
		if (page === 0 || !isList) {
			edges[page] = [ids[0], ids.at(-1)];
		}
		for (const [index, entry] of entries.entries()) {
			listed.set(ids[index] ?? '', Object.fromEntries(kept.map((name) => [name, entry[name]])));
			missing.delete(String(entry[keys[0]]));
		}
	};
	const readNext = async (): Promise<void> => {
		const page = next++;
		const read = await readPage({ ...parameters, Offset: page * (size - 1), Limit: PAGE_SIZE });
		if (read.outcome === 'OK') {
			take(page, read.data);
		} else {
			failure ??= read;
		}
	};
	const readRest = async (): Promise<void> => {
		while (next < pages && isWhole && failure === undefined) {
			await readNext();
		}
	};
	await readNext();
	await Promise.all(Array.from({ length: concurrency }, readRest));
	const doesMeet = edges.every(([first], page) => page === 0 || first === edges[page - 1]?.[1]);
	const isComplete = failure === undefined && isWhole && doesMeet && listed.size === total;
	return { listed: isComplete ? listed : undefined, failure };
}

/** The entries of a list by their `keys`, joined by line feeds, with what is `kept` of them. */
type Listed = ReadonlyMap<string, ResponseData>;

/** The lists that can be chosen, by the member of a response with their entries. */
export const LISTS = ['Customers', 'Devices', 'Orders'] as const;

type Compared = AuditCoverage['Compared'];

/** A list of Tencent, and what follows from its entries and from what it lacks. */
interface AuditList {
	/** The Action and its own parameters, without those of a page. */
	parameters: Parameters & { ProductId?: string };
	member: (typeof LISTS)[number];
	/** The members that together tell entries apart: texts in each. */
	keys: readonly [string, ...string[]];
	/** The members that are compared. */
	kept: readonly string[];
	/** What must not be missing, by the first key. */
	named: () => Iterable<string>;
	/** Counts what is compared of the rows. */
	compare(listed: Listed, missing: ReadonlySet<string>): AsyncIterable<AuditFinding> | Iterable<AuditFinding>;
}

/** `DeviceInfo.Status` of a device that was never activated; 2 says that its state is unknown (product 1465, page 59061). */
const NOT_ACTIVATED = 3;

/** ServiceGetDeviceList of a product (product 1465, pages 59062–59079). */
function deviceList(
	{ products, deviceNames, unused }: AuditRows,
	compared: Compared,
	ProductId: string,
): AuditList {
	const named = products.get(ProductId)!;
	const claimed = deviceNames.get(ProductId)!;
	const idOf = (name: string) => `${ProductId}/${name}`;
	const about = (code: AuditCode, name: string, Nearest = '') => {
		const { itemIndexes, ...ids } = named.get(name)!;
		return finding(code, { ProductId, DeviceId: idOf(name), ...ids, Nearest }, itemIndexes);
	};
	return {
		parameters: { Action: 'ServiceGetDeviceList', ProductId },
		member: 'Devices',
		keys: ['DeviceName'],
		kept: ['Status'],
		named: () => named.keys(),
		async *compare(listed, missing) {
			compared.Devices += named.size;
			for (const name of named.keys()) {
				if (listed.get(name)?.Status === NOT_ACTIVATED) {
					yield about('DEVICE_NEVER_ONLINE', name);
				}
			}
			const unowned = [...listed.keys()].filter((name) => !claimed.has(name));
			const unlisted = [...claimed].filter((name) => !listed.has(name));
			const nearest = await nearestNames(unlisted, unowned);
			for (const name of missing) {
				const near = nearest.get(name);
				yield about('DEVICE_UNKNOWN', name, near === undefined ? '' : idOf(near));
			}
			// A wrong letter is one difference: the device that was meant is none of its own.
			const meant = new Set(nearest.values());
			for (const name of unowned.filter((one) => !meant.has(one))) {
				const ids = { ProductId, DeviceId: idOf(name) };
				yield finding('DEVICE_UNOWNED', ids, [], { isUnsure: unused.hideDevices });
			}
		},
	};
}

/** ServiceGetCustomerList (product 1465, page 59064). */
function customerList({ customers, customerIds, phones, unused }: AuditRows, compared: Compared): AuditList {
	return {
		parameters: { Action: 'ServiceGetCustomerList' },
		member: 'Customers',
		keys: ['CustomerId'],
		kept: ['CountryCode', 'PhoneNumber'],
		named: () => customers.keys(),
		*compare(listed, missing) {
			compared.Customers += customers.size;
			for (const [CustomerId, { CountryCode, PhoneNumber }] of listed) {
				if (!customerIds.has(CustomerId)) {
					yield finding('CUSTOMER_GONE', { CustomerId }, [], { isUnsure: unused.hideCustomers });
				}
				const [code, number] = [digitsOf(CountryCode), digitsOf(PhoneNumber)];
				const rows = (number === '' ? [] : (customers.get(CustomerId) ?? [])).filter((row) =>
					phones.has(row),
				);
				compared.PhoneNumbers += rows.length;
				const others = rows.filter((row) => isOtherPhone(phones.get(row)!, code, number));
				if (others.length === 0) {
					continue;
				}
				const shown = [phones.get(others[0]!)!, number].map(maskPhones);
				yield finding('PHONE_DIFFERS', { CustomerId }, others, { phones: shown });
			}
			for (const CustomerId of missing) {
				yield finding('CUSTOMER_UNKNOWN', { CustomerId }, customers.get(CustomerId));
			}
		},
	};
}

/**
 * ServiceGetOrderList (product 1465, pages 59062–59079). It does not say that an OrderNo is unique.
 * @param unknown customers that Tencent lacks, as was found before: that they have no order says nothing new
 */
function orderList(
	{ customers, customerIds, withoutDevice, unused }: AuditRows,
	compared: Compared,
	unknown: ReadonlySet<string>,
): AuditList {
	return {
		parameters: { Action: 'ServiceGetOrderList' },
		member: 'Orders',
		keys: ['CustomerId', 'OrderNo'],
		kept: ['CustomerId', 'OrderNo'],
		named: () => [...customers.keys()].filter((id) => !unknown.has(id)),
		*compare(listed, missing) {
			compared.CustomersByOrders += customers.size;
			for (const entry of listed.values()) {
				const [CustomerId, OrderNo] = [String(entry.CustomerId), String(entry.OrderNo)];
				const isNamed = customerIds.has(CustomerId);
				if (isNamed && !withoutDevice.has(CustomerId)) {
					continue;
				}
				const isUnsure = !isNamed && unused.hideCustomers;
				yield finding('ORDER_WITHOUT_DEVICES', { CustomerId, OrderNo }, customers.get(CustomerId), {
					isUnsure,
				});
			}
			for (const CustomerId of missing) {
				yield finding('CUSTOMER_WITHOUT_ORDER', { CustomerId }, customers.get(CustomerId));
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
function isOtherPhone(phone: string, code: string, number: string): boolean {
	const [here, there] = [phone.replace(/^0+/, ''), number.replace(/^0+/, '')];
	if (here === '' || there === '') {
		return false;
	}
	if (code === '') {
		return !here.endsWith(there) && !there.endsWith(here);
	}
	return here !== there && here !== code + there && code + here !== there;
}

/** The most pairs of names that are compared: more unknown names are no slips of the pen. */
const MOST_PAIRS = 50_000_000;

/**
 * For each unknown name the one candidate that is nearest to it: the same in another case, or one or two letters off. A name
 * with two that are equally near has none, and no third of a name may be off. Of several names the nearest alone has a
 * candidate, and none where two are equally near to it.
 */
async function nearestNames(
	unknown: readonly string[],
	candidates: readonly string[],
): Promise<Map<string, string>> {
	/** By candidate, how far the nearest names are, and which these are. */
	const claims = new Map<string, { letters: number; names: string[] }>();
	const lower = candidates.map((name) => name.toLowerCase());
	for await (const batch of inBatches(unknown.slice(0, Math.floor(MOST_PAIRS / (candidates.length + 1))))) {
		for (const name of batch) {
			const own = name.toLowerCase();
			let near: string[] = [];
			let letters = -1;
			while (near.length === 0 && ++letters <= Math.min(2, name.length / 3)) {
				near = candidates.filter((_, index) => isWithin(letters, own, lower[index]!));
			}
			if (near.length !== 1) {
				continue;
			}
			const claim = claims.get(near[0]!);
			if (claim === undefined || letters < claim.letters) {
				claims.set(near[0]!, { letters, names: [name] });
			} else if (letters === claim.letters) {
				claim.names.push(name);
			}
		}
	}
	return new Map([...claims].flatMap(([near, { names }]) => (names.length === 1 ? [[names[0]!, near]] : [])));
}

/** Whether this number of letters, changed, left out or added from these places on, makes one name of the other. */
function isWithin(letters: number, a: string, b: string, i = 0, j = 0): boolean {
	if (Math.abs(a.length - i - (b.length - j)) > letters) {
		return false;
	}
	while (i < a.length && a[i] === b[j]) {
		[i, j] = [i + 1, j + 1];
	}
	if (i === a.length) {
		return true;
	}
	const isBehind = (m: number, n: number) => isWithin(letters - 1, a, b, i + m, j + n);
	return letters > 0 && (isBehind(1, 1) || isBehind(1, 0) || isBehind(0, 1));
}
