import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { readRunOptions } from '../../nodes/TencentCloudIot/resources/runOptions';
import { readItems } from '../../nodes/TencentCloudIot/input/itemReader';

/** What the node reads of n8n: expressions only put columns together. */
function contextOf(rows: readonly IDataObject[], columns: IDataObject): IExecuteFunctions {
	const node = { name: 'Push', type: 'tencentCloudIot', parameters: { columns } };
	return {
		getNode: () => node,
		getExecuteData: () => ({ node }),
		getTimezone: () => 'UTC',
		getExecutionId: () => '1',
		evaluateExpression: (expression: string, itemIndex: number) =>
			expression.replace(/\{\{ \$json\["(.+?)"\] \}\}/g, (_, column: string) =>
				String(rows[itemIndex]![column] ?? ''),
			),
	} as unknown as IExecuteFunctions;
}

/**
 * What Push makes of a sheet, from its columns to its requests.
 * @param values the columns of the fields, as expressions
 */
export async function pushedSheet(
	rows: readonly IDataObject[],
	values: IDataObject,
	rowHandling: IDataObject,
) {
	const context = contextOf(rows, { mappingMode: 'defineBelow', value: values });
	const items = rows.map((json) => ({ json }));
	const { options } = readRunOptions(pushOperation, (group) => ({ rowHandling })[group]);
	const read = pushOperation.inputReader(options);
	const inputs = readItems(context, items, pushOperation.customers!.columns, read);
	const { calls, withheld, remarks = [] } = await pushOperation.toCalls(inputs, options);
	const sent = calls.map(({ customer }) => [
		customer!.id,
		customer!.devices.map(({ DeviceId }) => DeviceId).sort(),
	]);
	return { sent: Object.fromEntries(sent) as Record<string, string[]>, withheld, remarks };
}
