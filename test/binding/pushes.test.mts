import { expect, test } from '@jest/globals';
import { planPushes } from '../../nodes/TencentCloudIot/binding/pushes';
import { rowsOf, type Cells } from '../support/rows.mts';

const RULES = {
	emptyCustomerId: 'nobody',
	emptyProductName: 'refuse',
	rowsWithoutDevice: 'refuse',
	sharedDevices: 'refuse',
} as const;

const GOOD: Cells = ['c1', 'P/1'];
const BAD: Cells = ['c1', 'no id of a device'];
const OWNERLESS: Cells = ['', 'P/9'];

/** What is sent as `customer: devices` and what is withheld as `customer: rows`. */
async function plan(invalidRows: 'withhold' | 'sendValid', table: readonly Cells[]) {
	const { calls, withheld, isClean } = await planPushes([rowsOf(table)], { ...RULES, invalidRows });
	const sent = calls.map(({ parameters: { CustomerId, DeviceInfos } }) => {
		return `${CustomerId}: ${DeviceInfos.map(({ DeviceId }) => DeviceId).join()}`;
	});
	const held = withheld.map(({ customerId = '', itemIndexes }) => `${customerId}: ${itemIndexes.join()}`);
	return { sent, held, isClean };
}

// A push replaces a customer's devices, so a customer without a valid row is never sent: that would take all devices away.
test.each<
	[
		title: string,
		invalidRows: 'withhold' | 'sendValid',
		table: readonly Cells[],
		sent: string[],
		held: string[],
	]
>([
	['valid rows', 'withhold', [GOOD, ['c1', 'P/2'], ['c2', 'P/3']], ['c1: P/1,P/2', 'c2: P/3'], []],
	['valid rows', 'sendValid', [GOOD, ['c1', 'P/2'], ['c2', 'P/3']], ['c1: P/1,P/2', 'c2: P/3'], []],
	['a customer with an invalid row', 'withhold', [GOOD, BAD], [], ['c1: 0,1']],
	['a customer with an invalid row', 'sendValid', [GOOD, BAD], ['c1: P/1'], ['c1: 1']],
	['a customer with only invalid rows', 'withhold', [BAD, BAD, ['c2', 'P/3']], ['c2: P/3'], ['c1: 0,1']],
	['a customer with only invalid rows', 'sendValid', [BAD, BAD, ['c2', 'P/3']], ['c2: P/3'], ['c1: 0,1']],
	['a row without an owner', 'sendValid', [GOOD, OWNERLESS], ['c1: P/1'], [': 1']],
])('Of %s with %s are sent and withheld: %j → %j, %j', async (_title, invalidRows, table, sent, held) => {
	expect(await plan(invalidRows, table)).toEqual({ sent, held, isClean: held.length === 0 });
});

test('Each row has the devices that it names: one, those of its list, or one that an earlier row names, too', async () => {
	const table: Cells[] = [
		['c1', ['P/1', 'P/2'], ['1', '2'], ['Lock', 'Lock']],
		['c2', 'P/9'],
		['c1', 'P/2', '2'],
		['c1', 'P/3'],
		['c1', 'P/3'],
	];
	const { calls } = await planPushes([rowsOf(table)], { ...RULES, invalidRows: 'withhold' });
	const namedByRow = calls.map(({ parametersByRow }) =>
		[...parametersByRow()].map(([itemIndex, { DeviceInfos }]) => {
			return `${itemIndex}: ${DeviceInfos.map(({ DeviceId }) => DeviceId).join()}`;
		}),
	);
	expect(namedByRow.map((rows) => rows.sort())).toEqual([
		['0: P/1,P/2', '2: P/2', '3: P/3', '4: P/3'],
		['1: P/9'],
	]);
});

const ALIKE: Cells[] = [
	['YZ0006', 'P/1'],
	['yz0006', 'P/2'],
];

test.each<[what: string, table: Cells[], isClean: boolean]>([
	['of valid rows', [GOOD, ['c2', 'P/2']], true],
	['of no row', [], true],
	['with a customer that has no device', [GOOD, ['c2', '']], false],
	['with a row without an owner', [GOOD, OWNERLESS], false],
	['with customers that may be one', ALIKE, false],
	['with both', [...ALIKE, ['c2', '']], false],
	['with a row that has more than a device', [GOOD, ['c2', 'P/2,P/3']], false],
])('A sheet is clean only if nothing was found or assumed: one %s', async (_what, table, isClean) => {
	const rules = { ...RULES, rowsWithoutDevice: 'leaveOut', invalidRows: 'withhold' } as const;
	expect((await planPushes([rowsOf(table)], rules)).isClean).toBe(isClean);
});
