import { expect, test } from '@jest/globals';
import { AuditReport } from '../../nodes/TencentCloudIot/audit/report';
import { textsOf } from '../../nodes/TencentCloudIot/messages/audit';
import type { RequestFailure } from '../../nodes/TencentCloudIot/service/outcome';
import {
	auditOf,
	ofCustomer,
	ofDevice,
	ofOrder,
	pageOf,
	REFUSED,
	rowsOf,
	findingsOf,
	type Entry,
	type GoodRow,
	type World,
} from './standIn.mts';

const EVERY_LIST = ['Customers', 'Devices', 'Orders'];

/** Findings that something is missing from a list: each is checked by a second reading of that list. */
const OF_ABSENCE = /^(?:DEVICE_UNKNOWN|CUSTOMER_UNKNOWN|CUSTOMER_WITHOUT_ORDER) /;

/** Rows, Tencent's lists, and the findings. A list that is left out matches the rows. */
interface Case {
	rows: GoodRow[];
	devices?: Array<Parameters<typeof ofDevice>>;
	customers?: Array<Parameters<typeof ofCustomer>>;
	orders?: Array<Parameters<typeof ofOrder>>;
	found: string[];
}

function row(customer: string, device: string, phone?: string): GoodRow {
	const withoutPhone = { customer, device: `P/${device}` };
	return phone === undefined ? withoutPhone : { ...withoutPhone, phone };
}

const CASES: Record<string, Case> = {
	'a name in another case, with the one meant': {
		rows: [row('c', 'LOCK_1')],
		devices: [['lock_1']],
		found: ['DEVICE_UNKNOWN P/LOCK_1 (P/lock_1)'],
	},
	'a name one letter off': {
		rows: [row('c', 'lock_O1')],
		devices: [['lock_01']],
		found: ['DEVICE_UNKNOWN P/lock_O1 (P/lock_01)'],
	},
	'a name with two letters swapped': {
		rows: [row('c', 'lokc_01')],
		devices: [['lock_01']],
		found: ['DEVICE_UNKNOWN P/lokc_01 (P/lock_01)'],
	},
	'a name that lacks a letter and has another one twice': {
		rows: [row('c', 'lck_001')],
		devices: [['lock_01']],
		found: ['DEVICE_UNKNOWN P/lck_001 (P/lock_01)'],
	},
	'no nearest name three letters off': {
		rows: [row('c', 'lock_0001')],
		devices: [['lock_0xyz']],
		found: ['DEVICE_UNKNOWN P/lock_0001', 'DEVICE_UNOWNED P/lock_0xyz'],
	},
	'no nearest name when two are equally near': {
		rows: [row('c', 'lock_0')],
		devices: [['lock_1'], ['lock_2']],
		found: ['DEVICE_UNKNOWN P/lock_0', 'DEVICE_UNOWNED P/lock_1', 'DEVICE_UNOWNED P/lock_2'],
	},
	'the nearer of two': {
		rows: [row('c', 'lock_0')],
		devices: [['lock_12'], ['lock_1']],
		found: ['DEVICE_UNKNOWN P/lock_0 (P/lock_1)', 'DEVICE_UNOWNED P/lock_12'],
	},
	'the nearest name for the nearer row of two only': {
		rows: [row('c', 'lokc_1'), row('d', 'LOCK_1'), row('e', 'lck_1')],
		devices: [['lock_1']],
		found: ['DEVICE_UNKNOWN P/LOCK_1 (P/lock_1)', 'DEVICE_UNKNOWN P/lck_1', 'DEVICE_UNKNOWN P/lokc_1'],
	},
	'no nearest name for two rows that are equally near': {
		rows: [row('c', 'lock_2'), row('d', 'lock_3')],
		devices: [['lock_1']],
		found: ['DEVICE_UNKNOWN P/lock_2', 'DEVICE_UNKNOWN P/lock_3', 'DEVICE_UNOWNED P/lock_1'],
	},
	'no nearest name that another row names': {
		rows: [row('c', 'lock_0'), row('c', 'lock_1')],
		devices: [['lock_1']],
		found: ['DEVICE_UNKNOWN P/lock_0'],
	},
	'no nearest name for a name of two letters': {
		rows: [row('c', 'a1')],
		devices: [['b1']],
		found: ['DEVICE_UNKNOWN P/a1', 'DEVICE_UNOWNED P/b1'],
	},
	'a device that was never activated, not one whose state is unknown or that is offline': {
		rows: [row('c', 'a'), row('c', 'b'), row('c', 'd')],
		devices: [
			['a', 3],
			['b', 2],
			['d', 0],
		],
		found: ['DEVICE_NEVER_ONLINE P/a'],
	},
	'no difference of phone numbers by country code, leading zeros or signs': {
		rows: [
			row('c', 'a', '13800138000'),
			row('c', 'b', '8613800138000'),
			row('c', 'd', '0013800138000'),
			row('c', 'e'),
			row('f', 'f', '0'),
			row('g', 'g', '8613800138000'),
			row('h', 'h', '13800138000'),
		],
		devices: [['a'], ['b'], ['d'], ['e'], ['f'], ['g'], ['h']],
		customers: [
			['c', '138-0013-8000'],
			['f', '13800138000'],
			['g', '0013800138000'],
			['h', '+86 138 0013 8000'],
		],
		found: [],
	},
	'another phone number of another country': {
		rows: [row('c', 'a', '85213800138000')],
		customers: [['c', '138 0013 8000']],
		found: ['PHONE_DIFFERS c'],
	},
	'another phone number by its own digits when Tencent masks the country code': {
		rows: [row('c', 'a', '8613800138000'), row('d', 'b', '13800138000'), row('e', 'e', '13900139009')],
		customers: [
			['c', '13800138000', '**'],
			['d', '8613800138000', '**'],
			['e', '8613800138000', '**'],
		],
		found: ['PHONE_DIFFERS e'],
	},
	'a customer that Tencent lacks, when it lists none at all': {
		rows: [row('c', 'a')],
		customers: [],
		orders: [],
		found: ['CUSTOMER_UNKNOWN c'],
	},
	'nothing for orders whose CustomerId and OrderNo join to the same text': {
		rows: [row('c', 'a'), row('cO', 'b')],
		orders: [
			['c', 'O1'],
			['cO', '1'],
		],
		found: [],
	},
};

test.each(Object.entries(CASES))('%s', async (_, { rows, devices, customers, orders, found }) => {
	const ids = [...new Set(rows.map(({ customer }) => customer))];
	const listedDevices =
		devices?.map((device) => ofDevice(...device)) ?? rows.map(({ device }) => ofDevice(device.slice(2)));
	const world: World = {
		products: new Map([['P', listedDevices]]),
		customers: customers?.map((customer) => ofCustomer(...customer)) ?? ids.map((id) => ofCustomer(id)),
		orders: orders?.map((order) => ofOrder(...order)) ?? ids.map((id) => ofOrder(id, `O-${id}`)),
	};
	const { result, requests } = await auditOf(rowsOf(rows), (page) => pageOf(world, page), {
		compared: EVERY_LIST,
	});
	expect(findingsOf(result).sort()).toEqual([...found].sort());
	const readAgain = new Set(found.flatMap((finding) => OF_ABSENCE.exec(finding)?.[0] ?? []));
	expect(requests).toHaveLength(EVERY_LIST.length + readAgain.size);
});

const ONE: World = {
	customers: [ofCustomer('c', '13800138000')],
	orders: [],
	products: new Map([['P', [ofDevice('a')]]]),
};

test.each<[string, Entry | RequestFailure, string]>([
	['is refused', REFUSED, 'PRODUCT_NOT_READABLE P'],
	['is empty', { Devices: [], Total: 0 }, 'PRODUCT_NOT_READABLE P'],
	['could not be read', { ...REFUSED, outcome: 'UNKNOWN' }, 'LIST_INCOMPLETE Devices P'],
	['was throttled to the end', { ...REFUSED, retry: 'throttled' }, 'LIST_INCOMPLETE Devices P'],
	['was refused before the service', { ...REFUSED, isFromService: false }, 'LIST_INCOMPLETE Devices P'],
])('A list that %s is one finding, for all of its rows', async (_, response, found) => {
	const rows = rowsOf([{ customer: 'c', device: 'Q/x' }, row('c', 'a'), row('c', 'b'), row('c', 'a')]);
	const world = { ...ONE, products: new Map([['Q', [ofDevice('x')]]]) };
	const { result } = await auditOf(rows, (page) => (page.ProductId === 'P' ? response : pageOf(world, page)));
	expect(findingsOf(result)).toEqual([found]);
	const failure = 'Devices' in response ? undefined : response;
	expect(result.findings[0]).toMatchObject({ itemIndexes: [1, 3, 2], failure });
	expect(result.NotCompared.ListsNotRead).toEqual(['Devices P']);
});

test('A phone finding masks both numbers and names the rows with the other number', async () => {
	const rows = rowsOf([row('c', 'a', '13800138000'), row('c', 'a', '13900139009')]);
	const { result } = await auditOf(rows, (page) => pageOf(ONE, page));
	const [found] = result.findings;
	expect(found).toMatchObject({ code: 'PHONE_DIFFERS', itemIndexes: [1] });
	expect(textsOf(found!).Message).toBe(
		"The phone number of customer 'c' is 139****9009 in the rows, 138****8000 at Tencent.",
	);
});

test('Customers and devices in unusable rows are reported neither as gone nor as unowned', async () => {
	const rows = rowsOf([row('c', 'a')]);
	const device = { CustomerDeviceNo: '', DeviceId: 'P/b', ProductName: '' };
	rows.recordRow({
		itemIndex: 1,
		kind: 'own',
		customerId: undefined,
		readCandidates: () => [{ id: 'd' }],
		device,
		namedDeviceIds: ['P/c', 'P/lock_1'],
		readUnmappedCells: () => new Map(),
		findings: [],
	});
	const world = {
		...ONE,
		customers: [...ONE.customers, ofCustomer('d')],
		products: new Map([['P', [ofDevice('a'), ofDevice('b', 3), ofDevice('c', 4), ofDevice('lock_2')]]]),
	};
	const { result } = await auditOf(rows, (page) => pageOf(world, page));
	expect(findingsOf(result)).toEqual([]);
});

test('A phone number that Tencent masks is not compared', async () => {
	const world = { ...ONE, customers: [ofCustomer('c', '138****8001')] };
	const rows = rowsOf([row('c', 'a', '13800138000')]);
	const { result } = await auditOf(rows, (page) => pageOf(world, page));
	expect(result.Compared.PhoneNumbers).toBe(0);
	expect(findingsOf(result)).toEqual([]);
});

test('A failure that ends the whole run leaves no finding', async () => {
	const failure = { ...REFUSED, code: 'SIGNATURE', scope: 'run' as const };
	const notTried = { ...failure, code: 'NOT_TRIED', endedBy: failure };
	const { delivered, requests } = await auditOf(rowsOf([row('c', 'a')]), (page) =>
		page.Action === 'ServiceGetCustomerList' ? pageOf(ONE, page) : notTried,
	);
	expect(delivered).toMatchObject({ kind: 'answered', outcome: failure });
	expect(requests[0]).toEqual({ Action: 'ServiceGetCustomerList', Offset: 0, Limit: 100 });
});

test('After the time limit no further page is read, and missing entries are not reported', async () => {
	let pages = 0;
	const { result, requests } = await auditOf(
		rowsOf([row('d', 'x')]),
		(page) => {
			pages++;
			return pageOf(ONE, page);
		},
		{
			isTimeOver: () => pages > 0,
		},
	);
	expect(requests).toHaveLength(1);
	expect(findingsOf(result)).toEqual(['LIST_INCOMPLETE Customers', 'LIST_INCOMPLETE Devices P']);
	const { delivered } = await auditOf(rowsOf([]), () => ({}), { isTimeOver: () => true });
	expect(delivered).toMatchObject({ kind: 'notTried', why: { code: 'TIME_OVER', scope: 'call' } });
});

test('The first 60,000 findings without a row are listed and the others counted, and their list counts as incomplete', async () => {
	const devices = Array.from({ length: 60_002 }, (_, index) => ofDevice(`d${index}`));
	const rows = rowsOf([
		{ customer: 'c', device: 'P/d0' },
		{ customer: 'c', device: 'P/missing' },
	]);
	const world = { customers: [], orders: [], products: new Map([['P', devices]]) };
	const { result } = await auditOf(rows, (page) => pageOf(world, page), { compared: ['Devices'] });
	expect(result.findings).toHaveLength(60_001);
	expect(findingsOf(result)[0]).toBe('DEVICE_UNKNOWN P/missing');
	const [report] = new AuditReport(result).items([0], { outputItemPer: 'run', nameCustomers: false });
	expect(report?.json).toMatchObject({
		Summary: expect.stringContaining(
			'60,001 devices in no row; 1 of these is only counted: too many to list; 2 devices compared; not compared: Customers (not chosen) and Orders (not chosen)',
		),
		Findings: { Total: 60_002, DEVICE_UNOWNED: { Count: 60_001 } },
		NotListed: 1,
		StaysOpen: ['Customers', 'Orders', 'Devices P'],
	});
});

test('The summary names fewer long ids, so that a robot accepts it in both languages', async () => {
	const ids = Array.from({ length: 9 }, (_, index) => `${'x'.repeat(40)}${index}`);
	const rows = rowsOf(ids.map((id) => row(`new_${id}`, `new_${id}`)));
	const world = {
		customers: ids.map((CustomerId) => ({ CustomerId, CountryCode: '86', PhoneNumber: '13800138000' })),
		orders: ids.map((OrderNo) => ({ OrderNo, CustomerId: `of_${OrderNo}` })),
		products: new Map([['P', ids.map((id) => ofDevice(id))]]),
	};
	const { result } = await auditOf(rows, (page) => pageOf(world, page), { compared: EVERY_LIST });
	const [report] = new AuditReport(result).items([0], { outputItemPer: 'run', nameCustomers: true });
	const { Summary, SummaryZh } = report!.json;
	expect(Buffer.byteLength(`${String(SummaryZh)}\n${String(Summary)}`)).toBeLessThanOrEqual(2_000);
	expect(Summary).toMatch(
		/^Audit: 9 devices unknown to Tencent \('P\/new_x+0', 'P\/new_x+1' and others\); 9 devices/,
	);
	expect(SummaryZh).toMatch(/^核对结果：9 台设备在腾讯侧不存在（P\/new_x+0、P\/new_x+1 等）；/);
});

test.each([
	[true, ['new_c']],
	[false, []],
])(
	"The report names the first ids of each kind if 'Name Customers' is on: %s",
	async (nameCustomers, First) => {
		const { result } = await auditOf(rowsOf([row('new_c', 'a')]), (page) => pageOf(ONE, page));
		const [report] = new AuditReport(result).items([0], { outputItemPer: 'run', nameCustomers });
		expect(report?.json['Findings']).toMatchObject({ CUSTOMER_UNKNOWN: { Count: 1, First } });
	},
);

test.each<[what: string, customerId: string | undefined, hidden: [boolean, boolean], staysOpen: string[]]>([
	['of a known customer, though it may name any device', 'c', [true, true], []],
	['of any customer', undefined, [true, false], ['Customers', 'Orders']],
	['of any customer with any device', undefined, [true, true], ['Customers', 'Orders', 'Devices']],
	['without a customer, like rows without an id, with any device', undefined, [false, true], []],
])(
	'An unused row %s keeps the lists open that it may concern',
	async (_, customerId, [customers, devices], open) => {
		const rows = rowsOf([row('c', 'a')]);
		rows.finish([{ customerId, itemIndexes: [1] }], customers, devices);
		const { result } = await auditOf(rows, (page) => pageOf(ONE, page), { compared: EVERY_LIST });
		const [report] = new AuditReport(result).items([0], { outputItemPer: 'run', nameCustomers: false });
		expect(report?.json['StaysOpen']).toEqual(open);
	},
);

test('The report names each customer and device once that only unused rows name or may name', () => {
	const rows = rowsOf([row('c', 'a')]);
	// Its CustomerId is unusable: c or d may be meant.
	rows.recordRow({
		itemIndex: 1,
		customerId: undefined,
		readCandidates: () => [{ id: 'c' }, { id: 'd' }, { noIdBut: 'a note' }],
		device: { DeviceId: '' },
		namedDeviceIds: ['P/a', 'P/x'],
		readUnmappedCells: () => new Map(),
	} as never);
	const ofCustomerE = { customerId: 'e', itemIndexes: [2] };
	rows.finish([{ itemIndexes: [1] }, ofCustomerE, ofCustomerE], true, false);
	expect(rows.unused).toMatchObject({
		rowCount: 2,
		named: [
			{ Code: 'ROW_UNUSED', CustomerId: 'd' },
			{ Code: 'ROW_UNUSED', CustomerId: 'e' },
			{ Code: 'ROW_UNUSED', DeviceId: 'P/x' },
		],
	});
});
