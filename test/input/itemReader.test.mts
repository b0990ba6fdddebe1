import { expect, test } from '@jest/globals';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { columnNames } from '../../nodes/TencentCloudIot/binding/columnNames';
import { readItems } from '../../nodes/TencentCloudIot/input/itemReader';

/** What is read of each row, the columns mapped by hand. */
async function read(rows: IDataObject[], value: IDataObject) {
	const node = {
		name: 'Node',
		type: 'tencentCloudIot',
		parameters: { columns: { mappingMode: 'defineBelow', value } },
	};
	const context = {
		getNode: () => node,
		getTimezone: () => 'UTC',
		getExecutionId: () => '1',
		getExecuteData: () => ({ node, source: { main: [{ previousNode: 'Rows' }] } }),
	} as unknown as IExecuteFunctions;
	const items = rows.map((json) => ({ json }));
	const batches = readItems(context, items, columnNames('refuse'), (reader, index) => ({
		isBlank: reader.isBlank(index),
		isHeader: reader.isHeader(index),
		unmapped: Object.fromEntries(reader.unmapped(index)),
		DeviceId: reader.read('columns.DeviceId', index),
	}));
	const all = [];
	for await (const batch of batches) all.push(...batch);
	return all;
}

test('Columns without a field are named where they are filled; rows are blank, or repeat the header, by those with one', async () => {
	const columns = {
		CustomerId: '={{ $json.客户 }}',
		CustomerDeviceNo: '={{ $json["序列号"] }}',
		DeviceId: '={{ $json["产品"] }}/{{ $json["设备"] }}',
		ProductName: 'Lock',
	};
	const rows = [
		{ 客户: 'a', 序列号: '1', 产品: ' P', 设备: 'D ', 姓名: '张伟', 备注: '', 城市: null },
		{ 客户: '', 序列号: ' ', 产品: null, 设备: '', 姓名: '合计' },
		{ 客户: '客户', 序列号: '序列号', 产品: '产品', 设备: '设备' },
		{ 客户: '客户', 序列号: '1', 产品: 'P', 设备: 'D' },
	];
	const told = { isBlank: false, isHeader: false, unmapped: {} };
	expect(await read(rows, columns)).toEqual([
		{ ...told, unmapped: { 姓名: '张伟' }, DeviceId: 'P/D' },
		{ ...told, isBlank: true, unmapped: { 姓名: '合计' }, DeviceId: null },
		{ ...told, isHeader: true, DeviceId: '产品/设备' },
		{ ...told, DeviceId: 'P/D' },
	]);
});
