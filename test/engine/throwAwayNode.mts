import type { IExecuteFunctions, INodeExecutionData, INodeProperties, INodeType } from 'n8n-workflow';

type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

/** A node for one test, with its function and its string parameters. */
export function nodeThat(execute: Execute, parameterNames: string[] = []): INodeType {
	const properties = parameterNames.map(
		(name): INodeProperties => ({ displayName: name, name, type: 'string', default: '' }),
	);
	return {
		description: {
			displayName: 'Throw-Away',
			name: 'throwAway',
			group: ['transform'],
			version: 1,
			description: 'A node for one test',
			defaults: { name: 'Throw-Away' },
			inputs: ['main'],
			outputs: ['main'],
			properties,
		},
		execute,
	};
}

/** A node that returns the given items on its only output, whatever its input is. */
export function nodeReturning(...items: INodeExecutionData[]): INodeType {
	return nodeThat(async () => [structuredClone(items)]);
}
