import { expect, test } from '@jest/globals';
import type { Parameters } from '../../nodes/TencentCloudIot/service/signing/signature';
import { auditOf, ofDevice, rowsOf, findingsOf, type Entry } from './standIn.mts';

const names = (count: number) => Array.from({ length: count }, (_, index) => `d${index}`);

/** The devices of these names that are on a page. */
const devicesOn = ({ Offset }: Parameters, deviceNames: readonly string[], size = 100) =>
	deviceNames.slice(Number(Offset), Number(Offset) + size).map((name) => ofDevice(name));

interface Case {
	/** The devices that rows name. */
	rows: string[];
	/** The response to each request, by its number. */
	page: (parameters: Parameters, request: number) => Entry;
	requests: number;
	found: string[];
}

/** Pages of a list with a right Total; a service may return pages of another size than requested. */
const whole = (deviceNames: readonly string[], size?: number) => (page: Parameters) => ({
	Devices: devicesOn(page, deviceNames, size),
	Total: deviceNames.length,
});
const INCOMPLETE = ['LIST_INCOMPLETE Devices P'];

test.each<[string, Case]>([
	['one page', { rows: names(99), page: whole(names(99)), requests: 1, found: [] }],
	[
		'a full page and the page after it',
		{ rows: names(100), page: whole(names(100)), requests: 2, found: [] },
	],
	['pages that meet', { rows: names(298), page: whole(names(298)), requests: 4, found: [] }],
	['shorter pages than requested', { rows: names(120), page: whole(names(120), 50), requests: 3, found: [] }],
	[
		'more entries than the Total counts',
		{
			rows: names(1),
			page: (page) => ({ Devices: devicesOn(page, names(199)), Total: 100 }),
			requests: 4,
			found: INCOMPLETE,
		},
	],
	[
		'fewer entries than the Total counts',
		{
			rows: ['x'],
			page: (page) => ({ Devices: devicesOn(page, names(50)), Total: 51 }),
			requests: 4,
			found: INCOMPLETE,
		},
	],
	[
		'a Total far beyond the entries, which is not followed',
		{
			rows: ['x'],
			page: (page) => ({ Devices: devicesOn(page, names(150)), Total: 1e5 }),
			requests: 22,
			found: INCOMPLETE,
		},
	],
	[
		'a Total of more than memory can hold, which is not read',
		{
			rows: ['x'],
			page: (page) => ({ Devices: devicesOn(page, names(150)), Total: 999_999 }),
			requests: 1,
			found: INCOMPLETE,
		},
	],
	...[100, 150].map((size): [string, Case] => [
		`all ${size} entries in each response, whatever its Offset`,
		{
			rows: names(size),
			page: () => whole(names(size), size)({ Offset: 0 }),
			requests: size === 100 ? 2 : 1,
			found: [],
		},
	]),
	['longer pages than requested', { rows: names(500), page: whole(names(500), 200), requests: 3, found: [] }],
	[
		'an entry that occurs twice',
		{ rows: ['x'], page: whole([...names(50), 'd1']), requests: 2, found: INCOMPLETE },
	],
	[
		'pages that shift and shift back, so the number of entries is right',
		{
			rows: ['x'],
			page: (page) => ({
				Devices: devicesOn(page, page.Offset === 99 ? names(251).slice(1) : names(250)),
				Total: 250,
			}),
			requests: 6,
			found: INCOMPLETE,
		},
	],
	['pages of one entry', { rows: ['x'], page: whole(names(3), 1), requests: 2, found: INCOMPLETE }],
	[
		'no Total',
		{ rows: ['x'], page: (page) => ({ Devices: devicesOn(page, names(5)) }), requests: 2, found: INCOMPLETE },
	],
	[
		'an entry without its name',
		{ rows: ['x'], page: () => ({ Devices: [{ Status: 1 }], Total: 1 }), requests: 2, found: INCOMPLETE },
	],
	[
		'a list of something else',
		{ rows: ['x'], page: () => ({ Customers: [], Total: 1 }), requests: 2, found: INCOMPLETE },
	],
	[
		'a Total that changes',
		{
			rows: names(150),
			page: (page, request) => ({ Devices: devicesOn(page, names(150)), Total: 150 + (request % 2) }),
			requests: 4,
			found: INCOMPLETE,
		},
	],
	[
		'an entry that two complete readings lack, after an incomplete one',
		{
			rows: [...names(150), 'x'],
			page: (page, request) => ({ Devices: devicesOn(page, names(150)), Total: request === 0 ? 151 : 150 }),
			requests: 6,
			found: ['DEVICE_UNKNOWN P/x'],
		},
	],
	[
		'an entry that is missing in a complete reading and present in the next one',
		{
			rows: names(150),
			page: (page, request) => ({
				Devices: devicesOn(page, names(150).with(7, request < 2 ? 'other' : 'd7')).map((device) =>
					device.DeviceName === 'd7' ? ofDevice('d7', 3) : device,
				),
				Total: 150,
			}),
			requests: 4,
			found: ['DEVICE_NEVER_ONLINE P/d7'],
		},
	],
	[
		'an entry that a complete reading lacks before an incomplete one',
		{
			rows: [...names(150), 'x'],
			page: (page, request) => ({ Devices: devicesOn(page, names(150)), Total: request < 2 ? 150 : 151 }),
			requests: 4,
			found: INCOMPLETE,
		},
	],
])('%s', async (_, { rows, page, requests: expected, found }) => {
	let request = -1;
	const respond = (parameters: Parameters) => {
		request++;
		return page(parameters, request);
	};
	const named = rowsOf(rows.map((name) => ({ customer: 'c', device: `P/${name}` })));
	const { result, requests } = await auditOf(named, respond, { compared: ['Devices'] });
	expect(findingsOf(result)).toEqual(found);
	expect(requests).toHaveLength(expected);
});

test('The first page is read alone, and later pages with the allowed concurrency', async () => {
	let inFlight = 0;
	let most = 0;
	const seen: number[] = [];
	const rows = rowsOf(names(950).map((name) => ({ customer: 'c', device: `P/${name}` })));
	await auditOf(
		rows,
		async (page) => {
			inFlight++;
			seen.push(inFlight);
			most = Math.max(most, inFlight);
			await new Promise((resolve) => setImmediate(resolve));
			inFlight--;
			return whole(names(950))(page);
		},
		{ compared: ['Devices'], concurrency: 4 },
	);
	expect(most).toBe(4);
	expect(seen.slice(0, 5)).toEqual([1, 1, 2, 3, 4]);
});

test('The memory of one list is freed before the next one', async () => {
	const products = Array.from({ length: 3 }, (_, index) => `P${index}`);
	const rows = rowsOf(products.map((product) => ({ customer: 'c', device: `${product}/0` })));
	// Each list has 40 MB, and all lists together may have 96 MB.
	const long = 'x'.repeat(2_000_000);
	const listed = [ofDevice('0'), ...names(20).map((name) => ofDevice(`${name}${long}`))];
	const { result } = await auditOf(rows, () => ({ Devices: listed, Total: listed.length }), {
		compared: ['Devices'],
	});
	expect(result.NotCompared.ListsNotRead).toEqual([]);
	expect(result.listsRead.map(({ Entries }) => Entries)).toEqual([21, 21, 21]);
});
