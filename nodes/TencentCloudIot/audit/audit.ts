import { inBatches } from '../input/batches';
import { KINDS, EMPTY_IDS, type AuditCode, type AuditCoverage, type AuditFinding } from '../messages/audit';
import { maskPhones } from '../messages/words';
import { requestIdsOf, type Delivered } from '../service/fate';
import type { Requests } from '../service/delivery/conduct';
import { readWhole, type WholeList } from '../service/delivery/wholeList';
import { HeapBudget } from '../service/heapBudget';
import { notSent, type Failure, type Outcome, requestFailureOf, type ResponseData } from '../service/outcome';
import type { Parameters } from '../service/signing/signature';
import type { AuditRows, NamedDevice } from './rows';
import { ADVICE, REASONS } from '../messages/reasons';

function createFinding(
	code: AuditCode,
	ids: Partial<typeof EMPTY_IDS>,
	itemIndexes: readonly number[] = [],
	facts: Pick<AuditFinding, 'isUnsure' | 'phones' | 'failure'> = {},
): AuditFinding {
	return { code, ...EMPTY_IDS, ...ids, itemIndexes, ...facts };
}

/** What an audit has read and found. `AuditReport` makes the output items from it. */
export interface AuditResult extends AuditCoverage {
	/** The rows that were compared. */
	rows: AuditRows;
	/** The findings in the order of their kinds. */
	findings: AuditFinding[];
	/** How many findings of each kind the audit counted without listing them, to limit memory. None of them is about a row. */
	unlistedFindings: Map<AuditCode, number>;
	/** The lists that those findings are about. */
	listsOfUnlistedFindings: string[];
	/** The lists that were read completely, by the names that findings give them: `Orders`, `Devices LOCK01`. */
	listsRead: Array<{ List: string; Entries: number }>;
	requestCount: number;
}

/** The same failure, limited to a single list, so that the audit continues with the next list. */
const limitToList = (failure: Failure): Failure => ({ ...failure, scope: 'call' });
const NO_TIME_LEFT = limitToList({ ...notSent('TIME_OVER'), advice: ADVICE.allowTime() });

/**
 * The most findings without a row that are listed; further ones are only counted. Each takes 1.7 kB with its record in two languages, so
 * together they take no more than a list may. Findings about rows need no limit: n8n holds those rows anyway.
 */
const MOST_LISTED_FINDINGS = 60_000;

const LIST_TOO_LARGE = limitToList({
	...notSent('LIST_TOO_LARGE', { reason: REASONS.tooMuchHeap() }),
	advice: ADVICE.notCompared(),
});

/**
 * Reads the lists one after another and compares them with the rows: one call with many requests, none of which can write.
 * @param chosenLists members of `LISTS`
 * @returns a success whose `data` has the member `audit`, an `AuditResult`; the failure that concerns the whole run if there is
 * one, or the first failure if no page could be read
 */
export async function audit(
	rows: AuditRows,
	chosenLists: readonly string[],
	requests: Pick<Requests, 'send' | 'concurrency' | 'isTimeOver'>,
): Promise<Delivered> {
	const pageRequests = new PageRequests(requests);
	const Compared = { Customers: 0, Devices: 0, PhoneNumbers: 0, CustomersByOrders: 0 };
	const ListsNotChosen = LISTS.filter((member) => !chosenLists.includes(member));
	const ListsNotRead: string[] = [];
	const listsRead: AuditResult['listsRead'] = [];
	const collector = new FindingCollector();
	const budget = new HeapBudget();
	const reading = {
		send: pageRequests.send,
		concurrency: requests.concurrency,
		budget,
		tooLarge: LIST_TOO_LARGE,
	};
	// Starts with a list that every application has, because its response shows whether the key is right.
	const lists = [
		customerList(rows, Compared),
		orderList(rows, Compared, collector.unknownCustomers),
		...Array.from(rows.devicesByProduct, (product) => deviceList(rows, Compared, product)),
	];
	for (const list of lists.filter(({ member }) => chosenLists.includes(member))) {
		const { member, parameters } = list;
		const name = [member, parameters.ProductId ?? []].flat().join(' ');
		const missingIds = new Set(list.namedIds());
		const result = await readWhole(list, missingIds, reading);
		const { listed } = result;
		// An empty list of devices proves nothing: the product may not be linked to the application, and no page says how that shows.
		const isRead = listed !== undefined && (member !== 'Devices' || listed.size > 0);
		if (isRead) {
			listsRead.push({ List: name, Entries: listed.size });
		} else {
			ListsNotRead.push(name);
		}
		const findings = isRead ? list.compare(listed, missingIds) : findingOfUnreadList(list, rows, result);
		for await (const finding of findings) {
			collector.add(name, finding);
		}
		budget.release(result.bytes);
	}
	const NotCompared = { UnusedRows: rows.unused.rowCount, ListsNotChosen, ListsNotRead };
	return pageRequests.endWith({
		rows,
		findings: collector.sortedFindings(),
		unlistedFindings: collector.unlistedFindings,
		listsOfUnlistedFindings: [...collector.listsOfUnlistedFindings],
		listsRead,
		Complete: NotCompared.UnusedRows + ListsNotChosen.length + ListsNotRead.length === 0,
		Compared,
		NotCompared,
		requestCount: pageRequests.requestIds.length,
	});
}

/** Sends the pages of all lists, and keeps what became of them. */
class PageRequests {
	readonly requestIds: string[] = [];
	readonly #requests: Pick<Requests, 'send' | 'isTimeOver'>;
	readonly #failures: Failure[] = [];
	/** How many pages had a response. */
	#answeredCount = 0;
	/** How many pages could be read. */
	#readCount = 0;

	constructor(requests: Pick<Requests, 'send' | 'isTimeOver'>) {
		this.#requests = requests;
	}

	/** Sends the request for a page until its outcome is known. */
	readonly send = async (parameters: Parameters): Promise<Outcome> => {
		const { send, isTimeOver } = this.#requests;
		const delivered: Delivered = isTimeOver()
			? { kind: 'notTried', why: NO_TIME_LEFT }
			: await send(parameters);
		this.requestIds.push(...requestIdsOf(delivered));
		const outcome = delivered.kind === 'answered' ? delivered.outcome : delivered.why;
		if (delivered.kind === 'answered') {
			this.#answeredCount++;
		}
		if (outcome.outcome === 'OK') {
			this.#readCount++;
		} else {
			const { endedBy, scope } = outcome;
			this.#failures.push(scope === 'run' && endedBy !== undefined ? endedBy : outcome);
		}
		return outcome;
	};

	/** What became of the audit's call, with its result if at least one page could be read and no failure concerns the whole run. */
	endWith(result: AuditResult): Delivered {
		const { requestIds } = this;
		const firstFailure = this.#readCount > 0 ? undefined : this.#failures[0];
		const failure = this.#failures.find(({ scope }) => scope === 'run') ?? firstFailure;
		if (failure !== undefined && requestIds.length === 0) {
			return { kind: 'notTried', why: failure };
		}
		const outcome = failure ?? { outcome: 'OK', data: { audit: result }, requestId: requestIds.at(-1) };
		return { kind: 'answered', outcome, requestIds, pages: this.#answeredCount };
	}
}

/** Collects the findings of all lists. Those about no row are only counted beyond `MOST_LISTED_FINDINGS`. */
class FindingCollector {
	readonly unlistedFindings: AuditResult['unlistedFindings'] = new Map();
	readonly listsOfUnlistedFindings = new Set<string>();
	/** The customers that Tencent does not know. */
	readonly unknownCustomers = new Set<string>();
	readonly #findings: AuditFinding[] = [];
	#listedWithoutRowCount = 0;

	/** @param list the name of the list that the finding is about */
	add(list: string, finding: AuditFinding): void {
		const { code, itemIndexes } = finding;
		if (itemIndexes.length === 0) {
			if (this.#listedWithoutRowCount === MOST_LISTED_FINDINGS) {
				this.unlistedFindings.set(code, (this.unlistedFindings.get(code) ?? 0) + 1);
				this.listsOfUnlistedFindings.add(list);
				return;
			}
			this.#listedWithoutRowCount++;
		}
		this.#findings.push({ ...finding, List: list });
		if (code === 'CUSTOMER_UNKNOWN') {
			this.unknownCustomers.add(finding.CustomerId);
		}
	}

	/** All findings in the order of their kinds. */
	sortedFindings(): AuditFinding[] {
		const order = Object.keys(KINDS);
		return this.#findings.sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
	}
}

/** The finding about a list that the audit could not compare, with the reason. */
function findingOfUnreadList(
	{ member, parameters: { ProductId = '' } }: AuditList,
	{ devicesByProduct }: AuditRows,
	{ listed, failure }: Pick<Awaited<ReturnType<typeof readWhole>>, 'listed' | 'failure'>,
): AuditFinding[] {
	const refusal = failure?.outcome === 'REFUSED' ? requestFailureOf(failure) : undefined;
	const isRefused = refusal?.retry === 'never' && refusal.isFromService;
	const isProductNotReadable = member === 'Devices' && (listed !== undefined || isRefused);
	const code = isProductNotReadable ? 'PRODUCT_NOT_READABLE' : 'LIST_INCOMPLETE';
	const itemIndexesOfProduct = [...(devicesByProduct.get(ProductId)?.values() ?? [])].flatMap(
		({ itemIndexes }) => itemIndexes,
	);
	return [createFinding(code, { ProductId }, [...new Set(itemIndexesOfProduct)], { failure })];
}

/** The lists that a user can choose, by the names of the members that hold their entries in a response. */
export const LISTS = ['Customers', 'Devices', 'Orders'] as const;

type Compared = AuditCoverage['Compared'];

/** A list of Tencent, and how it is compared with the rows. */
interface AuditList extends WholeList {
	parameters: Parameters & { ProductId?: string };
	member: (typeof LISTS)[number];
	/** The ids that the list should have, because rows name them: values of the member that is the first of `keys`. */
	namedIds: () => Iterable<string>;
	/**
	 * Yields the findings, and counts in `Compared` how much was compared.
	 * @param listed the entries of the list by the values of their `keys`, joined by line feeds
	 * @param missingIds the `namedIds` that the list does not have
	 */
	compare(
		listed: ReadonlyMap<string, ResponseData>,
		missingIds: ReadonlySet<string>,
	): AsyncIterable<AuditFinding> | Iterable<AuditFinding>;
}

/** `DeviceInfo.Status` of a device that was never activated; 2 means that its state is unknown (product 1465, page 59061). */
const NOT_ACTIVATED = 3;

/** ServiceGetDeviceList of a product (product 1465, pages 59062–59079). */
function deviceList(
	{ deviceNamesByProduct, unused }: AuditRows,
	compared: Compared,
	[ProductId, namedDevices]: readonly [id: string, namedDevices: ReadonlyMap<string, NamedDevice>],
): AuditList {
	const claimedNames = deviceNamesByProduct.get(ProductId) ?? new Set();
	const deviceIdOf = (name: string) => `${ProductId}/${name}`;
	const findingAbout = (code: AuditCode, name: string, device: NamedDevice, Nearest = '') => {
		const { itemIndexes, ...ids } = device;
		return createFinding(code, { ProductId, DeviceId: deviceIdOf(name), ...ids, Nearest }, itemIndexes);
	};
	return {
		parameters: { Action: 'ServiceGetDeviceList', ProductId },
		member: 'Devices',
		keys: ['DeviceName'],
		kept: ['Status'],
		namedIds: () => namedDevices.keys(),
		async *compare(listed, missingIds) {
			compared.Devices += namedDevices.size;
			for (const [name, device] of namedDevices) {
				if (listed.get(name)?.Status === NOT_ACTIVATED) {
					yield findingAbout('DEVICE_NEVER_ONLINE', name, device);
				}
			}
			const unownedNames = [...listed.keys()].filter((name) => !claimedNames.has(name));
			const unlistedNames = [...claimedNames].filter((name) => !listed.has(name));
			const nearestByName = await findNearestNames(unlistedNames, unownedNames);
			for (const name of missingIds) {
				const device = namedDevices.get(name);
				const nearest = nearestByName.get(name);
				if (device !== undefined) {
					yield findingAbout(
						'DEVICE_UNKNOWN',
						name,
						device,
						nearest === undefined ? '' : deviceIdOf(nearest),
					);
				}
			}
			// A typo is one difference, not two: the device that was probably meant is not also reported as a device without an owner.
			const meantNames = new Set(nearestByName.values());
			for (const name of unownedNames.filter((candidate) => !meantNames.has(candidate))) {
				const ids = { ProductId, DeviceId: deviceIdOf(name) };
				yield createFinding('DEVICE_UNOWNED', ids, [], { isUnsure: unused.mayNameAnyDevice });
			}
		},
	};
}

/** ServiceGetCustomerList (product 1465, page 59064). */
function customerList(
	{ customers, customerIds, phoneByRow, unused }: AuditRows,
	compared: Compared,
): AuditList {
	return {
		parameters: { Action: 'ServiceGetCustomerList' },
		member: 'Customers',
		keys: ['CustomerId'],
		kept: ['CountryCode', 'PhoneNumber'],
		namedIds: () => customers.keys(),
		*compare(listed, missingIds) {
			compared.Customers += customers.size;
			for (const [CustomerId, { CountryCode, PhoneNumber }] of listed) {
				if (!customerIds.has(CustomerId)) {
					yield createFinding('CUSTOMER_GONE', { CustomerId }, [], { isUnsure: unused.mayNameAnyCustomer });
				}
				const countryCode = digitsOf(CountryCode);
				const tencentPhone = digitsOf(PhoneNumber);
				const rows = tencentPhone === '' ? [] : (customers.get(CustomerId) ?? []);
				const phonesOfRows = rows.flatMap((row) => {
					const phone = phoneByRow.get(row);
					return phone === undefined ? [] : [{ row, phone }];
				});
				compared.PhoneNumbers += phonesOfRows.length;
				const differing = phonesOfRows.filter(({ phone }) => isOtherPhone(phone, countryCode, tencentPhone));
				const [first] = differing;
				if (first === undefined) {
					continue;
				}
				const itemIndexes = differing.map(({ row }) => row);
				const phones = [first.phone, tencentPhone].map(maskPhones);
				yield createFinding('PHONE_DIFFERS', { CustomerId }, itemIndexes, { phones });
			}
			for (const CustomerId of missingIds) {
				yield createFinding('CUSTOMER_UNKNOWN', { CustomerId }, customers.get(CustomerId));
			}
		},
	};
}

/**
 * ServiceGetOrderList (product 1465, pages 59062–59079). No page says that an OrderNo is unique, so it is a key only with the CustomerId.
 * @param unknownCustomers customers that Tencent does not know. They have no orders either, which is not reported a second time
 */
function orderList(
	{ customers, customerIds, withoutDevice, unused }: AuditRows,
	compared: Compared,
	unknownCustomers: ReadonlySet<string>,
): AuditList {
	return {
		parameters: { Action: 'ServiceGetOrderList' },
		member: 'Orders',
		keys: ['CustomerId', 'OrderNo'],
		kept: ['CustomerId', 'OrderNo'],
		namedIds: () => [...customers.keys()].filter((id) => !unknownCustomers.has(id)),
		*compare(listed, missingIds) {
			compared.CustomersByOrders += customers.size;
			for (const order of listed.values()) {
				const CustomerId = String(order.CustomerId);
				const OrderNo = String(order.OrderNo);
				const isNamed = customerIds.has(CustomerId);
				if (isNamed && !withoutDevice.has(CustomerId)) {
					continue;
				}
				const isUnsure = !isNamed && unused.mayNameAnyCustomer;
				yield createFinding('ORDER_WITHOUT_DEVICES', { CustomerId, OrderNo }, customers.get(CustomerId), {
					isUnsure,
				});
			}
			for (const CustomerId of missingIds) {
				yield createFinding('CUSTOMER_WITHOUT_ORDER', { CustomerId }, customers.get(CustomerId));
			}
		},
	};
}

/** The digits of a phone number or country code; empty if the service masks them. */
function digitsOf(value: unknown): string {
	const text = String(value ?? '').replace(/[\s()+-]/g, '');
	return /^\d+$/.test(text) ? text : '';
}

/** Whether two phone numbers certainly differ. Either may lack the country code or have leading zeros. */
function isOtherPhone(rowPhone: string, countryCode: string, tencentPhone: string): boolean {
	const inRow = rowPhone.replace(/^0+/, '');
	const atTencent = tencentPhone.replace(/^0+/, '');
	if (inRow === '' || atTencent === '') {
		return false;
	}
	if (countryCode === '') {
		return !inRow.endsWith(atTencent) && !atTencent.endsWith(inRow);
	}
	return inRow !== atTencent && inRow !== countryCode + atTencent && countryCode + inRow !== atTencent;
}

/** The most pairs of names that are compared. Unknown names beyond that are not checked for typos. */
const MOST_PAIRS = 50_000_000;

/**
 * Finds for each unknown name the candidate that was probably meant: the same name in another case, or with one or two letters
 * (at most a third of them) changed. A tie decides nothing: neither two candidates that are equally near to a name, nor two
 * names that are equally near to a candidate. A candidate belongs to the name that is nearest to it.
 */
async function findNearestNames(
	unknownNames: readonly string[],
	candidates: readonly string[],
): Promise<Map<string, string>> {
	/** The unknown names that are nearest to each candidate so far, and the number of letters by which they differ from it. */
	const claimsByCandidate = new Map<string, { letters: number; names: string[] }>();
	const candidatesInLowerCase = candidates.map((name) => ({ name, lower: name.toLowerCase() }));
	const comparedNames = unknownNames.slice(0, Math.floor(MOST_PAIRS / (candidates.length + 1)));
	for await (const batch of inBatches(comparedNames)) {
		for (const name of batch) {
			const nearest = findOnlyNearest(name, candidatesInLowerCase);
			if (nearest === undefined) {
				continue;
			}
			const { candidate, letters } = nearest;
			const claim = claimsByCandidate.get(candidate);
			if (claim === undefined || letters < claim.letters) {
				claimsByCandidate.set(candidate, { letters, names: [name] });
			} else if (letters === claim.letters) {
				claim.names.push(name);
			}
		}
	}
	const nearestByName = new Map<string, string>();
	for (const [candidate, { names }] of claimsByCandidate) {
		const [name] = names;
		if (name !== undefined && names.length === 1) {
			nearestByName.set(name, candidate);
		}
	}
	return nearestByName;
}

/** The candidate that differs from a name in the fewest letters, and in how many; undefined if there is none, or more than one. */
function findOnlyNearest(
	name: string,
	candidates: ReadonlyArray<{ name: string; lower: string }>,
): { candidate: string; letters: number } | undefined {
	const lowerName = name.toLowerCase();
	const mostLetters = Math.min(2, name.length / 3);
	for (let letters = 0; letters <= mostLetters; letters++) {
		const [first, second] = candidates.filter(({ lower }) => isWithin(letters, lowerName, lower));
		if (first !== undefined) {
			return second === undefined ? { candidate: first.name, letters } : undefined;
		}
	}
	return undefined;
}

/** Whether the names from `i` and `j` on differ by at most this number of changed, missing or added letters. */
function isWithin(letters: number, a: string, b: string, i = 0, j = 0): boolean {
	if (Math.abs(a.length - i - (b.length - j)) > letters) {
		return false;
	}
	while (i < a.length && a[i] === b[j]) {
		i++;
		j++;
	}
	if (i === a.length) {
		return true;
	}
	const isRemainderWithin = (skippedInA: number, skippedInB: number) =>
		isWithin(letters - 1, a, b, i + skippedInA, j + skippedInB);
	return letters > 0 && (isRemainderWithin(1, 1) || isRemainderWithin(1, 0) || isRemainderWithin(0, 1));
}
