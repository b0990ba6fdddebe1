type Scalar = 'string' | 'number' | 'boolean';

/** The part of JSON Schema that n8n's editor reads. Of several types it shows the first. */
export type Schema =
	| { type: Scalar | Scalar[] }
	| { type: 'array'; items: Schema | Record<string, never> }
	| { type: 'object'; properties?: Record<string, Schema> };

export type ObjectSchema = { type: 'object'; properties: Record<string, Schema> };

/** The members whose own members and types are a product's, a device's or a user's: no schema names those. */
export const FREE_FORM: ReadonlySet<string> = new Set([
	'Data',
	'ModelDefine',
	'OutputParams',
	'Result',
	'Value',
]);

/**
 * The schema of items, with every member that one of them has, in the order in which they come first.
 *
 * @throws Error where a member is null, or a list or an object in one item only
 */
export function inferSchema(items: readonly object[]): ObjectSchema {
	return items.reduce<ObjectSchema>((known, item) => merge(known, ofObject(item), ''), {
		type: 'object',
		properties: {},
	});
}

function infer(value: unknown, path: string): Schema {
	if (Array.isArray(value)) {
		const [first, ...others] = value.map((item) => infer(item, path));
		return { type: 'array', items: others.reduce((known, item) => merge(known, item, path), first ?? {}) };
	}
	if (typeof value === 'object' && value !== null) {
		return ofObject(value, path);
	}
	const type = typeof value;
	if (type === 'string' || type === 'number' || type === 'boolean') {
		return { type };
	}
	throw new Error(`${path} is ${String(value)}, of which n8n shows no type`);
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

function merge<Known extends Schema | Record<string, never>>(
	known: Known,
	other: Known,
	path: string,
): Known {
	if (!('type' in known)) {
		return other;
	}
	if (!('type' in other)) {
		return known;
	}
	if (known.type === 'array' && other.type === 'array') {
		return { ...known, items: merge(known.items, other.items, path) };
	}
	if (known.type !== 'object' || other.type !== 'object') {
		return mergeScalars(known as Schema, other as Schema, path) as Known;
	}
	const properties = { ...known.properties };
	for (const [name, schema] of Object.entries(other.properties ?? {})) {
		const before = properties[name];
		properties[name] = before === undefined ? schema : merge(before, schema, `${path}.${name}`);
	}
	return Object.keys(properties).length === 0 ? known : { ...known, properties };
}

function mergeScalars(known: Schema, other: Schema, path: string): Schema {
	const types = [...new Set([known.type, other.type].flat())];
	const scalars = types.filter((type) => type !== 'array' && type !== 'object');
	if (scalars.length < types.length) {
		throw new Error(`${path} is ${types.join(' or ')}`);
	}
	return scalars.length === 1 ? { type: scalars[0]! } : { type: scalars };
}
