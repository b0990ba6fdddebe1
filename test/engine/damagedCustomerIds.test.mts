import { describe, expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { errorOf, linksOf, push, row } from './pushRun.mts';

const onError = 'continueErrorOutput' as const;
/** A row whose CustomerId is of any type. */
const damaged = (CustomerId: unknown, device: number) => row(CustomerId as string, device);

describe('A CustomerId that is damaged and still shows whom it means holds its customer back:', () => {
	test.each<[what: string, cell: unknown, meant: string]>([
		['an invisible character', 'user\u200b_1', 'user_1'],
		['a control character', 'user\u0007_1', 'user_1'],
		['a line break', 'user_\n1', 'user_1'],
		['a second line', 'user_1\nVIP', 'user_1'],
		['a character that could not be decoded', 'user_\uFFFD', 'user_1'],
		['a broken character too many', 'user_1\uFFFD', 'user_1'],
		['half a character', '\ud83duser_1', 'user_1'],
		['half a character in the middle', 'us\udc00er_1', 'user_1'],
		['a number too large to be exact', Number('9007199254740993'), '9007199254740993'],
		['an order number of 19 digits', Number('1234567890123456789'), '1234567890123456789'],
		['a list with the id', ['user_1'], 'user_1'],
		['a list of texts as some tables have it', [{ text: 'user_1', type: 'text' }], 'user_1'],
	])('%s', async (_what, cell, meant) => {
		const simulator = await runSimulator();
		const rows = [row(meant, 1), damaged(cell, 2), row('other', 3)];
		const result = await push(rows, simulator, { onError });
		expect([...simulator.bindings.keys()]).toEqual(['other']);
		expect(result.error.map(linksOf)).toEqual([[0, 1]]);
		expect(errorOf(result.error[0]!)).toMatchObject({
			code: 'INVALID_ROWS',
			outcome: 'NOT_SENT',
			CustomerId: meant,
			reasons: [{ row: 2, field: 'CustomerId' }],
		});
		expectNothingLost(result, rows, simulator);
	});
});

test('A damaged CustomerId that may mean several customers holds back each of them, and is told of once.', async () => {
	const simulator = await runSimulator();
	const rows = [row('user_1', 1), row('user_2', 2), row('user_10', 3), damaged('user_\uFFFD', 4)];
	const result = await push(rows, simulator, { onError });
	expect([...simulator.bindings.keys()]).toEqual(['user_10']);
	expect(result.error.map(linksOf)).toEqual([[0, 3], [1]]);
	expect(result.error.map((item) => errorOf(item)?.reasons)).toEqual([
		[expect.objectContaining({ row: 4 })],
		[expect.objectContaining({ row: 4 })],
	]);
	expect(result.hints[0]?.message).toBe('1 of 3 customers, 1 device pushed; 1 row invalid');
	expectNothingLost(result, rows, simulator);
});

test('Send the Valid Devices sends what is left of such customers, and tells of the row once.', async () => {
	const simulator = await runSimulator();
	const rows = [row('user_1', 1), row('user_2', 2), damaged('user_\uFFFD', 4)];
	const result = await push(rows, simulator, { onError, rowHandling: { invalidRows: 'sendValid' } });
	expect([...simulator.bindings.keys()]).toEqual(['user_1', 'user_2']);
	expect(result.error.map(linksOf)).toEqual([[2]]);
	expectNothingLost(result, rows, simulator, { sendsValid: true });
});

test.each([
	['nothing but broken characters', '\uFFFD\uFFFD'],
	['a yes/no value', true],
	['half a number', 1.5],
	['a number that is none', NaN],
	['a list of nothing', []],
])('A CustomerId that shows nothing of an id holds nobody back: %s', async (_what, cell) => {
	const simulator = await runSimulator();
	const rows = [row('1', 1), damaged(cell, 2)];
	const result = await push(rows, simulator, { onError });
	expect([...simulator.bindings.keys()]).toEqual(['1']);
	expect(result.error.map(linksOf)).toEqual([[1]]);
	expectNothingLost(result, rows, simulator);
});

test('With Stop Workflow a row that holds back several customers is named once.', async () => {
	const simulator = await runSimulator();
	const { failure } = await push([row('a1', 1), row('a2', 2), damaged('a\uFFFD', 3)], simulator);
	expect(failure?.message).toBe(
		"Nothing was sent: 1 row invalid. [row 3] 'CustomerId' has a broken character: export the file as UTF-8. " +
			"Correct 'CustomerId' and run the workflow again",
	);
	expect(simulator.requests).toHaveLength(0);
});

test('Cells of any length and make are read, and read soon.', async () => {
	const simulator = await runSimulator();
	const n = 200_000;
	const cells = [
		`1.${'1'.repeat(300)}E+300`,
		`1.${'1'.repeat(n)}E+${'9'.repeat(n)}`,
		`a${'-'.repeat(n)}a`,
		`"${'"'.repeat(n)}a`,
		`${'\uFFFD'.repeat(n)}a${'\uFFFD'.repeat(n)}`,
		`${'a\uFFFD'.repeat(n)}`,
		`${'.0'.repeat(n)}1`,
		`${'#A'.repeat(n)}`,
		`${'[object a'.repeat(n)}`,
		`${'1,'.repeat(n)}`,
		'0'.repeat(n),
		Array.from({ length: n }, (_, index) => `x${index}`),
	];
	const rows = [row('user_1', 1), ...cells.map((cell, index) => damaged(cell, index + 2))];
	const startMs = performance.now();
	const result = await push(rows, simulator, { onError });
	expect(performance.now() - startMs).toBeLessThan(10_000);
	expect([...simulator.bindings.keys()]).toEqual(['user_1']);
	expectNothingLost(result, rows, simulator);
});

describe('A row with another fault counts for Same Device Under Several Customers:', () => {
	const noProduct = (CustomerId: unknown, device: number): IDataObject => ({
		...damaged(CustomerId, device),
		ProductName: '',
	});

	test.each<[what: string, faulty: IDataObject, other: string]>([
		['an empty field', noProduct('b', 1), 'b'],
		['a damaged CustomerId of a known customer', damaged('b\u0007', 1), 'b'],
		['a damaged CustomerId of nobody else', damaged('c\u200bd', 1), 'cd'],
	])('%s', async (_what, faulty, other) => {
		const simulator = await runSimulator();
		const rows = [row('a', 1), row('a', 2), row('b', 3), faulty];
		const result = await push(rows, simulator, { onError });
		expect([...simulator.bindings.keys()]).toEqual(other === 'b' ? [] : ['b']);
		expect(errorOf(result.error[0]!)).toMatchObject({
			CustomerId: 'a',
			rows: [1, 2],
			reasons: [
				{ row: 1, field: 'DeviceId', text: `is also under customer '${other}' in row 4: keep one of them` },
			],
		});
		const told = errorOf(result.error.at(-1)!)?.reasons as IDataObject[];
		expect(told).toContainEqual({
			...{ row: 4, field: 'DeviceId' },
			text: "is also under customer 'a' in row 1: keep one of them",
		});
		expectNothingLost(result, rows, simulator);
	});

	test('not where that is allowed, nor where it may mean the same customer, nor where it names nobody', async () => {
		const simulator = await runSimulator();
		const allowed = [row('a', 1), noProduct('b', 1)];
		await push(allowed, simulator, { onError, rowHandling: { sharedDevices: 'allow' } });
		expect([...simulator.bindings.keys()]).toEqual(['a']);
		simulator.reset();
		await push([row('a', 1), noProduct(null, 1), row('b', 2)], simulator, { onError });
		expect([...simulator.bindings.keys()]).toEqual(['a', 'b']);
		simulator.reset();
		const same = [row('a1', 1), row('a2', 2), damaged('a\uFFFD', 1)];
		const { error } = await push(same, simulator, { onError });
		expect(error.map((item) => (errorOf(item)?.reasons as IDataObject[]).length)).toEqual([1, 1]);
	});

	test('with Send the Valid Devices the device is sent for neither', async () => {
		const simulator = await runSimulator();
		const rows = [row('a', 1), row('a', 2), row('b', 3), noProduct('b', 1)];
		const result = await push(rows, simulator, { onError, rowHandling: { invalidRows: 'sendValid' } });
		const bound = [...simulator.bindings].map(([id, devices]) => [id, devices.map((one) => one.DeviceId)]);
		expect(bound).toEqual([
			['a', ['P/D2']],
			['b', ['P/D3']],
		]);
		expectNothingLost(result, rows, simulator, { sendsValid: true });
	});
});
