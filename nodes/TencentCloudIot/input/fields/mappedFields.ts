import { validateFieldType, type IDataObject, type ResourceMapperField } from 'n8n-workflow';

import type { FieldList } from './editorLists';
import type { Field, Property } from './field';
import { readChoice, readNumber, readText } from './fields';
import { FieldValue } from './fieldValue';
import { whyNoJson } from '../jsonText';
import { whyPlaceholder } from '../placeholder';

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
