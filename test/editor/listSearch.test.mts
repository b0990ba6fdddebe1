import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import type { INodeListSearchResult } from 'n8n-workflow';
import { EFFECTS } from '../../nodes/TencentCloudIot/service/actions';
import { panel } from '../../nodes/TencentCloudIot/resources/nodeProperties';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { editor } from './editorContext.mts';

const { listSearch } = panel.methods;

const customers = Array.from({ length: 230 }, (_, index) => ({
	CustomerId: `c${index}`,
	CountryCode: '86',
	PhoneNumber: `1${index}`,
}));

test('Customers are listed page by page, with their phone numbers', async () => {
	const context = editor(await runSimulator({ customers }));
	const first = await listSearch.searchCustomers!.call(context);
	expect(first.results).toHaveLength(100);
	expect(first.results[7]).toEqual({ name: 'c7 (+86 17)', value: 'c7' });
	const last = await listSearch.searchCustomers!.call(context, undefined, '200');
	expect(first.paginationToken).toBe('100');
	expect(last.results).toHaveLength(30);
	expect(last.paginationToken).toBeUndefined();
});

test('All customers of a service with short pages are listed', async () => {
	const context = editor(await runSimulator({ customers }));
	const { httpRequest } = context.helpers;
	context.helpers.httpRequest = async (options) => {
		const response = (await httpRequest(options)) as { body: Readable };
		const whole = await text(response.body);
		const body: unknown = JSON.parse(whole, (name, value: unknown) =>
			name === 'Customers' ? (value as unknown[]).slice(0, 30) : value,
		);
		return { ...response, body: Readable.from([Buffer.from(JSON.stringify(body))]) };
	};
	const found: unknown[] = [];
	let token: string | undefined = '0';
	while (token !== undefined) {
		const page: INodeListSearchResult = await listSearch.searchCustomers!.call(context, undefined, token);
		found.push(...page.results.map(({ value }) => value));
		token = page.paginationToken as string | undefined;
	}
	expect(found).toEqual(customers.map(({ CustomerId }) => CustomerId));
});

test('With a read-only credential, everything can be listed, with read requests only', async () => {
	const device = { ProductId: 'P', DeviceName: 'D1' };
	const models = { P: '{"properties":[{"id":"lock"}],"actions":[{"id":"open_door"}]}' };
	const simulator = await runSimulator({ customers, devices: [device], models });
	const context = editor(simulator, { productId: 'P' }, { allowedActions: 'readsOnly' });
	for (const search of Object.values(listSearch)) {
		expect((await search.call(context)).results.length).toBeGreaterThan(0);
	}
	const names = new Set(simulator.requests.map(({ Action }) => Action as keyof typeof EFFECTS));
	expect(Array.from(names, (name) => EFFECTS[name])).toEqual(['read', 'read', 'read']);
});

test('A filter also searches the following pages', async () => {
	const context = editor(await runSimulator({ customers }));
	const { results } = await listSearch.searchCustomers!.call(context, ' C225 ');
	expect(results.map(({ value }) => value)).toEqual(['c225']);
	expect((await listSearch.searchCustomers!.call(context, 'nobody')).results).toEqual([]);
});

test('A search that finds nothing in ten pages ends there, and can be continued', async () => {
	const many = Array.from({ length: 1_020 }, (_, index) => ({
		CustomerId: `c${index}`,
		CountryCode: '86',
		PhoneNumber: `1${index}`,
	}));
	const simulator = await runSimulator({ customers: many });
	const search = listSearch.searchCustomers!.bind(editor(simulator));
	const first = await search('c1019');
	expect(first).toEqual({ results: [], paginationToken: '1000' });
	expect(simulator.requests).toHaveLength(10);
	const next = await search('c1019', first.paginationToken as string);
	expect(next.results.map(({ value }) => value)).toEqual(['c1019']);
	expect(next.paginationToken).toBeUndefined();
});

test('No name has a whole phone number, since n8n stores names in workflows, but customers can be found by it', async () => {
	const phones = Array.from({ length: 1000 }, (_, index) => `${13_800_000_000 + 7 * index}`);
	const otherSpellings = ['86 138-0013-8000', '+8613800138000', '1234567'].map((PhoneNumber, index) => ({
		CustomerId: `c${index}`,
		CountryCode: '86',
		PhoneNumber,
	}));
	const sixCustomers = phones.map((phone) => ({ CustomerId: phone, CountryCode: '86', PhoneNumber: phone }));
	const context = editor(await runSimulator({ customers: [...otherSpellings, ...sixCustomers] }));
	const names: string[] = [];
	for (let token: string | undefined = '0'; token !== undefined; ) {
		const page: INodeListSearchResult = await listSearch.searchCustomers!.call(context, undefined, token);
		names.push(...page.results.map(({ name }) => name));
		token = page.paginationToken as string | undefined;
	}
	expect(names).toHaveLength(1003);
	expect(names.slice(0, 4)).toEqual([
		'c0 (+86 861****8000)',
		'c1 (+86 +861****8000)',
		'c2 (+86 123****)',
		'138****0000 (+86 138****0000)',
	]);
	expect(names.join('\n')).not.toMatch(/\d{7}/);
	const { results } = await listSearch.searchCustomers!.call(context, phones[321]);
	expect(results).toEqual([{ name: '138****2247 (+86 138****2247)', value: phones[321] }]);
	expect((await listSearch.searchCustomers!.call(context, '234567')).results).toHaveLength(1);
});

test.each<[string, object, string]>([
	['no phone number', {}, 'user_1'],
	['an empty one', { CountryCode: '', PhoneNumber: '' }, 'user_1'],
	['none', { CountryCode: null, PhoneNumber: null }, 'user_1'],
	['a country code alone', { CountryCode: '86' }, 'user_1'],
	['a number without its country', { PhoneNumber: 13_800_138_000 }, 'user_1 (138****8000)'],
])('A customer with %s is listed under the available data', async (_, contact, name) => {
	const customer = { CustomerId: 'user_1', ...contact } as (typeof customers)[number];
	const context = editor(await runSimulator({ customers: [customer] }));
	const { results } = await listSearch.searchCustomers!.call(context);
	expect(results).toEqual([{ name, value: 'user_1' }]);
	for (const nowhere of ['undefined', 'null']) {
		expect((await listSearch.searchCustomers!.call(context, nowhere)).results).toEqual([]);
	}
});

test('The devices of the selected product are listed', async () => {
	const devices = [
		{ ProductId: 'P', DeviceName: 'D1' },
		{ ProductId: 'Q', DeviceName: 'D2' },
	];
	const context = editor(await runSimulator({ devices }), { productId: ' Q ' });
	expect((await listSearch.searchDevices!.call(context)).results).toEqual([{ name: 'D2', value: 'D2' }]);
});

test.each([undefined, '', '={{ $json.product }}'])(
	'Without a product (%j), the list says what to do',
	async (productId) => {
		const context = editor(await runSimulator(), { productId });
		await expect(listSearch.searchDevices!.call(context)).rejects.toThrow(
			"Fill in 'Product ID' to list its devices",
		);
	},
);

test('A refused signature is reported, with what to check', async () => {
	const simulator = await runSimulator();
	const context = editor({ ...simulator, appSecret: 'canary-wrong-secret', endpoint: simulator.endpoint });
	await expect(listSearch.searchCustomers!.call(context)).rejects.toThrow(
		/Signature.*Check App Key and App Secret/,
	);
});
