import { expect, test } from '@jest/globals';
import { kindOf, type RowKind } from '../../nodes/TencentCloudIot/binding/row';

type Cells = readonly [customerId: unknown, deviceNo?: unknown, deviceId?: unknown, product?: unknown];

test.each<[RowKind, Cells]>([
	['own', ['a b', '', 'P/1']],
	['own', ['a b', 'SN-1']],
	['own', ['a b', 7]],
	['own', [['a'], '', 'P/1']],
	['own', [false, '', 'P/1']],
	['own', [5, '', 'P/1']],
	['remark', ['see the note']],
	['remark', ['see the note', ' ', '\u200b/', 'Lock']],
	['remark', ['see the note', null, ' / ']],
	['empty', ['', 'SN-1', 'P/1', 'Lock']],
	['empty', [' \u3000', 'SN-1', 'P/1']],
	['empty', ['\u200b', 'SN-1', 'P/1']],
	['empty', [undefined, 'SN-1', 'P/1']],
	['null', [null, 'SN-1', 'P/1']],
	['same', ['同上', 'SN-1', 'P/1']],
	['same', [' 同前 ', '', 'P/1']],
	['same', ['〃']],
	['same', ['″']],
	['same', ['"']],
	['same', ['Ditto', 'SN-1', 'P/1']],
	['own', ['ditto.', 'SN-1', 'P/1']],
	['own', ['见同上', 'SN-1', 'P/1']],
	['summary', ['合计']],
	['summary', ['合计：15 台', '', '/']],
	['summary', ['', '', '', 'Total: 3']],
	['summary', ['', '小计', '']],
	['summary', [null, '', ' ', '总计\u200b']],
	['own', ['合计', '', 'P/1']],
	['empty', ['', '合计', 'P/1']],
	['empty', ['', '', '设备/1', '合计']],
])('A row is of the kind %s: %j', (kind, cells) => {
	expect(kindOf(cells)).toBe(kind);
});
