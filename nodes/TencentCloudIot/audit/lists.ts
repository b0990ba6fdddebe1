import { inBatches } from '../input/batches';
import type { ResponseData } from '../service/outcome';
import type { Parameters } from '../service/signing/signature';
import { finding, type AuditFinding } from './findings';
import type { AuditRows } from './rows';

/** A list of Tencent, and what follows from its entries and from what it lacks. */
export interface AuditList {
	/** The Action and its own parameters, without those of a page. */
	parameters: Parameters & { ProductId?: string };
	/** The member of the response with the entries. */
	member: 'Customers' | 'Devices' | 'Orders';
	/** The members that together tell entries apart: texts in each. */
	keys: readonly string[];
	/** Begins to compare: once for each time that the list is read. */
	compare(): Comparison;
}

interface Comparison {
	/** Gets each entry once, in any order. */
	add(entry: ResponseData): AuditFinding | undefined;
	/** @param has whether the list, of which all entries were added, has one of this key */
	finish(has: (key: string) => boolean): AsyncIterable<AuditFinding> | Iterable<AuditFinding>;
}

/** `DeviceInfo.Status` of a device that was never activated; 2 says that its state is unknown (product 1465, page 59061). */
const NOT_ACTIVATED = 3;

/** ServiceGetDeviceList of a product (product 1465, pages 59062–59079). */
export function deviceList({ products, deviceIds }: AuditRows, ProductId: string): AuditList {
	const named = products.get(ProductId)!;
	const compare = (): Comparison => {
		const unowned: string[] = [];
		return {
			add({ DeviceName, Status }) {
				const name = String(DeviceName);
				const DeviceId = `${ProductId}/${name}`;
				if (!deviceIds.has(DeviceId)) unowned.push(name);
				const message = `Device '${DeviceId}' was never activated.`;
				if (Status !== NOT_ACTIVATED || !named.has(name)) return undefined;
				return finding('DEVICE_NEVER_ONLINE', { ProductId, DeviceId }, message, named.get(name));
			},
			async *finish(has) {
				const unknown = [...named.keys()].filter((name) => !has(name));
				const nearest = await nearestNames(unknown, unowned);
				for (const name of unknown) {
					const [DeviceId, near] = [`${ProductId}/${name}`, nearest.get(name)];
					const Nearest = near === undefined ? '' : `${ProductId}/${near}`;
					const hint = near === undefined ? '' : ` It has '${Nearest}', which no row names.`;
					const message = `Tencent has no device '${DeviceId}'.${hint}`;
					yield finding('DEVICE_UNKNOWN', { ProductId, DeviceId, Nearest }, message, named.get(name));
				}
				// A wrong letter is one difference: the device that was meant is none of its own.
				const meant = new Set(nearest.values());
				for (const name of unowned.filter((one) => !meant.has(one))) {
					const DeviceId = `${ProductId}/${name}`;
					const message = `Tencent has device '${DeviceId}', and no row names it.`;
					yield finding('DEVICE_UNOWNED', { ProductId, DeviceId }, message);
				}
			},
		};
	};
	const parameters = { Action: 'ServiceGetDeviceList', ProductId };
	return { parameters, member: 'Devices', keys: ['DeviceName'], compare };
}

/** ServiceGetCustomerList (product 1465, page 59064). */
export function customerList({ customers, customerIds, phones }: AuditRows): AuditList {
	const compare = (): Comparison => ({
		add(entry) {
			const CustomerId = String(entry.CustomerId);
			const gone = `Tencent has customer '${CustomerId}', and no row names it.`;
			if (!customerIds.has(CustomerId)) return finding('CUSTOMER_GONE', { CustomerId }, gone);
			const [code, number] = [digitsOf(entry.CountryCode), digitsOf(entry.PhoneNumber)];
			const isOther = (row: number) => isOtherPhone(phones.get(row), code, number);
			const rows = phones.size === 0 ? [] : (customers.get(CustomerId) ?? []).filter(isOther);
			if (rows.length === 0) return undefined;
			const [here, there] = [masked(phones.get(rows[0]!)!), masked(number)];
			const message = `The phone number of customer '${CustomerId}' is ${here} in the rows, ${there} at Tencent.`;
			return finding('PHONE_DIFFERS', { CustomerId }, message, rows);
		},
		*finish(has) {
			for (const [CustomerId, rows] of customers) {
				const message = `Tencent has no customer '${CustomerId}'.`;
				if (!has(CustomerId)) yield finding('CUSTOMER_UNKNOWN', { CustomerId }, message, rows);
			}
		},
	});
	const parameters = { Action: 'ServiceGetCustomerList' };
	return { parameters, member: 'Customers', keys: ['CustomerId'], compare };
}

/** ServiceGetOrderList (product 1465, pages 59062–59079). It does not say that an OrderNo is unique. */
export function orderList({ customers, customerIds }: AuditRows): AuditList {
	const compare = (): Comparison => {
		const ordering = new Set<string>();
		return {
			add(entry) {
				const [CustomerId, OrderNo] = [String(entry.CustomerId), String(entry.OrderNo)];
				ordering.add(CustomerId);
				if (customerIds.has(CustomerId)) return undefined;
				const message = `Order '${OrderNo}' is for customer '${CustomerId}', who has no device in the rows.`;
				return finding('ORDER_WITHOUT_DEVICES', { CustomerId, OrderNo }, message);
			},
			*finish() {
				for (const [CustomerId, rows] of customers) {
					const message = `Customer '${CustomerId}' has no order.`;
					if (!ordering.has(CustomerId))
						yield finding('CUSTOMER_WITHOUT_ORDER', { CustomerId }, message, rows);
				}
			},
		};
	};
	const parameters = { Action: 'ServiceGetOrderList' };
	return { parameters, member: 'Orders', keys: ['CustomerId', 'OrderNo'], compare };
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

/** e.g. `138****8000`. */
function masked(phone: string): string {
	return phone.replace(/\d/g, (digit, at: number) =>
		at < phone.length - 8 || at >= phone.length - 4 ? digit : '*',
	);
}

/** The most pairs of names that are compared: so many unknown names are no slips of the pen. */
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
			const index = nearestIndex(name.toLowerCase(), lower);
			if (index !== undefined) nearest.set(name, candidates[index]!);
		}
	}
	return nearest;
}

function nearestIndex(name: string, candidates: readonly string[]): number | undefined {
	let most = Math.min(2, Math.floor(name.length / 3));
	let found: number | undefined;
	let isOnly = false;
	for (const [index, candidate] of candidates.entries()) {
		if (Math.abs(candidate.length - name.length) > most) continue;
		let letters = 0;
		while (letters <= most && !isWithin(letters, name, candidate, 0, 0)) letters++;
		if (letters > most) continue;
		isOnly = found === undefined || letters < most;
		found = index;
		most = letters;
	}
	return isOnly ? found : undefined;
}

/** Whether so many letters, changed, left out or added from these places on, make one name of the other. */
function isWithin(letters: number, a: string, b: string, i: number, j: number): boolean {
	while (i < a.length && j < b.length && a[i] === b[j]) [i, j] = [i + 1, j + 1];
	if (i === a.length || j === b.length) return a.length - i + b.length - j <= letters;
	const isBehind = (m: number, n: number) => isWithin(letters - 1, a, b, i + m, j + n);
	return letters > 0 && (isBehind(1, 1) || isBehind(1, 0) || isBehind(0, 1));
}
