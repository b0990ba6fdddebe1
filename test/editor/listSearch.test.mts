import { expect, test } from '@jest/globals';
import type { IHttpRequestOptions, ILoadOptionsFunctions } from 'n8n-workflow';
import { searchCustomers, searchDevices } from '../../nodes/TencentCloudIot/editor/listSearch';
import { runSimulator } from '../simulator/runningSimulator.mts';
import type { Simulator } from '../../simulator/simulator.mts';

/** What the editor offers to a list search; only the network function is not n8n's own. */
function editor(simulator: Simulator, parameters: Record<string, unknown> = {}): ILoadOptionsFunctions {
	const { endpoint, appKey, appSecret } = simulator;
	return {
		getCredentials: async () => ({ platform: 'custom', endpoint, appKey, appSecret }),
		getCurrentNodeParameter: (name: string) => parameters[name],
		getNode: () => ({ name: 'Node', type: 'tencentCloudIot', parameters: {} }),
		helpers: {
			httpRequest: async ({ url, body, headers, method }: IHttpRequestOptions) => {
				const answer = await fetch(url, { method, body, headers } as RequestInit);
				return {
					statusCode: answer.status,
					headers: Object.fromEntries(answer.headers),
					body: await answer.arrayBuffer(),
				};
			},
		},
	} as unknown as ILoadOptionsFunctions;
}

const customers = Array.from({ length: 230 }, (_, index) => ({
	CustomerId: `c${index}`,
	CountryCode: '86',
	PhoneNumber: `1${index}`,
}));

test('Customers are listed page by page, with their phone numbers', async () => {
	const context = editor(await runSimulator({ customers }));
	const first = await searchCustomers.call(context);
	expect(first.results).toHaveLength(100);
	expect(first.results[7]).toEqual({ name: 'c7 (+86 17)', value: 'c7' });
	const last = await searchCustomers.call(context, undefined, '200');
	expect(first.paginationToken).toBe('100');
	expect(last.results).toHaveLength(30);
	expect(last.paginationToken).toBeUndefined();
});

test('A filter is looked for on the pages that follow as well', async () => {
	const context = editor(await runSimulator({ customers }));
	const { results } = await searchCustomers.call(context, ' C225 ');
	expect(results.map(({ value }) => value)).toEqual(['c225']);
	expect((await searchCustomers.call(context, 'nobody')).results).toEqual([]);
});

test('Devices are those of the product that was filled in', async () => {
	const devices = [
		{ ProductId: 'P', DeviceName: 'D1' },
		{ ProductId: 'Q', DeviceName: 'D2' },
	];
	const context = editor(await runSimulator({ devices }), { productId: ' Q ' });
	expect((await searchDevices.call(context)).results).toEqual([{ name: 'D2', value: 'D2' }]);
});

test.each([undefined, '', '={{ $json.product }}'])(
	'Without a product (%j) the list says what to do',
	async (productId) => {
		const context = editor(await runSimulator(), { productId });
		await expect(searchDevices.call(context)).rejects.toThrow("Fill in 'Product ID' to list its devices");
	},
);

test('A refused signature is told, with what to check', async () => {
	const simulator = await runSimulator();
	const context = editor({ ...simulator, appSecret: 'canary-wrong-secret', endpoint: simulator.endpoint });
	await expect(searchCustomers.call(context)).rejects.toThrow(/Signature.*Check App Key and App Secret/);
});
