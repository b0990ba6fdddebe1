import { describe, expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { GOOD, MEANT, NO_IDS, REFUSED, UNUSUAL } from '../support/customerIds.mts';
import { expectNothingLost } from './invariants.mts';
import { runOperation } from './operationRun.mts';
import { errorOf, linksOf, push, row } from './pushRun.mts';

const onError = 'continueErrorOutput' as const;
const allow = { unusualCustomerIds: 'allow' };

test('Ids by the documentation are pushed, whatever they look like.', async () => {
	const simulator = await runSimulator();
	const rows = GOOD.map((id, index) => row(id, index));
	const result = await push(rows, simulator, { onError });
	expect(result.error).toEqual([]);
	expect([...simulator.bindings.keys()].sort()).toEqual(GOOD.toSorted());
	expectNothingLost(result, rows, simulator);
});

describe('By default no other id is pushed or created, and the cause is named:', () => {
	test.each(REFUSED)('%s', async (id, cause) => {
		const simulator = await runSimulator();
		const rows = [row('good', 1), row(id, 2)];
		const result = await push(rows, simulator, { onError });
		expect([...simulator.bindings.keys()]).toEqual(['good']);
		expect(result.error.map(linksOf)).toEqual([[1]]);
		const { message, code, outcome } = errorOf(result.error[0]!)!;
		expect([code, outcome]).toEqual(['INVALID_ROWS', 'NOT_SENT']);
		expect(message).toContain(`[row 2] 'CustomerId' ${cause}`);
		expectNothingLost(result, rows, simulator);

		const created = await runOperation(simulator, {
			operation: 'customer.create',
			parameters: { customerId: '={{ $json.id }}', phoneNumber: '1' },
			rows: [{ id }],
			onError,
		});
		expect(errorOf(created.error[0]!)?.message).toContain(`[row 1] 'Customer ID' ${cause}`);
		expect(simulator.requests).toHaveLength(1);
	});
});

test('Unusual Customer IDs: Allow pushes and creates the ids of other vendors.', async () => {
	const simulator = await runSimulator();
	const rows = UNUSUAL.map(([id], index) => row(id, index));
	const result = await push(rows, simulator, { onError, rowHandling: allow });
	expect([...simulator.bindings.keys()].sort()).toEqual(UNUSUAL.map(([id]) => id).sort());
	expectNothingLost(result, rows, simulator);

	const { requests } = await createAll(UNUSUAL.map(([id]) => ({ id })));
	expect(requests.map(({ CustomerId }) => CustomerId)).toEqual(UNUSUAL.map(([id]) => id));
});

test('What is no id at all is refused with Allow, too.', async () => {
	const simulator = await runSimulator();
	const rows = NO_IDS.map(([id], index) => row(id, index));
	const result = await push(rows, simulator, { onError, rowHandling: allow });
	expect(simulator.requests).toHaveLength(0);
	expectNothingLost(result, rows, simulator);
	expect((await createAll(NO_IDS.map(([id]) => ({ id })))).requests).toEqual([]);
});

async function createAll(rows: IDataObject[]) {
	const simulator = await runSimulator();
	await runOperation(simulator, {
		operation: 'customer.create',
		parameters: { customerId: '={{ $json.id }}', phoneNumber: '1' },
		options: { ...allow, concurrency: 1 },
		rows,
		onError,
	});
	return simulator;
}

describe('An id that is none and means a customer holds that customer back:', () => {
	test.each(MEANT)('%s', async (cell, meant) => {
		const simulator = await runSimulator();
		const rows = [row(meant, 1), row('other_9', 2), row(cell, 3)];
		const result = await push(rows, simulator, { onError });
		expect([...simulator.bindings.keys()]).toEqual(['other_9']);
		expect(result.error.map(linksOf)).toEqual([[0, 2]]);
		expect(errorOf(result.error[0]!)?.CustomerId).toBe(meant);
		expectNothingLost(result, rows, simulator);
	});
});

test('A number in scientific notation withholds every customer that it may be, and nobody else.', async () => {
	const simulator = await runSimulator();
	const ids = ['1234567890123456', '1234571111111111', '1234579999999999', '123457', '12345678901234567'];
	const rows = [...ids.map((id, index) => row(id, index)), row('1.23457E+15', 9)];
	const result = await push(rows, simulator, { onError });
	expect([...simulator.bindings.keys()].sort()).toEqual(['12345678901234567', '123457', '1234579999999999']);
	expectNothingLost(result, rows, simulator);
});

test('Rows of one refused id are one item; rows that name nobody are one each.', async () => {
	const simulator = await runSimulator();
	const rows = [row('张伟', 1), row('null', 2), row('张伟', 3), row('null', 4)];
	const result = await push(rows, simulator, { onError });
	expect(result.error.map((item) => [errorOf(item)?.CustomerId, ...linksOf(item)])).toEqual([
		['张伟', 0, 2],
		[undefined, 1],
		[undefined, 3],
	]);
	expectNothingLost(result, rows, simulator);
});

describe('What a program or a sheet writes for no value is no value of the other columns either:', () => {
	test.each<[field: string, value: string, cause: string]>([
		['DeviceId', 'N/A', "is 'N/A', which stands for no value"],
		['DeviceId', '#N/A', 'is the formula error #N/A'],
		['DeviceId', 'P/undefined', "has 'undefined', which stands for no value"],
		['DeviceId', 'P/null', "has 'null', which stands for no value"],
		['DeviceId', '[object Object]/D1', "has '[object Object]', which stands for no value"],
		['DeviceId', '-/-', 'has no letter and no digit'],
		['CustomerDeviceNo', '#REF!', 'is the formula error #REF!'],
		['CustomerDeviceNo', 'SN-undefined', "has 'undefined', which stands for no value"],
		['ProductName', '[object Object]', "has '[object Object]', which stands for no value"],
		['ProductName', '{{ $json.product }}', "has '{{', which stands for no value"],
		['ProductName', '暂无', "is '暂无', which stands for no value"],
		['CustomerDeviceNo', '-', 'has no letter and no digit'],
	])('%s %s', async (field, value, cause) => {
		const simulator = await runSimulator();
		const rows = [row('a', 1), { ...row('b', 2), [field]: value }];
		const result = await push(rows, simulator, { onError, rowHandling: allow });
		expect([...simulator.bindings.keys()]).toEqual(['a']);
		expect(errorOf(result.error[0]!)?.message).toContain(`[row 2] '${field}' ${cause}`);
		expectNothingLost(result, rows, simulator);
	});
});

test.each(['order.create', 'insurancePage.getUrl', 'deviceData.report'])(
	'%s sends no customer whose id is a placeholder, and takes each one that Tencent may know.',
	async (operation) => {
		const simulator = await runSimulator();
		const { error } = await runOperation(simulator, {
			operation,
			parameters: {
				customerId: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
				orderNo: '={{ $json.no }}',
				deviceId: 'P/D',
				reportTime: '2026-01-01',
			},
			rows: [
				{ id: 'C_undefined', no: 'O-1' },
				{ id: 'user-1', no: 'O-2' },
			],
			options: { concurrency: 1 },
			onError,
		});
		expect(errorOf(error.at(-1)!)?.message).toContain("[row 1] 'Customer ID' has 'undefined'");
		expect(simulator.requests.map(({ CustomerId }) => CustomerId)).toEqual(['user-1']);
	},
);
