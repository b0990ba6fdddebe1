import {
	validateFieldType,
	type INodeProperties,
	type IDataObject,
	type ResourceMapperField,
} from 'n8n-workflow';

import { whyNoJson } from '../text';
import { whyPlaceholder } from '../placeholder';
import {
	FieldValue,
	type EditorList,
	type PickList,
	type Field,
	type Fields,
	type Item,
	type FieldList,
	type Options,
	type Property,
} from './field';
import { text, readChoice, readNumber, readText, type TextRule } from './fields';

/** The properties of fields, each by the name under which it is declared. */
export function propertiesOf(fields: Fields): INodeProperties[] {
	return Object.entries(fields).flatMap(([name, { properties }]) =>
		properties.map((property) => ({ ...property, name })),
	);
}

/** All that the editor calls to fill fields. */
export function listsOf(fields: Fields): EditorList[] {
	return Object.values(fields).flatMap(({ lists = [] }) => lists);
}

interface Picker {
	displayName: string;
	description: string;
	placeholder: string;
	/** What the value is called that is typed. Default: By ID. */
	typedLabel?: string;
	list: PickList;
	rule?: TextRule;
}

/** A required text that is picked from a list or typed. A plain text, as older workflows store it, is one that is typed. */
export function picker({ placeholder, typedLabel = 'By ID', list, ...property }: Picker): Field<string> {
	const typeOptions = { searchListMethod: list.method, searchable: true };
	return {
		...text({
			...property,
			type: 'resourceLocator',
			default: { mode: 'list', value: '' },
			modes: [
				{ displayName: 'From List', name: 'list', type: 'list', typeOptions },
				{ displayName: typedLabel, name: 'id', type: 'string', placeholder },
			],
		}),
		lists: [list],
	};
}

interface Group<Declared> {
	displayName: string;
	description: string;
	/** What adds one of the fields, e.g. "Add filter". */
	placeholder: string;
	fields: Declared;
}

/** Fields of which the user adds those that are needed, in alphabetical order. */
export function collection<Declared extends Fields>({
	fields,
	...property
}: Group<Declared>): Field<Item<Declared>> {
	return {
		properties: [{ ...property, type: 'collection', default: {}, options: propertiesOf(fields) }],
		lists: listsOf(fields),
		read: (value) => {
			if (value.isEvaluated && typeof value.raw !== 'object') value.refuse('is not an object: correct it');
			return value.members(fields);
		},
	};
}

/** Options that the user may add; each that is left out has its default. */
export function optionGroup<Declared extends Fields>({
	fields,
	...property
}: Omit<Group<Declared>, 'description'> & { description?: string }): Field<Options<Declared>> {
	return {
		properties: [{ ...property, type: 'collection', default: {}, options: propertiesOf(fields) }],
		read: (value) => value.options(fields),
	};
}

interface List<Declared> extends Group<Declared> {
	/** The name of an entry in the stored list, and its label. */
	entry: { name: string; displayName: string };
	/** The entries that are there from the start. */
	default: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

/** A list of at least one entry, each of the same fields. */
export function list<Declared extends Fields>({
	fields,
	entry,
	default: entries,
	...property
}: List<Declared>): Field<ReadonlyArray<Item<Declared>>> {
	return {
		properties: [
			{
				...property,
				type: 'fixedCollection',
				required: true,
				typeOptions: { multipleValues: true },
				default: { [entry.name]: [...entries] } as INodeProperties['default'],
				options: [{ ...entry, values: propertiesOf(fields) }],
			},
		],
		read: (value) => {
			const all = value.member(entry.name, property.displayName);
			const { raw } = all;
			if (!Array.isArray(raw) || raw.length === 0) {
				all.refuse('is empty: add at least one');
				return [];
			}
			return raw.map((_, index) => all.member(String(index), '').members(fields));
		},
	};
}

interface MappedFields extends Pick<Property, 'displayName' | 'displayOptions'> {
	description: string;
	/** The parameter on which the fields depend. */
	dependsOn: string;
	fieldWords: { singular: string; plural: string };
	list: FieldList;
}

/** The values of fields that the service knows, by their ids: at least one, each with the type that its field has there. */
export function mappedFields({ dependsOn, fieldWords, list, ...property }: MappedFields): Field<IDataObject> {
	const resourceMapper = {
		resourceMapperMethod: list.method,
		mode: 'add' as const,
		valuesLabel: property.displayName,
		fieldWords,
		addAllFields: false,
		supportAutoMap: false,
	};
	return {
		properties: [
			{
				...property,
				type: 'resourceMapper',
				noDataExpression: true,
				required: true,
				default: { mappingMode: 'defineBelow', value: null },
				typeOptions: { loadOptionsDependsOn: [dependsOn], resourceMapper },
			},
		],
		lists: [list],
		read: readMapped,
	};
}

function readMapped(mapper: FieldValue): IDataObject {
	const { value, schema = [] } = (mapper.raw ?? {}) as {
		value?: IDataObject;
		/** Its fields, as the editor stored them beside. */
		schema?: ResourceMapperField[];
	};
	const filled = Object.entries(value ?? {});
	if (filled.length === 0) mapper.refuse('is empty: add at least one');
	const members = filled.map(([id, stored]) => {
		const field = schema.find((one) => one.id === id);
		// Tencent's models know no yes and no: a bool is 0 or 1.
		const one = typeof stored === 'boolean' ? Number(stored) : stored;
		const source = { stored: undefined, evaluate: () => one };
		return [id, readTyped(new FieldValue(field?.displayName ?? id, mapper.item, source), field)] as const;
	});
	return Object.fromEntries(members) as IDataObject;
}

/** A value in the type of its field. One whose type is unknown stays as it is. */
function readTyped(value: FieldValue, field: ResourceMapperField | undefined): unknown {
	const { raw } = value;
	const { type, options = [] } = field ?? {};
	if (type === 'number') return readNumber(value);
	if (type === 'string') return readText(value, whyPlaceholder);
	if (type === 'options') return readChoice(value, options);
	if (raw === undefined || raw === null) value.refuse('is missing: fill this field');
	const checked =
		type === undefined ? { valid: true as const, newValue: raw } : validateFieldType('', raw, type);
	if (!checked.valid) value.refuse(`is no ${type} in JSON: correct it`);
	const typed: unknown = checked.valid ? checked.newValue : raw;
	const finding = whyNoJson(typed);
	if (finding !== undefined) value.refuse(finding);
	return typed;
}
