import { expect, test } from '@jest/globals';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { openReader } from '../../nodes/TencentCloudIot/input/itemReader';
import { NodeInput } from '../../nodes/TencentCloudIot/input/nodeInput';
import { cleanRows } from '../../nodes/TencentCloudIot/resources/deviceBinding/cleanRows';
import { syncOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/sync.operation';
import { readRunOptions } from '../../nodes/TencentCloudIot/resources/runOptions';

const FIELDS = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'] as const;
const VALUES = Object.fromEntries(FIELDS.map((field) => [field, `={{ $json["${field}"] }}`]));

/** The digest of all cells of a customer's rows: rows with the same digest are not judged again. */
async function digestOf(rows: readonly IDataObject[]): Promise<string | undefined> {
	const node = {
		name: 'Sync',
		type: 'tencentCloudIot',
		parameters: { columns: { mappingMode: 'defineBelow', value: VALUES } },
	};
	const context = { getNode: () => node, getExecuteData: () => ({ node }) } as unknown as IExecuteFunctions;
	const items = rows.map((json) => ({ json }));
	const { options } = readRunOptions(syncOperation, () => undefined);
	const input = new NodeInput(context, items, { timezone: 'UTC', isTool: false, isToolCall: false });
	const reader = await openReader(input, syncOperation.customers!.columns(options));
	const customers = await cleanRows.groupByCustomer(reader, options, 'account');
	return customers?.get('a')?.rowsDigest;
}

/** A row of the customer `a`. */
function rowOf(CustomerDeviceNo: unknown, DeviceId: unknown, ProductName: unknown): IDataObject {
	return { CustomerId: 'a', CustomerDeviceNo, DeviceId, ProductName } as IDataObject;
}

const x17 = 'x'.repeat(17);

// If the texts of cells were only concatenated, each pair would be equal.
test.each<[what: string, rows: IDataObject[], otherRows: IDataObject[]]>([
	['a number and a text of the same digits', [rowOf(1, 'P/d', 'Lock')], [rowOf('1', 'P/d', 'Lock')]],
	['a letter in the cell before', [rowOf('ab', 'c', 'Lock')], [rowOf('a', 'bc', 'Lock')]],
	['a list of two, and one text', [rowOf(['1', '2'], 'P/d', 'Lock')], [rowOf('12', 'P/d', 'Lock')]],
	['a list that ends earlier', [rowOf(['1', '2'], '3', 'Lock')], [rowOf(['1'], '2', '3')]],
	['a longer number', [rowOf(1, `abc20:${x17}`, 'D')], [rowOf(12, 'abc', `${x17}1:D`)]],
	// A row whose id is the column's name may be a header; with a blank after it, the row belongs to this customer.
	[
		'a blank after the id',
		[rowOf('1', 'P/d', 'ProductName')],
		[{ ...rowOf('1', 'P/d', 'ProductName'), CustomerId: 'a ' }],
	],
	['a row more', [rowOf('1', 'P/d', 'Lock')], [rowOf('1', 'P/d', 'Lock'), rowOf('', '', '')]],
])('Rows with this difference have different digests: %s', async (_what, rows, otherRows) => {
	const digest = await digestOf(rows);
	expect(digest).toEqual(expect.any(String));
	expect(await digestOf(structuredClone(rows))).toBe(digest);
	expect(await digestOf(otherRows)).not.toBe(digest);
});
