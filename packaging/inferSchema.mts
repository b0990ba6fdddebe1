type Scalar = 'string' | 'number' | 'boolean';

/** The part of JSON Schema that n8n's editor reads. It shows the first of several types. */
export type Schema =
	| { type: Scalar | Scalar[] }
	| { type: 'array'; items: Schema | Record<string, never> }
	| { type: 'object'; properties?: Record<string, Schema> };

export type ObjectSchema = { type: 'object'; properties: Record<string, Schema> };

/** Members whose content depends on a product, a device or a user: no schema describes it. */
export const FREE_FORM: ReadonlySet<string> = new Set([
	'Data',
	'ModelDefine',
	'OutputParams',
	'Result',
	'Value',
]);

/**
 * The schema of items, with every member of any item, in the order of first appearance.
 *
 * @throws Error if a member is null, or is a list or an object in some items only
 */
export function inferSchema(items: readonly object[]): ObjectSchema {
	return items.reduce<ObjectSchema>((schema, item) => merge(schema, ofObject(item), ''), {
		type: 'object',
		properties: {},
	});
}

function infer(value: unknown, path: string): Schema {
	if (Array.isArray(value)) {
		const [first, ...further] = value.map((item) => infer(item, path));
		return { type: 'array', items: further.reduce((schema, item) => merge(schema, item, path), first ?? {}) };
	}
	if (typeof value === 'object' && value !== null) {
		return ofObject(value, path);
	}
	const type = typeof value;
	if (type === 'string' || type === 'number' || type === 'boolean') {
		return { type };
	}
	throw new Error(`${path} is ${String(value)}, for which n8n shows no type`);
}

function ofObject(value: object, path = ''): ObjectSchema {
	const members = Object.entries(value).filter(([, member]) => member !== undefined);
	const properties = members.map(([name, member]): [string, Schema] => {
		if (FREE_FORM.has(name) && typeof member === 'object') {
			return [name, { type: 'object' }];
		}
		return [name, infer(member, `${path}.${name}`)];
	});
	return { type: 'object', properties: Object.fromEntries(properties) };
}

function merge<Part extends Schema | Record<string, never>>(schema: Part, other: Part, path: string): Part {
	if (!('type' in schema)) {
		return other;
	}
	if (!('type' in other)) {
		return schema;
	}
	if (schema.type === 'array' && other.type === 'array') {
		return { ...schema, items: merge(schema.items, other.items, path) };
	}
	if (schema.type !== 'object' || other.type !== 'object') {
		return mergeScalars(schema as Schema, other as Schema, path) as Part;
	}
	const properties = { ...schema.properties };
	for (const [name, member] of Object.entries(other.properties ?? {})) {
		const before = properties[name];
		properties[name] = before === undefined ? member : merge(before, member, `${path}.${name}`);
	}
	return Object.keys(properties).length === 0 ? schema : { ...schema, properties };
}

function mergeScalars(schema: Schema, other: Schema, path: string): Schema {
	const types = [...new Set([schema.type, other.type].flat())];
	const scalars = types.filter((type) => type !== 'array' && type !== 'object');
	if (scalars.length < types.length) {
		throw new Error(`${path} is ${types.join(' or ')}`);
	}
	return scalars.length === 1 ? { type: scalars[0]! } : { type: scalars };
}
