import { validateFieldType, type IDataObject, type ResourceMapperField } from 'n8n-workflow';

import type { ItemFields } from './itemFields';

/** What was filled in of a resource mapper, and its fields by id, as the editor stored them beside. */
interface Mapped {
	values: IDataObject;
	fields: ReadonlyMap<string, ResourceMapperField>;
	finding: string | undefined;
}

/**
 * The values of a resource mapper's fields, by their ids: at least one, each with the type that its field has there.
 * @param item what becomes the place of the findings about values that do not fit
 */
export function mappedValues(item: ItemFields, path: string): IDataObject {
	const { values, fields } = item.check(path, checkMapper);
	return item.nested(values, { fields }, (nested) =>
		Object.fromEntries(Object.keys(values).map((id) => [id, typed(nested, id, fields.get(id)?.type)])),
	);
}

function checkMapper(mapper: unknown): Mapped {
	const { value, schema = [] } = (mapper ?? {}) as { value?: IDataObject; schema?: ResourceMapperField[] };
	// Tencent's models know no yes and no: a bool is 0 or 1.
	const values = Object.entries(value ?? {}).map(([id, one]) => [
		id,
		typeof one === 'boolean' ? Number(one) : one,
	]);
	return {
		values: Object.fromEntries(values) as IDataObject,
		fields: new Map(schema.map((field) => [field.id, field])),
		finding: values.length === 0 ? 'is empty: add at least one' : undefined,
	};
}

function typed(item: ItemFields, id: string, type: ResourceMapperField['type']): IDataObject[string] {
	if (type === 'number') return item.number(id);
	if (type === 'options') return item.choice(id);
	if (type === 'string') return item.text(id);
	return item.check(id, (value) => checkTyped(value, type)).value as IDataObject[string];
}

/** A value of a type that only JSON has. One whose type is unknown stays as it is. */
function checkTyped(
	value: unknown,
	type: ResourceMapperField['type'] = 'string',
): { value: unknown; finding: string | undefined } {
	if (value === undefined || value === null) return { value, finding: 'is missing: fill this field' };
	const checked = validateFieldType('', value, type);
	return checked.valid
		? { value: checked.newValue, finding: undefined }
		: { value, finding: `is no ${type} in JSON: correct it` };
}
