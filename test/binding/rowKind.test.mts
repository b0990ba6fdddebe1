import { expect, test } from '@jest/globals';
import type { Row } from '../../nodes/TencentCloudIot/binding/row';
import { readRow } from '../support/rows.mts';

type Cells = readonly [
	...[customerId: unknown, deviceNo?: unknown, deviceId?: unknown, product?: unknown],
	unmapped?: Readonly<Record<string, unknown>>,
];

test.each<[Row['kind'], Cells]>([
	['own', ['a b', '', 'P/1']],
	['own', [['a'], '', 'P/1']],
	['own', [false, '', 'P/1']],
	['own', [5, '', 'P/1']],
	['own', ['a', '', 'P/1,2']],
	['own', ['a', '', 'P/无']],
	['own', ['a', '', '="Ｐ／1"']],
	['between', ['a', 'SN-1', 'Device001', 'Lock']],
	['between', ['a', 7]],
	['between', ['a', 'SN-1', 'P/1/2']],
	['between', ['a', 'SN-1', 'N/A']],
	['between', ['a', 'SN-1', 'undefined/undefined']],
	['between', ['see the note']],
	['between', ['VIP']],
	['between', [2024]],
	['between', ['see the note', ' ', '\u200b/', 'Lock']],
	['between', ['see the note', null, ' / ']],
	['empty', ['', 'SN-1', 'P/1', 'Lock']],
	['empty', [' \u3000', 'SN-1', 'P/1']],
	['empty', ['\u200b', 'SN-1', 'P/1']],
	['empty', [undefined, 'SN-1', 'P/1']],
	['empty', ['', 'SN-1', 'Device001']],
	['null', [null, 'SN-1', 'P/1']],
	['same', ['同上', 'SN-1', 'P/1']],
	['same', [' 同前 ', '', 'P/1']],
	['same', ['〃']],
	['same', ['″']],
	['same', ['"']],
	['same', ['Ditto', 'SN-1', 'P/1']],
	['own', ['ditto.', 'SN-1', 'P/1']],
	['own', ['见同上', 'SN-1', 'P/1']],
	['sum', ['合计']],
	['sum', ['合计：15 台', '', '/']],
	['sum', ['小计', '', '2台']],
	['sum', ['', '', '小计/2台']],
	['sum', ['', '', '', 'Total: 3']],
	['sum', ['', '', '', '共 4 台']],
	['sum', ['', '小计', '']],
	['sum', [null, '', ' ', '总计\u200b']],
	['sum', ['KH0001 汇总', '', '3']],
	['sum', ['KH0001 Total']],
	['sum', ['KH0001小计', '3']],
	['sum', ['KH0001', '小计', '3台']],
	['sum', ['', '4', '', '', { 序号: ' 合计' }]],
	['sum', ['KH0001', '4', null, '', { 备注: '小计：4' }]],
	['sum', ['', '4', '', '', { 姓名: '合\u3000\u3000计' }]],
	['sum', ['', '4', '', '', { 姓名: '合计（台）' }]],
	['empty', ['', ' ', '', '', { 序号: '合计' }]],
	['own', ['KH0001', '4', 'P/1', '', { 备注: '合计' }]],
	['between', ['Count']],
	['own', ['KH0001 汇总', '', 'P/1']],
	['own', ['合计', '', 'P/1']],
	['empty', ['', '合计', 'P/1']],
	['empty', ['', '', '设备/1', '合计']],
])('A row is of the kind %s: %j', (kind, [CustomerId, CustomerDeviceNo, DeviceId, ProductName, unmapped]) => {
	const cells = { CustomerId, CustomerDeviceNo, DeviceId, ProductName };
	const cellsBeside = () => new Map(Object.entries(unmapped ?? {}));
	expect(readRow(0, (field) => cells[field], 'allow', cellsBeside).kind).toBe(kind);
});
