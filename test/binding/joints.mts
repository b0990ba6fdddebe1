import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import { RowReader } from '../../nodes/TencentCloudIot/binding/rowReader';
import { finish } from '../support/rows.mts';

/** Bare, with zeros in front, and with signs. */
const IDS = [
	'KH0001',
	'KH0002',
	'KH00012',
	'kh0001',
	'user_1',
	'user_12',
	'A',
	'AB',
	'C_1',
	'VIP1',
	'__proto__',
	'q',
	'7',
	'72',
	'1000',
	'20260101',
	'1019',
	'86',
	'x'.repeat(32),
	'E15',
	'a1b2',
	'_x1',
	'Total1',
	'SH_001',
	'13712345678',
	'13812345678',
	'02112345678',
	'075586013388',
	'14155552671',
	'07',
	'007',
	'00123',
	'00215',
	'0001',
	'0086',
	'C-1019',
	'KH-00101',
	'wang@qq.com',
	'K.H.1',
	'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
];

/** Every sign of ASCII and its double in full width, and the blanks. */
const SIGNS = Array.from({ length: 0x7f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index)).filter(
	(character) => !/[A-Za-z\d]/.test(character),
);
const fullWidthOf = (sign: string) =>
	sign === ' ' ? '\u3000' : String.fromCharCode(sign.charCodeAt(0) + 0xfee0);
const JOINTS = [...SIGNS, ...SIGNS.map(fullWidthOf), ' - ', '—', '–'];

const THINGS = [
	'王五',
	'老客户',
	'VIP',
	'x',
	'Wang',
	'home2',
	'2',
	'12',
	'5',
	'2024',
	'8000',
	'99999',
	'2024-01-01',
	'2024/1/1',
	'2024.01.01',
	'20240101',
	'12-2-1502',
	'10:30',
];

const cells = fc.record({
	id: fc.constantFrom(...IDS),
	joint: fc.constantFrom(...JOINTS),
	thing: fc.constantFrom(...THINGS),
	side: fc.constantFrom('before' as const, 'behind' as const, 'both' as const),
});
type Cell = typeof cells extends fc.Arbitrary<infer Value> ? Value : never;

function textOf({ id, joint, thing, side }: Cell): string {
	const before = side === 'behind' ? '' : thing + joint;
	const behind = side === 'before' ? '' : joint + thing;
	return before + id + behind;
}

const OPTIONS = fc.record({
	phoneIds: fc.constantFrom('digits' as const, 'refuse' as const),
	unusualCustomerIds: fc.constantFrom('allow' as const, 'refuse' as const),
	severalDevices: fc.constantFrom('split' as const, 'refuse' as const),
	emptyIds: fc.constantFrom('automatic' as const, 'above' as const, 'nobody' as const),
	sharedDevices: fc.constantFrom('allow' as const, 'refuse' as const),
});
type Rules = typeof OPTIONS extends fc.Arbitrary<infer Value> ? Value : never;

/** The cell of a row, and its true owner. */
interface Written {
	cell: string;
	truth: string;
}

function push(rows: readonly Written[], rules: Rules) {
	const reader = new RowReader(rules);
	const groups = new CustomerGroups(rules.emptyIds);
	for (const [itemIndex, { cell }] of rows.entries()) {
		const values = {
			CustomerId: cell,
			CustomerDeviceNo: `S${itemIndex}`,
			DeviceId: `P/${itemIndex}`,
			ProductName: 'Lock',
		};
		for (const row of [reader.read(itemIndex, (field) => values[field])].flat()) {
			groups.add(row);
		}
	}
	const { customers, ownerlessRows } = finish(groups, rules.sharedDevices);
	const sent = new Map<string, number[]>();
	const owners = new Map<number, string>();
	for (const { customerId, devices, findings } of customers) {
		for (const { itemIndex } of devices) {
			owners.set(itemIndex, customerId);
		}
		if (findings.length === 0) {
			sent.set(
				customerId,
				devices.map(({ itemIndex }) => itemIndex),
			);
		}
	}
	const findings = [...customers, ...ownerlessRows].flatMap((customerOrRow) => customerOrRow.findings);
	return { sent, owners, findings };
}

/** The letters and digits of a text without anything between them. */
function bareOf(text: string): string {
	return text.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '');
}

/** The option that a finding advises, as the reader takes it, written by hand. */
const CHOSEN = { allow: { unusualCustomerIds: 'allow' }, digits: { phoneIds: 'digits' } } as const;

/** @param numRuns how many sheets are drawn */
export function testJoints(numRuns: number): void {
	test('Whatever is joined to an id, no customer is sent in part or with the device of another, and unrelated customers are sent', () => {
		expect([IDS.length, JOINTS.length, THINGS.length]).toEqual([40, 69, 18]);
		const seen = { sent: 0, withheld: 0, bystanders: 0 };
		fc.assert(
			fc.property(cells, fc.subarray(IDS, { maxLength: 4 }), OPTIONS, (cell, otherIds, rules) => {
				const plain = [...new Set([cell.id, ...otherIds])].map((id) => ({ cell: id, truth: id }));
				const rows: Written[] = [...plain, { cell: textOf(cell), truth: cell.id }];
				const { sent } = push(rows, rules);
				for (const [id, itemIndexes] of sent) {
					const whole = rows.flatMap(({ truth }, itemIndex) => (truth === id ? itemIndex : []));
					expect([rows, rules, id, itemIndexes]).toEqual([rows, rules, id, whole]);
				}
				seen[sent.has(cell.id) ? 'sent' : 'withheld']++;
				// A customer whose rows have only its plain documented id is sent.
				const bare = bareOf(textOf(cell));
				const isNamed = (id: string) =>
					bare.includes(bareOf(id)) ||
					plain.some((other) => other.cell !== id && bareOf(other.cell).includes(bareOf(id))) ||
					plain.some((other) => other.cell !== id && bareOf(id).includes(bareOf(other.cell)));
				for (const { cell: id } of plain.slice(1)) {
					if (/^\w+$/.test(id) && !isNamed(id)) {
						seen.bystanders++;
						expect([rows, rules, [...sent.keys()]]).toEqual([rows, rules, expect.arrayContaining([id])]);
					}
				}
			}),
			{ numRuns },
		);
		expect(seen.withheld).toBeGreaterThan(numRuns / 2);
		expect(seen.bystanders).toBeGreaterThan(numRuns / 4);
	});

	test('The option that is advised for an id gives the customer that a person would name', () => {
		let advised = 0;
		const sheets = fc.tuple(
			fc.array(cells, { maxLength: 2 }),
			fc.subarray(IDS, { maxLength: 3 }),
			fc.subarray([
				'+86 137-1234-5678',
				'137 1234 5678',
				'021-1234 5678',
				'+1 (415) 555-2671',
				'0086-13812345678',
			]),
		);
		fc.assert(
			fc.property(sheets, OPTIONS, ([joined, ids, phones], rules) => {
				const rows: Written[] = [
					...ids.map((id) => ({ cell: id, truth: id })),
					...phones.map((cell) => ({ cell, truth: PHONES[cell]! })),
					...joined.map((cell) => ({ cell: textOf(cell), truth: cell.id })),
				];
				const { findings } = push(rows, rules);
				for (const { itemIndex, field, mend } of findings) {
					if (field !== 'CustomerId' || (mend !== 'allow' && mend !== 'digits')) {
						continue;
					}
					advised++;
					const row = rows[itemIndex]!;
					// Its customer may be withheld because of another row.
					const { owners, findings: left } = push(rows, { ...rules, ...CHOSEN.allow, ...CHOSEN.digits });
					const isMended = !left.some(
						(finding) => finding.itemIndex === itemIndex && finding.field === 'CustomerId',
					);
					const right = [rows, rules, row.cell, mend, true, rightIdOf(row, rows, mend)];
					expect([rows, rules, row.cell, mend, isMended, owners.get(itemIndex)]).toEqual(right);
				}
			}),
			{ numRuns },
		);
		expect(advised).toBeGreaterThan(numRuns / 4);
	});
}

/** The number of each spelling, written by hand. */
const PHONES: Readonly<Record<string, string>> = {
	'+86 137-1234-5678': '13712345678',
	'137 1234 5678': '13712345678',
	'021-1234 5678': '02112345678',
	'+1 (415) 555-2671': '14155552671',
	'0086-13812345678': '13812345678',
};

/**
 * The id that a person would name: the digits of a phone number, and any other id as it is written, since nothing shows
 * what is joined to it unless another row has the id alone.
 */
function rightIdOf(
	{ cell, truth }: Written,
	rows: readonly Written[],
	mend: 'allow' | 'digits',
): string | undefined {
	if (mend === 'digits') {
		return truth;
	}
	const hasAlone = rows.some((other) => (PHONES[other.cell] ?? other.cell) === truth);
	return hasAlone ? truth : cell;
}
