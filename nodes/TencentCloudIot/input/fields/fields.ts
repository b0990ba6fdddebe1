import {
	validateFieldType,
	type INodeProperties,
	type IDataObject,
	type INodePropertyOptions,
	type ResourceMapperField,
} from 'n8n-workflow';

import { because, type Why } from '../../messages/findings';
import { isInexact } from '../../service/response/exactJson';
import { toUnixMs } from '../dateTime';
import {
	FieldValue,
	type EditorList,
	type Field,
	type FieldList,
	type Fields,
	type ItemFields,
	type Options,
	type PickList,
	type Property,
} from './field';
import { checkJsonText, checkText, whyNotJson } from '../text';
import { whyNotId, whyPlaceholder } from '../placeholder';
import { inCommas, ours } from '../../messages/text';

/** The property of a field as an operation declares it. The kind of field, such as `text`, adds the members that the declaration leaves out. */
type Declaration = Pick<Property, 'displayName'> & Partial<Property>;

/** Why a text cannot be used, or undefined when it can. */
type TextRule = (text: string) => Why | undefined;

/** A required text. It is checked by the rule for ids, which refuses placeholders, unless the declaration has its own rule. */
export function text({
	rule = whyNotId,
	...property
}: Declaration & { rule?: TextRule | undefined }): Field<string> {
	return {
		properties: [{ type: 'string', required: true, default: '', ...property }],
		read: (value) => readText(value, rule),
	};
}

export function readText(value: FieldValue, rule: TextRule): string {
	const checkedText = checkText(value.raw);
	const why = checkedText.why ?? rule(checkedText.text);
	if (why === undefined) {
		return checkedText.text;
	}
	value.refuse(why);
	return '';
}

/**
 * A field that may be left out.
 * @param evaluatedToNothing whether an expression that returns nothing is refused: its author expects a value
 */
export function optional<Value>(
	{ properties, ...field }: Field<Value>,
	evaluatedToNothing: 'refuse' | 'allow' = 'refuse',
): Field<Value | undefined> {
	const [first, ...further] = properties.map((property) => ({ ...property, required: false }));
	return {
		...field,
		properties: [first!, ...further],
		read: (value) => {
			if (!value.isBlank) {
				return field.read(value);
			}
			if (value.isEvaluated && evaluatedToNothing === 'refuse') {
				value.refuse(because('nothing'));
			}
			return undefined;
		},
	};
}

type OfferedOptions<Value> = ReadonlyArray<Omit<INodePropertyOptions, 'value'> & { value: Value }>;
type Choice<Value> = Omit<Declaration, 'options'> & { displayName: string; options: OfferedOptions<Value> };

/** A field whose value is one of those that its dropdown offers. */
export function choice<const Value extends string | number>(property: Choice<Value>): Field<Value | ''> {
	const options = [...property.options];
	return {
		properties: [{ type: 'options', required: true, default: '', ...property, options }],
		read: (value) => readChoice(value, options),
	};
}

function readChoice<Value>(fieldValue: FieldValue, options: OfferedOptions<Value>): Value | '' {
	const { raw } = fieldValue;
	const entered = typeof raw === 'string' ? raw.trim() : raw;
	const chosen = options.find(({ value }) => value === entered || String(value) === entered);
	if (chosen !== undefined) {
		return chosen.value;
	}
	fieldValue.refuse(becauseNotOffered(options.map(({ value }) => value)));
	return '';
}

function becauseNotOffered(values: readonly unknown[]): Why {
	return because('notOffered', { values: inCommas(values.map((value) => ours(String(value)))) });
}

/**
 * An option that is one of the values of its dropdown. Any other value counts as `default`: n8n keeps a value that was chosen for another
 * operation, whose dropdown may offer more.
 * @param whenAdded the value that the editor fills in when the user adds the option, if users add it only to leave the default. An invalid
 * value still counts as `default`, so no expression loosens a check by accident
 */
export function setting<const Value extends string>({
	options,
	whenAdded,
	...property
}: Omit<Choice<Value>, 'default'> & {
	default: NoInfer<Value>;
	whenAdded?: NoInfer<Value>;
}): Field<Value> {
	const shownProperty: Property = {
		type: 'options',
		...property,
		default: whenAdded ?? property.default,
		options: [...options],
	};
	if (whenAdded !== undefined) {
		shownProperty.noDataExpression ??= true;
	}
	return {
		properties: [shownProperty],
		ifNotAdded: property.default,
		read: ({ raw }) => options.find(({ value }) => value === raw)?.value ?? property.default,
	};
}

/** A field whose dropdown lets the user choose several values, at least one. */
export function choices<const Value extends string>({
	options,
	...property
}: Choice<Value>): Field<readonly Value[]> {
	const offeredValues = options.map(({ value }) => value);
	return {
		properties: [{ type: 'multiOptions', default: [], ...property, options: [...options] }],
		read: (value) => {
			const { raw } = value;
			const chosen = offeredValues.filter((choice) => Array.isArray(raw) && raw.includes(choice));
			if (chosen.length === 0) {
				value.refuse(becauseNotOffered(offeredValues));
			}
			return chosen;
		},
	};
}

export function flag(property: Declaration): Field<boolean> {
	return {
		properties: [{ type: 'boolean', default: false, ...property }],
		read: (value) => {
			if (typeof value.raw !== 'boolean') {
				value.refuse(becauseNotOffered([true, false]));
			}
			return value.raw === true;
		},
	};
}

/** A number. Digits in a text count as a number, because CSV files have only texts. */
export function number(property: Declaration): Field<number> {
	return { properties: [{ type: 'number', default: 0, ...property }], read: (value) => readNumber(value) };
}

/** An option that is a number, brought within its limits. With a precision of 0 it is rounded to a whole number. */
export function limit({
	typeOptions,
	...property
}: Declaration & {
	default: number;
	typeOptions: { minValue: number; maxValue: number; numberPrecision?: 0 };
}): Field<number> {
	const { minValue, maxValue, numberPrecision } = typeOptions;
	const why = because('notBetween', { least: minValue, most: maxValue });
	return {
		properties: [{ type: 'number', ...property, typeOptions }],
		read: (value) => {
			const number = readNumber(value, why);
			if (number >= minValue && number <= maxValue) {
				return numberPrecision === 0 ? Math.round(number) : number;
			}
			value.refuse(why);
			return property.default;
		},
	};
}

function readNumber(value: FieldValue, why = because('notNumber')): number {
	const { raw } = value;
	const isNumericText = typeof raw === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(raw);
	const number = isNumericText || typeof raw === 'number' ? Number(raw) : NaN;
	if (!Number.isFinite(number)) {
		value.refuse(why);
	} else if (isInexact(number)) {
		value.refuse(because('tooLarge'));
	}
	return number;
}

/** A field for a whole number of at least 1. */
export function count(property: Declaration): Field<number> {
	return {
		properties: [{ type: 'number', typeOptions: { minValue: 1 }, default: 1, ...property }],
		read: (value) => {
			const number = readNumber(value, because('notCount'));
			if (!Number.isSafeInteger(number) || number < 1) {
				value.refuse(because('notCount'));
			}
			return number;
		},
	};
}

/** A field for a date and time, or for a day, read as Unix milliseconds. @param why the finding about a value that is not a time */
export function time(property: Declaration, why = because('notTime')): Field<number> {
	return {
		properties: [{ type: 'dateTime', required: true, default: '', ...property }],
		read: (value) => {
			try {
				const ms = toUnixMs(value.raw, value.item.timezone);
				if (ms !== undefined) {
					return ms;
				}
				value.refuse(why);
			} catch {
				value.refuse(because('noZone'));
			}
			return NaN;
		},
	};
}

/** A field for a JSON object, which the user gives as text or as an object. Its value is the JSON text. */
export function json(property: Declaration): Field<string> {
	return {
		properties: [{ type: 'json', required: true, default: '{}', ...property }],
		read: (value) => {
			const { text: jsonText, why } = checkJsonText(value.raw);
			if (why !== undefined) {
				value.refuse(why);
			}
			return jsonText;
		},
	};
}

/** A notice above other fields. It has no value. */
export function notice(displayName: string): Field<undefined> {
	return { properties: [{ displayName, type: 'notice', default: '' }], read: () => undefined };
}

/** The properties of all fields for n8n. The key of a field in its declaration becomes the name of its properties. */
export function propertiesOf(fields: Fields): INodeProperties[] {
	return Object.entries(fields).flatMap(([name, { properties }]) =>
		properties.map((property) => ({ ...property, name })),
	);
}

/** All lists that the editor calls to fill these fields. */
export function listsOf(fields: Fields): EditorList[] {
	return Object.values(fields).flatMap(({ lists = [] }) => lists);
}

interface Picker extends Required<Pick<Property, 'displayName' | 'description' | 'placeholder'>> {
	/** The label of the mode in which the user types the value. Default: By ID. */
	typedLabel?: string;
	list: PickList;
	rule?: TextRule;
}

/** A required text that is picked from a list or typed. Older workflows store a plain text, which counts as typed. */
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

interface Group<Declared> extends Pick<Property, 'displayName' | 'description'> {
	/** The label of the button that adds a field, e.g. "Add filter". */
	placeholder: string;
	fields: Declared;
}

/** A group of optional fields, in alphabetical order. The user adds those that are needed. */
export function collection<Declared extends Fields>({
	fields,
	...property
}: Group<Declared>): Field<ItemFields<Declared>> {
	return {
		properties: [{ ...property, type: 'collection', default: {}, options: propertiesOf(fields) }],
		lists: listsOf(fields),
		read: (value) => {
			if (value.isEvaluated && typeof value.raw !== 'object') {
				value.refuse(because('notObject'));
			}
			return value.members(fields);
		},
	};
}

/** A group of options. An option that the user does not add has its default. */
export function optionGroup<Declared extends Fields>(group: Group<Declared>): Field<Options<Declared>> {
	return { ...collection(group), read: (value) => value.options(group.fields) };
}

interface List<Declared> extends Group<Declared> {
	/** The key of the entries in the stored list, and the label of an entry. */
	entry: { name: string; displayName: string };
	/** The entries of a new node. */
	default: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

/** A list of at least one entry, each of the same fields. */
export function list<Declared extends Fields>({
	fields,
	entry,
	default: entries,
	...property
}: List<Declared>): Field<ReadonlyArray<ItemFields<Declared>>> {
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
			const entries = value.member(entry.name, property.displayName);
			const { raw } = entries;
			if (!Array.isArray(raw) || raw.length === 0) {
				entries.refuse(because('addOne'));
				return [];
			}
			return raw.map((_, index) => entries.member(String(index), '').members(fields));
		},
	};
}

interface MappedFields extends Declaration {
	/** The parameter on which the fields depend. */
	dependsOn: string;
	fieldWords: { singular: string; plural: string };
	list: FieldList;
}

/** The values of fields that the service defines, by their ids. At least one is needed. Each is sent in the type that the service defines. */
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
		/** The fields as the service defines them. The editor stores them in the workflow, together with the values. */
		schema?: ResourceMapperField[];
	};
	const filledValues = Object.entries(value ?? {});
	if (filledValues.length === 0) {
		mapper.refuse(because('addOne'));
	}
	const members = filledValues.map(([id, stored]) => {
		const field = schema.find((candidate) => candidate.id === id);
		// Tencent's thing models have no true and false: a bool is 0 or 1.
		const sentValue = typeof stored === 'boolean' ? Number(stored) : stored;
		const source = { stored: undefined, evaluate: () => sentValue };
		return [id, readTyped(new FieldValue(field?.displayName ?? id, mapper.item, source), field)] as const;
	});
	return Object.fromEntries(members) as IDataObject;
}

/** Converts a value to the type of its field. A value of an unknown type stays unchanged. */
function readTyped(value: FieldValue, field: ResourceMapperField | undefined): unknown {
	const { raw } = value;
	const { type, options = [] } = field ?? {};
	if (type === 'number') {
		return readNumber(value);
	}
	if (type === 'string') {
		return readText(value, whyPlaceholder);
	}
	if (type === 'options') {
		return readChoice(value, options);
	}
	if (raw === undefined || raw === null) {
		value.refuse(because('missing'));
	}
	const validated = type && validateFieldType('', raw, type);
	if (validated?.valid === false) {
		value.refuse(because('noJsonType', { type: ours(String(type)) }));
	}
	const convertedValue: unknown = validated?.valid === true ? validated.newValue : raw;
	const why = whyNotJson(convertedValue);
	if (why !== undefined) {
		value.refuse(why);
	}
	return convertedValue;
}
