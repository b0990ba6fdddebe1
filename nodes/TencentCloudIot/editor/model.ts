import {
	NodeOperationError,
	type FieldType,
	type ILoadOptionsFunctions,
	type INodeListSearchResult,
	type INodePropertyOptions,
	type ResourceMapperField,
	type ResourceMapperFields,
} from 'n8n-workflow';

import { parseJsonText } from '../resources/answerValues';
import { isObject, type AnswerData } from '../service/answer';
import { ask, chosenProduct } from './ask';
import { mapperField } from './columns';

/** How the editor asks for a value of each type of Tencent's thing models; where there are labels, by these. */
const FIELD_TYPES: ReadonlyMap<unknown, FieldType> = new Map([
	['array', 'array'],
	['float', 'number'],
	['int', 'number'],
	['struct', 'object'],
	['timestamp', 'number'],
]);

/** The properties of the chosen product, for a resource locator. */
export async function searchProperties(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	return search(await readModel(this, 'properties'), filter);
}

/** The actions of the chosen product, for a resource locator. */
export async function searchActions(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	return search(await readModel(this, 'actions'), filter);
}

/** The properties of the chosen product that may be set, for the resource mapper. It shows a notice, not what is thrown. */
export async function getProperties(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	try {
		return { fields: (await readModel(this, 'properties', ({ mode }) => mode !== 'r')).map(toField) };
	} catch (cause) {
		const { message, description } = cause as Partial<NodeOperationError>;
		return { fields: [], emptyFieldsNotice: `${message}. ${description ?? ''}`.trim() };
	}
}

/**
 * What the model of the chosen product has of one kind (ServiceDescribeModelDefinition, whose ModelDefine is a thing model).
 * @throws NodeOperationError when no product is chosen, it has no such model, or the service does not give it
 */
async function readModel(
	context: ILoadOptionsFunctions,
	kind: 'actions' | 'properties',
	isWanted: (entry: AnswerData) => boolean = () => true,
): Promise<AnswerData[]> {
	const ProductId = chosenProduct(context, kind);
	const { Model } = await ask(context, { Action: 'ServiceDescribeModelDefinition', ProductId }, (answer) =>
		isObject(answer.Model),
	);
	const model = parseJsonText((Model as AnswerData).ModelDefine);
	const listed = isObject(model) ? model[kind] : undefined;
	const entries = Array.isArray(listed) ? listed.filter(isObject).filter(isWanted) : [];
	if (entries.length > 0) return entries;
	throw new NodeOperationError(
		context.getNode(),
		`The model of product '${ProductId}' has no ${kind} to choose from`,
		{ description: 'Publish them on the IoT platform, or give the identifier by hand' },
	);
}

function search(entries: readonly AnswerData[], filter = ''): INodeListSearchResult {
	const text = filter.trim().toLowerCase();
	const all = entries.map((entry) => ({ name: labelOf(entry), value: String(entry.id) }));
	return { results: all.filter(({ name }) => name.toLowerCase().includes(text)) };
}

function toField(property: AnswerData): ResourceMapperField {
	const define = isObject(property.define) ? property.define : {};
	const options = optionsOf(define);
	return {
		...mapperField(String(property.id), labelOf(property)),
		required: false,
		...(options.length > 0
			? { type: 'options', options }
			: { type: FIELD_TYPES.get(define.type) ?? 'string' }),
	};
}

/** The values of a bool or an enum, which are numbers, or of a stringenum. */
function optionsOf({ type, mapping }: AnswerData): INodePropertyOptions[] {
	return Object.entries(isObject(mapping) ? mapping : {}).map(([value, label]) => ({
		name: `${String(label)} (${value})`,
		value: type === 'stringenum' ? value : Number(value),
	}));
}

/** Models name things in the language of their makers. */
function labelOf({ id, name }: AnswerData): string {
	return `${String(name ?? id)} (${String(id)})`;
}
