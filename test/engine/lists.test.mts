import { expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runOperation } from './operationRun.mts';
import { linksOf } from './pushRun.mts';

const operation = 'customer.getMany';
const customers = Array.from({ length: 250 }, (_, index) => ({
	CustomerId: `c${index}`,
	CountryCode: '86',
	PhoneNumber: String(index % 2),
}));

test('Each record is linked to the item that listed it, in the order of the items.', async () => {
	const simulator = await runSimulator({ customers: customers.slice(0, 4), latencyMs: { min: 0, max: 20 } });
	const rows = [{ phone: '1' }, { phone: '9' }, { phone: '0' }];
	const parameters = { filters: { phoneNumber: '={{ $json.phone }}' } };
	const result = await runOperation(simulator, { operation, rows, parameters });
	expect(result.success.map((item) => [item.json.CustomerId, linksOf(item)])).toEqual([
		['c1', [0]],
		['c3', [0]],
		['c0', [2]],
		['c2', [2]],
	]);
	expect(result.hints[0]?.message).toBe('4 customers found by 3 requests');
});

test('One Output Item Per: Input Row keeps a row whose list is empty.', async () => {
	const simulator = await runSimulator({ customers: customers.slice(0, 2) });
	const rows = [{ phone: '9' }, { phone: '1' }];
	const parameters = { filters: { phoneNumber: '={{ $json.phone }}' } };
	const options = { outputItemPer: 'row' };
	const { success } = await runOperation(simulator, { operation, rows, parameters, options });
	expect(success.map((item) => [item.json, linksOf(item)])).toEqual([
		[{ Status: 'OK', Message: '', phone: '9' }, [0]],
		[{ Status: 'OK', Message: '', phone: '1', CustomerId: 'c1', CountryCode: '86', PhoneNumber: '1' }, [1]],
	]);
});
