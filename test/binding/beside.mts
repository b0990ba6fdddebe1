import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import { RowReader } from '../../nodes/TencentCloudIot/binding/rowReader';
import { finish } from '../support/rows.mts';

const IDS = [
	'13712345678',
	'13812345678',
	'02112345678',
	'075586013388',
	'14155552671',
	'442079460958',
	'KH0001',
	'KH0002',
	'KH00012',
	'kh0001',
	'user_1',
	'user_12',
	'A',
	'B',
	'AB',
	'a1b2',
	'_x1',
	'VIP1',
	'7',
	'07',
	'72',
	'0001',
	'1000',
	'20260101',
	'C_1',
	'C_1_2',
	'x'.repeat(32),
	'E15',
	'Total1',

	'cust_A_1',
	'SH_001',
	'BJ001',
	'NO1',
	'ID9',
	'tel1',
	'Z9',
	'__proto__',
	'constructor',
	'NAN1',
	'M0',
	'q',
];

/** What people and programs add to an id. None of it makes another documented id. */
const before = (text: string) => (id: string) => text + id;
const after = (text: string) => (id: string) => id + text;
const around = (left: string, right: string) => (id: string) => left + id + right;
const within = (text: string) => (id: string) => id.slice(0, 2) + text + id.slice(2);
const DECORATIONS: ReadonlyArray<(id: string) => string> = [
	...[
		'客户',
		'客户：',
		'手机',
		'手机号:',
		'ID: ',
		'No.',
		'编号 ',
		'#',
		'@',
		'VIP ',
		'张三',
		'张三 ',
		'～',
		'* ',
		'\u200b',
		'=',
		"'",
		'+86 ',
		'(0)',
		'😀',
		'\uFFFD',
		'- ',
	].map(before),
	...[
		'张三',
		' 张三',
		'(VIP)',
		'（一期）',
		' (2)',
		'-2',
		'①',
		'²',
		'.0',
		'.',
		'，',
		'、',
		';',
		'/2',
		'/张三',
		'\n备注',
		'\t2',
		'|2',
		' - 王',
		': 老客户',
		'*',
		'！',
		'😀',
		'\u200b2',
		'\u3000VIP',
		' & B',
		', KH0002',
		' undefined',
		' #N/A',
		'\uFFFD',
		'…',
	].map(after),
	...[
		['"', '"'],
		['="', '"'],
		['【', '】'],
		['["', '"]'],
		['{"id":"', '"}'],
	].map(([left, right]) => around(left!, right!)),
	...[' ', '\u00a0', '-'].map(within),
	(id) => id.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
];

const cells = fc.record({
	id: fc.constantFrom(...IDS),
	decorations: fc.oneof(
		{ weight: 2, arbitrary: fc.constant<typeof DECORATIONS>([]) },
		{ weight: 1, arbitrary: fc.array(fc.constantFrom(...DECORATIONS), { minLength: 1, maxLength: 2 }) },
	),
});
const OPTIONS = fc.record({
	phoneIds: fc.constantFrom('digits' as const, 'refuse' as const),
	unusualCustomerIds: fc.constantFrom('allow' as const, 'refuse' as const),
	severalDevices: fc.constantFrom('split' as const, 'refuse' as const),
	emptyIds: fc.constantFrom('automatic' as const, 'above' as const, 'nobody' as const),
	sharedDevices: fc.constantFrom('allow' as const, 'refuse' as const),
});

/** @param numRuns how many sheets are drawn */
export function testBeside(numRuns: number): void {
	test('Whatever is next to an id, its customer is sent whole or withheld, and no other customer is sent', () => {
		expect([IDS.length, DECORATIONS.length]).toEqual([41, 62]);
		const seen = { sent: 0, withheld: 0 };
		const sheets = fc.array(cells, { minLength: 2, maxLength: 10 });
		fc.assert(
			fc.property(sheets, fc.boolean(), OPTIONS, (drawn, withPlain, options) => {
				// Only rows that name a customer show that an unusual id contains its id.
				const isPlain = withPlain || options.unusualCustomerIds === 'allow';
				const plain = isPlain ? [...new Set(drawn.map(({ id }) => id))] : [];
				const rows = [...drawn, ...plain.map((id) => ({ id, decorations: [] }))].map(
					({ id, decorations }, index) => ({
						id,
						cell: [...decorations].reduce((text, decorate) => decorate(text), id),
						device: `P/${index}`,
					}),
				);
				const reader = new RowReader(options);
				const groups = new CustomerGroups(options.emptyIds);
				rows.forEach(({ cell, device }, itemIndex) => {
					const of = { CustomerId: cell, CustomerDeviceNo: '1', DeviceId: device, ProductName: 'Lock' };
					for (const row of [reader.read(itemIndex, (field) => of[field])].flat()) {
						groups.add(row);
					}
				});
				for (const { customerId, devices, findings } of finish(groups, options.sharedDevices).customers) {
					seen[findings.length > 0 ? 'withheld' : 'sent']++;
					const named = rows.filter(({ id }) => id === customerId).map(({ device }) => device);
					const sent = devices.map(({ info }) => info.DeviceId);
					if (findings.length === 0) {
						expect([rows, customerId, sent]).toEqual([rows, customerId, named]);
					}
				}
			}),
			{ numRuns },
		);
		expect(Math.min(seen.sent, seen.withheld)).toBeGreaterThan(numRuns);
	});
}
