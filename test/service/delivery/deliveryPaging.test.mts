import { expect, test } from '@jest/globals';
import { pagingConduct } from '../../../nodes/TencentCloudIot/service/delivery/pager';
import { runSimulator } from '../../simulator/runningSimulator.mts';
import { withoutProxies } from '../../support/environment.mts';
import { deliver, endOf, sendingTo, type SendingChanges } from '../../support/sending.mts';

withoutProxies();

const customers = Array.from({ length: 250 }, (_, index) => ({
	CustomerId: `c${index}`,
	CountryCode: '86',
	PhoneNumber: `${index}`,
}));

const readPages = pagingConduct({ list: 'Customers', size: 'Limit', by: 'Offset' });
const listing: SendingChanges = {
	reads: ['Customers', 'Total'],
	isDone: ({ Customers }) => Array.isArray(Customers),
};

test.each([
	[undefined, 250, ['0+100', '100+100', '200+100']],
	[120, 120, ['0+100', '100+20']],
])(
	'A call for a list of %j records returns %d of 250, with each page read once',
	async (Limit, count, expected) => {
		const simulator = await runSimulator({ customers, keepBodies: true });
		const call = { Action: 'ServiceGetCustomerList', Limit };
		const settings = sendingTo(simulator, { ...listing, conductOf: () => readPages(call) });
		const { delivered } = await deliver([call], settings);
		const pages = simulator.requests.map(({ body }) => {
			const { Offset, Limit: size } = JSON.parse(body!) as { Offset: number; Limit: number };
			return `${Offset}+${size}`;
		});
		const data = { Customers: customers.slice(0, count), Total: 250 };
		expect(endOf(delivered[0]!).outcome).toMatchObject({ outcome: 'OK', data });
		expect(pages).toEqual(expected);
		expect(endOf(delivered[0]!).requestIds).toHaveLength(expected.length);
	},
);
