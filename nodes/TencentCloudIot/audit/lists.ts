import { inBatches } from '../input/batches';
import type { ResponseData } from '../service/outcome';
import type { Parameters } from '../service/signing/signature';
import { maskPhones } from '../service/words';
import { finding, type AuditCode, type AuditFinding } from './findings';
import type { AuditRows } from './rows';

/** The entries of a list by their `keys`, joined by line feeds, with what is `kept` of them. */
export type Listed = ReadonlyMap<string, ResponseData>;

/** A list of Tencent, and what follows from its entries and from what it lacks. */
export interface AuditList {
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
export function deviceList({ products, deviceIds }: AuditRows, ProductId: string): AuditList {
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
export function customerList({ customers, customerIds, phones }: AuditRows): AuditList {
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
export function orderList({ customers, customerIds }: AuditRows, unknown: ReadonlySet<string>): AuditList {
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
			const own = name.toLowerCase();
			let near: string[] = [];
			for (let letters = 0; near.length === 0 && letters <= Math.min(2, name.length / 3); letters++)
				near = candidates.filter((_, index) => isWithin(letters, own, lower[index]!));
			if (near.length === 1) nearest.set(name, near[0]!);
		}
	}
	return nearest;
}

/** Whether so many letters, changed, left out or added from these places on, make one name of the other. */
function isWithin(letters: number, a: string, b: string, i = 0, j = 0): boolean {
	if (Math.abs(a.length - i - (b.length - j)) > letters) return false;
	while (i < a.length && j < b.length && a[i] === b[j]) [i, j] = [i + 1, j + 1];
	if (i === a.length || j === b.length) return true;
	const isBehind = (m: number, n: number) => isWithin(letters - 1, a, b, i + m, j + n);
	return letters > 0 && (isBehind(1, 1) || isBehind(1, 0) || isBehind(0, 1));
}
