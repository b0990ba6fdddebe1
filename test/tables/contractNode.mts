import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { ProjectTables } from '../../nodes/TencentCloudIot/run/dataTables';
import { TableUnusable, type TableStep } from '../../nodes/TencentCloudIot/tables/dataTables';

/** One call of the tables, as passed to the node. */
export interface ContractCall {
	readonly steps: readonly TableStep[];
}

/** The result of a call. */
export type ContractResult =
	| { readonly answers: readonly unknown[] }
	| { readonly error: string; readonly why?: string | undefined };

/**
 * A node that makes calls with the package's own access to Data Tables, which is reachable only from inside a node. Its input item
 * or a webhook's body has the calls, `calls`; it returns their results, `results`. It starts all calls at once if the
 * item has `atOnce`.
 */
export class TablesContract implements INodeType {
	description: INodeType['description'] = {
		displayName: 'Tables Contract',
		name: 'tablesContract',
		group: ['transform'],
		version: 1,
		description: 'Calls Data Tables as a test asks for it',
		defaults: { name: 'Tables Contract' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const json = this.getInputData()[0]!.json as { body?: unknown };
		const { calls, atOnce } = (json.body ?? json) as { calls: ContractCall[]; atOnce?: boolean };
		const tables = new ProjectTables(this);
		const results: ContractResult[] = [];
		const call = async ({ steps }: ContractCall): Promise<ContractResult> => {
			try {
				return { answers: await tables.run(steps) };
			} catch (cause) {
				const why = cause instanceof TableUnusable ? cause.why : undefined;
				const { message } = (cause instanceof TableUnusable ? cause.cause : cause) as Error;
				return { error: message, why };
			}
		};
		if (atOnce === true) {
			results.push(...(await Promise.all(calls.map(call))));
		} else {
			for (const each of calls) {
				results.push(await call(each));
			}
		}
		return [[{ json: { results } as unknown as IDataObject }]];
	}
}
