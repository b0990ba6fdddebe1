import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { readRunOptions } from '../../nodes/TencentCloudIot/resources/runOptions';
import { NodeInput } from '../../nodes/TencentCloudIot/input/nodeInput';
import { openReader, readItems } from '../../nodes/TencentCloudIot/input/itemReader';

/** n8n's context for the node. Plain references and templates of them need no expression to be evaluated. */
function contextOf(columns: IDataObject): IExecuteFunctions {
	const node = { name: 'Push', type: 'tencentCloudIot', parameters: { columns } };
	return {
		getNode: () => node,
		getExecuteData: () => ({ node }),
	} as unknown as IExecuteFunctions;
}

/**
 * Runs Push on a sheet, from its columns to its requests.
 * @param values the columns of the fields, as expressions; undefined for *Map Automatically*
 */
export async function pushedSheet(
	rows: readonly IDataObject[],
	values: IDataObject | undefined,
	rowHandling: IDataObject,
) {
	const context = contextOf(
		values ? { mappingMode: 'defineBelow', value: values } : { mappingMode: 'autoMapInputData', value: null },
	);
	const items = rows.map((json) => ({ json }));
	const { options } = readRunOptions(pushOperation, (group) => ({ rowHandling })[group]);
	const read = pushOperation.inputReader(options);
	const input = new NodeInput(context, items, { timezone: 'UTC', isTool: false, isToolCall: false });
	const reader = await openReader(input, pushOperation.customers!.columns(options));
	const inputs = readItems(reader, read);
	const { calls, withheld, remarks = [] } = await pushOperation.toCalls(inputs, options);
	const sent = calls.map(({ customer }) => [
		customer!.id,
		customer!.devices.map(({ DeviceId }) => DeviceId).sort(),
	]);
	return { sent: Object.fromEntries(sent) as Record<string, string[]>, withheld, remarks };
}
