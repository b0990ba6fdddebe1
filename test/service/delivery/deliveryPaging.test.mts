import { expect, test } from '@jest/globals';
import type { Conduct } from '../../../nodes/TencentCloudIot/service/delivery/conduct';
import { pagingConduct } from '../../../nodes/TencentCloudIot/service/delivery/pager';
import { runSimulator } from '../../simulator/runningSimulator.mts';
import { withoutProxies } from '../../support/environment.mts';
import { failureWith } from '../../support/failures.mts';
import { deliver, endOf, outcomesOf, sendingTo, type SendingChanges } from '../../support/sending.mts';

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

test('A list that is not read completely ends a run that stops at the first failure', async () => {
	const simulator = await runSimulator();
	const failure = failureWith({ outcome: 'UNKNOWN', code: 'LIST_INCOMPLETE', scope: 'call' });
	const call = { Action: 'ServiceGetCustomerList' };
	const readIncompletely: Conduct = async ({ send }) => {
		const delivered = await send(call);
		return delivered.kind === 'answered' ? { ...delivered, outcome: failure } : delivered;
	};
	const conductOf = () => readIncompletely;
	const settings = sendingTo(simulator, { ...listing, stopAtFailure: true, concurrency: 1, conductOf });
	const report = await deliver([call, call, call], settings);
	const NOT_TRIED = 'NOT_SENT NOT_TRIED';
	expect(outcomesOf(report)).toEqual(['UNKNOWN LIST_INCOMPLETE', NOT_TRIED, NOT_TRIED]);
	expect(simulator.requests).toHaveLength(1);
});
