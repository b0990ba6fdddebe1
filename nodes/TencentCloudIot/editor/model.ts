import type {
	FieldType,
	ILoadOptionsFunctions,
	INodePropertyOptions,
	ResourceMapperField,
} from 'n8n-workflow';

import type { FieldList, PickList } from '../input/fields/editorLists';
import { parseJsonText } from '../responseValues';
import { isObject, type ResponseData } from '../service/response/parseResponse';
import { shownError, shownText } from '../shown';
import { chosenProduct, query } from './query';
import { mapperField } from './columns';
import { pickedName, pickedValue } from './picked';

/** What a model lists, by the names that it has there. */
type Kind = 'actions' | 'properties';

/** Something that a model has, by an id that can be picked. */
type Entry = ResponseData & { id: string };

/** The editor's type of a field for each type of Tencent's thing models; values with labels become a dropdown. */
const FIELD_TYPES: ReadonlyMap<unknown, FieldType> = new Map([
	['array', 'array'],
	['float', 'number'],
	['int', 'number'],
	['struct', 'object'],
	['timestamp', 'number'],
]);

/** The properties of the chosen product. */
export const properties: PickList = { method: 'searchProperties', search: searchOf('properties') };

/** The actions of the chosen product. */
export const actions: PickList = { method: 'searchActions', search: searchOf('actions') };

/** The properties of the chosen product that may be set. The mapper shows a notice, not what is thrown. */
export const settableProperties: FieldList = {
	method: 'getProperties',
	async list() {
		try {
			return { fields: (await readModel(this, 'properties', ({ mode }) => mode !== 'r')).map(toField) };
		} catch (cause) {
			return { fields: [], emptyFieldsNotice: shownText((cause as Error).message) };
		}
	},
};

/**
 * What the model of the chosen product has of one kind (ServiceDescribeModelDefinition, whose ModelDefine is a thing model).
 * @throws NodeOperationError when no product is chosen, it has no such model, or the service does not give it
 */
async function readModel(
	context: ILoadOptionsFunctions,
	kind: Kind,
	isWanted: (entry: ResponseData) => boolean = () => true,
): Promise<Entry[]> {
	const ProductId = chosenProduct(context, kind);
	const { Model } = await query(
		context,
		{ Action: 'ServiceDescribeModelDefinition', ProductId },
		{
			isDone: (data) => isObject(data.Model),
			reads: ['Model'],
		},
	);
	const model = parseJsonText((Model as ResponseData).ModelDefine);
	const listed = isObject(model) ? model[kind] : undefined;
	const entries = (Array.isArray(listed) ? listed.filter(isObject) : []).flatMap(
		(entry: ResponseData): Entry[] => {
			const id = pickedValue(entry.id);
			return id !== undefined && isWanted(entry) ? [{ ...entry, id }] : [];
		},
	);
	if (entries.length > 0) return entries;
	throw shownError(
		context,
		`The model of product '${ProductId}' has no ${kind} to choose from. Publish them on the IoT platform, or type them`,
	);
}

function searchOf(kind: Kind): PickList['search'] {
	return async function (filter = '') {
		const text = filter.trim().toLowerCase();
		const all = (await readModel(this, kind)).map((entry) => ({
			name: labelOf(entry),
			value: entry.id,
		}));
		return { results: all.filter(({ name }) => name.toLowerCase().includes(text)) };
	};
}

function toField(property: Entry): ResourceMapperField {
	const define = isObject(property.define) ? property.define : {};
	const options = optionsOf(define);
	return {
		...mapperField(property.id, labelOf(property)),
		required: false,
		...(options.length > 0
			? { type: 'options', options }
			: { type: FIELD_TYPES.get(define.type) ?? 'string' }),
	};
}

/** The values of a bool or an enum, which are numbers, or of a stringenum. */
function optionsOf({ type, mapping }: ResponseData): INodePropertyOptions[] {
	return Object.entries(isObject(mapping) ? mapping : {}).flatMap(([key, label]) => {
		const value = pickedValue(key);
		if (value === undefined) return [];
		return [{ name: named(label, value), value: type === 'stringenum' ? value : Number(value) }];
	});
}

/** Models name things in the language of their makers. */
function labelOf({ id, name }: Entry): string {
	return named(name, id);
}

function named(name: unknown, id: string): string {
	return `${pickedName(name, id)} (${shownText(id)})`;
}
