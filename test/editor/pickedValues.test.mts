import { describe, expect, test } from '@jest/globals';
import { panel } from '../../nodes/TencentCloudIot/resources/nodeProperties';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { editor } from './editorContext.mts';

const { listSearch, resourceMapping } = panel.methods;

/** n8n evaluates each parameter text that begins with "=" as soon as it is picked. */
const EXPRESSION = '={{ $env.SECRET }}';
/** Names that must not be offered: n8n would evaluate them, or they look like another name. */
const EVALUATED = [EXPRESSION, '=1', ' =1', '\u200b=1'];
const HOSTILE = [...EVALUATED, 'a\u202eb', 'a\nb', ''];

describe('A picker leaves out names that n8n would evaluate or that look like another name:', () => {
	test('customers', async () => {
		const customers = [...HOSTILE, 'good', 'a-b'].map((CustomerId) => ({
			CustomerId,
			CountryCode: '86',
			PhoneNumber: '1\u202e<b>',
		}));
		const { results } = await listSearch.searchCustomers!.call(editor(await runSimulator({ customers })));
		expect(results).toEqual([
			{ name: 'good (+86 1 ‹b›)', value: 'good' },
			{ name: 'a-b (+86 1 ‹b›)', value: 'a-b' },
		]);
	});

	test('devices', async () => {
		const devices = [...HOSTILE, 'good'].map((DeviceName) => ({ ProductId: 'P', DeviceName }));
		const context = editor(await runSimulator({ devices }), { productId: 'P' });
		expect((await listSearch.searchDevices!.call(context)).results).toEqual([
			{ name: 'good', value: 'good' },
		]);
	});

	const entries = [...EVALUATED, '', { id: 'x' }, null, 'good'].map((id) => ({
		id,
		name: EXPRESSION,
		mode: 'rw',
	}));
	const named = { name: '{{ $env.SECRET }} (good)', value: 'good' };
	const withModel = async (model: object) =>
		editor(await runSimulator({ models: { P: JSON.stringify(model) } }), { productId: 'P' });

	test('properties and actions of a model, including those with an evaluated name', async () => {
		const context = await withModel({ properties: entries, actions: entries });
		expect((await listSearch.searchProperties!.call(context)).results).toEqual([named]);
		expect((await listSearch.searchActions!.call(context)).results).toEqual([named]);
	});

	test('fields of a mapper and their values', async () => {
		const mapping = { [EXPRESSION]: 'Evaluated', low: EXPRESSION, high: '<b>High\u202e' };
		const define = { type: 'stringenum', mapping };
		const context = await withModel({ properties: entries.map((entry) => ({ ...entry, define })) });
		const { fields } = await resourceMapping.getProperties!.call(context);
		expect(fields.map(({ id, displayName, options }) => ({ id, displayName, options }))).toEqual([
			{
				id: 'good',
				displayName: '{{ $env.SECRET }} (good)',
				options: [
					{ name: '{{ $env.SECRET }} (low)', value: 'low' },
					{ name: '‹b›High (high)', value: 'high' },
				],
			},
		]);
	});
});

test('Long names in a model are cut', async () => {
	const properties = [{ id: 'good', name: 'x'.repeat(100_000), mode: 'rw' }];
	const context = editor(await runSimulator({ models: { P: JSON.stringify({ properties }) } }), {
		productId: 'P',
	});
	const { results } = await listSearch.searchProperties!.call(context);
	expect(results[0]?.name).toMatch(/^x+… \(good\)$/);
	expect(results[0]?.name.length).toBeLessThan(200);
});
