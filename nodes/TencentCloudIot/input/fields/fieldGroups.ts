import type { INodeProperties } from 'n8n-workflow';

import type { EditorList, PickList } from './editorLists';
import type { Field, Fields, Item } from './field';
import { text, type TextRule } from './fields';

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
