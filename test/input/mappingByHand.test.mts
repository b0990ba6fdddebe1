import { describe, expect, test } from '@jest/globals';
import { FIELDS } from '../../nodes/TencentCloudIot/binding/row';
import { mapFields, mappingFailure, path } from '../support/mappings.mts';

describe('Mapping by hand', () => {
	const values = {
		CustomerId: '={{ $json["customer no"] }}',
		CustomerDeviceNo: '={{ $json.device.no }}',
		DeviceId: '={{ $json.product }}/{{ $json.name }}',
		ProductName: 'Smart Lock',
	};
	const by = (changes: object) => ({
		fields: FIELDS,
		isAutomatic: false,
		valuesByField: { ...values, ...changes },
	});
	const rows = [{}, { 'customer no': 1, device: { no: 1 }, product: 'P', name: '1' }];

	test('takes plain references, expressions and constants', () => {
		expect(mapFields(by({}), rows)).toEqual({
			CustomerId: path('customer no'),
			CustomerDeviceNo: path('device', 'no'),
			DeviceId: {
				kind: 'template',
				parts: [path('product'), { kind: 'constant', value: '/' }, path('name')],
			},
			ProductName: { kind: 'constant', value: 'Smart Lock' },
		});
	});

	test.each<[value: unknown]>([[undefined], [null], [''], ['  '], ['\u3000']])(
		'of a field to nothing (%j) is reported once',
		(value) => {
			const mapping = by({ DeviceId: value });
			expect(mappingFailure(mapping, rows)).toBe(
				"No column is mapped to DeviceId. Map it under 'Columns'. The rows have: customer no, device, product, name",
			);
		},
	);

	test.each<[value: unknown]>([[0], [false], ['x']])('of a field to the constant %j is valid', (value) => {
		const mapping = by({ DeviceId: value });
		expect(mapFields(mapping, rows)).toMatchObject({ DeviceId: { kind: 'constant', value } });
	});

	test('to a column that no row has is reported once, with the names of columns only in the advice', () => {
		const mapping = by({ CustomerId: '={{ $json.gone }}' });
		expect(mappingFailure(mapping, rows)).toBe(
			"No row has the column mapped to CustomerId. Map it under 'Columns'. " +
				"Not in the rows: 'gone'. The rows have: customer no, device, product, name",
		);
	});

	test('to a column whose name has an invisible character takes the only such column, or else names all of them', () => {
		const mapping = by({ CustomerId: '={{ $json.id }}' });
		const row = { device: { no: 1 }, product: 'P', name: '1' };
		expect(mapFields(mapping, [{ '\uFEFFid': 1, ...row }])).toMatchObject({ CustomerId: path('\uFEFFid') });
		expect(mapFields(mapping, [{ id: 1, '\uFEFFid': 2, ...row }])).toMatchObject({ CustomerId: path('id') });
		expect(mappingFailure(mapping, [{ '\uFEFFid': 1, 'id\u200b': 2, ...row }])).toContain(
			"Not in the rows: 'id'. The rows have: id (U+FEFF), id (U+200B), device, product, name",
		);
	});

	test('of a template to a column that no row has is invalid, e.g. after the source renamed it', () => {
		const mapping = by({ CustomerId: '=user_{{ $json.id }}', ProductName: '={{ $json.id ?? $json.name }}' });
		expect(mappingFailure(mapping, rows)).toContain('No row has the column mapped to CustomerId. ');
	});

	test('of several fields to nothing and to missing columns is reported at once', () => {
		const mapping = {
			fields: FIELDS,
			isAutomatic: false,
			valuesByField: { CustomerId: '', CustomerDeviceNo: '={{ $json.a }}', DeviceId: '={{ $json.b }}' },
		};
		expect(mappingFailure(mapping, rows)).toBe(
			'No column is mapped to CustomerId and ProductName. ' +
				'No row has the column mapped to CustomerDeviceNo and DeviceId. ' +
				"Map them under 'Columns'. Not in the rows: 'a'. Not in the rows: 'b'. The rows have: customer no, device, product, name",
		);
	});

	test('to a built-in member of objects counts as a missing column', () => {
		const mapping = by({ CustomerId: '={{ $json.constructor }}' });
		expect(mappingFailure(mapping, rows)).toContain("Not in the rows: 'constructor'.");
	});

	test('to a missing nested member is reported for each row', () => {
		const mapping = by({ CustomerId: '={{ $json.device.gone.x }}' });
		expect(mapFields(mapping, rows)).toMatchObject({ CustomerId: path('device', 'gone', 'x') });
	});
});
