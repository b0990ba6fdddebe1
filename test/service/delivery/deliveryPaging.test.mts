import { describe, expect, test } from '@jest/globals';
import { deliver } from '../../../nodes/TencentCloudIot/service/delivery/delivery';
import { runSimulator } from '../../simulator/runningSimulator.mts';
import type { SimulatorOptions } from '../../../simulator/simulator.mts';
import { withoutProxies } from '../../support/environment.mts';
import { endOf, outcomesOf, sendingTo, type SendingChanges } from '../../support/sending.mts';

withoutProxies();

const customers = Array.from({ length: 250 }, (_, index) => ({
	CustomerId: `c${index}`,
	CountryCode: '86',
	PhoneNumber: `${index}`,
}));

const listing: SendingChanges = {
	paging: { list: 'Customers', size: 'Limit', by: 'Offset' },
	reads: ['Customers', 'Total'],
	isDone: ({ Customers }) => Array.isArray(Customers),
};

async function listCustomers(options: SimulatorOptions, Limit?: number) {
	const simulator = await runSimulator({ customers, keepBodies: true, ...options });
	const call = { Action: 'ServiceGetCustomerList', ...(Limit !== undefined && { Limit }) };
	const report = await deliver([call], sendingTo(simulator, listing));
	const pages = simulator.requests.map(({ body }) => {
		const { Offset, Limit: size } = JSON.parse(body!) as { Offset: number; Limit: number };
		return `${Offset}+${size}`;
	});
	return { simulator, report, pages, delivered: report.delivered[0]! };
}

describe('A call for a list', () => {
	test.each([
		[undefined, 250, ['0+100', '100+100', '200+100']],
		[120, 120, ['0+100', '100+20']],
		[5, 5, ['0+5']],
		[1_000, 250, ['0+100', '100+100', '200+100']],
	])('of %j records brings %d of 250 in their order, each page once', async (wanted, count, expected) => {
		const { delivered, pages } = await listCustomers({}, wanted);
		expect(endOf(delivered).outcome).toMatchObject({ outcome: 'OK', data: { Total: 250 } });
		const { outcome } = endOf(delivered);
		expect('data' in outcome && outcome.data['Customers']).toEqual(customers.slice(0, count));
		expect(pages).toEqual(expected);
		expect(endOf(delivered).requestIds).toHaveLength(expected.length);
	});

	test.each([
		[0, 'Tencent responded with MissingParameter: m.'],
		[
			2,
			'Page 3 could not be read (200 records were read before it). Tencent responded with MissingParameter: m.',
		],
	])('fails as a whole when request %d is refused, and gives no part of the list', async (on, reason) => {
		const { report, delivered } = await listCustomers({
			faults: [{ on, kind: 'error', Code: 'MissingParameter', Message: 'm' }],
		});
		expect(outcomesOf(report)).toEqual(['REFUSED MissingParameter']);
		expect(endOf(delivered).outcome).toMatchObject({ reason });
		expect(endOf(delivered).outcome).not.toHaveProperty('data');
	});
});
