import type { IExecuteFunctions, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { fieldSource, readPath, type FieldSource } from './binding/fieldSource';
import { mapFields } from './binding/mapping';
import type { ItemReader } from './operation';

type Read = (itemIndex: number) => unknown;

/**
 * Reads the user's parameters for each item: plain references straight from the item, constants once, and only true
 * expressions through the engine.
 */
export class ParameterReader implements ItemReader {
	readonly #context: IExecuteFunctions;
	readonly #items: readonly INodeExecutionData[];
	readonly #reads = new Map<string, Read>();

	/** @throws NotSendable when a mapped column does not exist */
	constructor(context: IExecuteFunctions, items: readonly INodeExecutionData[]) {
		this.#context = context;
		this.#items = items;
		const { columns } = context.getNode().parameters;
		if (isResourceMapper(columns)) this.#mapColumns(columns);
	}

	read(parameter: string, itemIndex: number): unknown {
		let read = this.#reads.get(parameter);
		if (read === undefined) {
			read = this.#readFrom(fieldSource(this.#context.getNode().parameters[parameter]));
			this.#reads.set(parameter, read);
		}
		return read(itemIndex);
	}

	#mapColumns({ mappingMode, value }: ResourceMapper): void {
		const isAutomatic = mappingMode === 'autoMapInputData';
		const sources = mapFields(
			{ isAutomatic, values: value ?? {} },
			this.#items.map(({ json }) => json),
		);
		for (const [field, source] of Object.entries(sources)) {
			this.#reads.set(`columns.${field}`, this.#readFrom(source));
		}
	}

	#readFrom(source: FieldSource): Read {
		if (source.kind === 'constant') return () => source.value;
		if (source.kind === 'path') return (itemIndex) => readPath(this.#items[itemIndex]?.json, source.path);
		return (itemIndex) => this.#context.evaluateExpression(source.expression, itemIndex);
	}
}

type ResourceMapper = { mappingMode: unknown; value: INodeParameters | null };

function isResourceMapper(parameter: unknown): parameter is ResourceMapper {
	return typeof parameter === 'object' && parameter !== null && 'mappingMode' in parameter;
}
