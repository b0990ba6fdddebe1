import { describe, expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { runOperation } from './operationRun.mts';
import { errorOf, linksOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const operation = 'order.create';
const parameters = {
	customerId: picked('c1'),
	orderNo: '={{ $json.no }}',
	itemNum: '={{ $json.count ?? 1 }}',
};
const onError = 'continueErrorOutput' as const;

describe('An Order Number that occurs twice in one run', () => {
	test('is ordered once, and the second row is refused.', async () => {
		const simulator = await runSimulator(contents);
		const rows = [{ no: 'O-1' }, { no: 'O-2' }, { no: ' O-1 ' }, { no: 'O-1' }];
		const { success, error } = await runOperation(simulator, { operation, parameters, rows, onError });
		expect(simulator.state.orders.map(({ OrderNo }) => OrderNo).toSorted()).toEqual(['O-1', 'O-2']);
		expect(success.map(linksOf)).toEqual([[0], [1]]);
		expect(error.map(linksOf)).toEqual([[2], [3]]);
		for (const item of error) {
			expect(errorOf(item)?.message).toContain("'Order Number' is also that of row 1");
			expect(errorOf(item)).toMatchObject({ outcome: 'NOT_SENT', OrderNo: 'O-1' });
		}
	});

	test('is not ordered at all if the first row is invalid: nobody knows which row is right.', async () => {
		const simulator = await runSimulator(contents);
		const rows = [{ no: 'O-1', count: 0 }, { no: 'O-1' }];
		const { error } = await runOperation(simulator, { operation, parameters, rows, onError });
		expect(error.map(linksOf)).toEqual([[0], [1]]);
		expect(errorOf(error[1]!)?.message).toContain(
			"'Order Number' is also that of row 1: give each a number of its own, or keep one of the rows",
		);
		expect(simulator.requests).toEqual([]);
	});
});
