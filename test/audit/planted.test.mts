import { expect, test } from '@jest/globals';
import {
	auditOf,
	ofCustomer,
	ofDevice,
	ofOrder,
	pageOf,
	rowsOf,
	told,
	type GoodRow,
	type World,
} from './standIn.mts';

const CUSTOMERS = 20_000;
const PRODUCTS = 5;
const OF_EACH = 10;

/** Names that are far from one another, as serial numbers with check digits are. */
const nameOf = (index: number) => `D${((index * 2_654_435_761) % 4_294_967_296).toString(36)}x${index}`;

test('80 planted differences between 20,000 customers with 60,000 devices are found, and nothing else', async () => {
	const rows: GoodRow[] = [];
	const world: World = { customers: [], orders: [], products: new Map() };
	for (let product = 0; product < PRODUCTS; product++) world.products.set(`P${product}`, []);
	for (let index = 0; index < CUSTOMERS * 3; index++) {
		const [customer, product] = [`user_${Math.floor(index / 3)}`, `P${index % PRODUCTS}`];
		const phone = `138${String(Math.floor(index / 3)).padStart(8, '0')}`;
		rows.push({ customer, device: `${product}/${nameOf(index)}`, phone });
		world.products.get(product)!.push(ofDevice(nameOf(index)));
		if (index % 3 !== 0) continue;
		world.customers.push(ofCustomer(customer, phone));
		world.orders.push(ofOrder(customer, `O-${index / 3}`));
	}
	const planted: string[] = [];
	for (let one = 0; one < OF_EACH; one++) {
		// One row's device is written with a wrong letter.
		const typo = rows[one * 300]!;
		const wrong = `${typo.device.slice(0, -1)}_`;
		planted.push(`DEVICE_UNKNOWN ${wrong} (${typo.device})`);
		typo.device = wrong;
		const asleep = world.products.get('P1')!;
		asleep[one * 7 + 50] = { ...asleep[one * 7 + 50]!, Status: 3 };
		planted.push(`DEVICE_NEVER_ONLINE P1/${String(asleep[one * 7 + 50]!.DeviceName)}`);
		world.products.get('P2')!.splice(one * 500, 0, ofDevice(`STOCK${nameOf(one)}`));
		planted.push(`DEVICE_UNOWNED P2/STOCK${nameOf(one)}`);
		const gone = { ...ofCustomer(`left_${one}`) };
		world.customers.splice(one * 900, 0, gone);
		planted.push(`CUSTOMER_GONE left_${one}`);
		const [unknown] = world.customers.splice(5_000 + one * 11, 1);
		planted.push(`CUSTOMER_UNKNOWN ${String(unknown!.CustomerId)}`);
		const other = world.customers[10_000 + one * 13]!;
		world.customers[10_000 + one * 13] = { ...other, PhoneNumber: '13999999999' };
		planted.push(`PHONE_DIFFERS ${String(other.CustomerId)}`);
		const [order] = world.orders.splice(15_000 + one * 17, 1);
		planted.push(`CUSTOMER_WITHOUT_ORDER ${String(order!.CustomerId)}`);
		world.orders.splice(one * 31, 0, ofOrder(`nobody_${one}`, `X-${one}`));
		planted.push(`ORDER_WITHOUT_DEVICES X-${one}`);
	}
	const { result, requests } = await auditOf(rowsOf(rows), (page) => pageOf(world, page), {
		compared: ['Customers', 'Devices', 'Orders'],
	});
	expect(planted).toHaveLength(80);
	expect(told(result).sort()).toEqual(planted.sort());
	// Each page of 100 begins with the last entry of the page before. Lists that lack something are read twice.
	const pagesOf = (lists: Iterable<unknown[]>) =>
		[...lists].reduce((sum, { length }) => sum + Math.ceil(length / 99), 0);
	const readAgain = pagesOf([world.customers, world.orders, world.products.get('P0')!]);
	const pages = pagesOf([world.customers, world.orders, ...world.products.values()]);
	expect(requests).toHaveLength(pages + readAgain);
	expect(new Set(requests.map((request) => JSON.stringify(request))).size).toBe(pages);
	expect(new Set(requests.map(({ Action }) => Action))).toEqual(
		new Set(['ServiceGetCustomerList', 'ServiceGetDeviceList', 'ServiceGetOrderList']),
	);
}, 120_000);
