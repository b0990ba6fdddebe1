import { invalidParameter, Refusal } from './refusal.mts';

/** Returns the value as a T, or throws a Refusal that names the parameter. */
export type Reader<T> = (value: unknown, name: string) => T;

/** The parameters of an action: name → reader. */
export type Readers = Readonly<Record<string, Reader<unknown>>>;

/** The result of a set of readers: name → value. */
export type ValuesOf<R extends Readers> = { readonly [K in keyof R]: ReturnType<R[K]> };

/** A request's parameters by name, as JSON.parse returned them; a Map, because clients choose the names. */
export type Parameters = ReadonlyMap<string, unknown>;

/** Reads required parameters. Null and empty count as missing: none of them would be signed. */
export function readRequired<R extends Readers>(parameters: Parameters, readers: R): ValuesOf<R> {
	const read = ([name, reader]: [string, Reader<unknown>]) => {
		if (isMissing(parameters.get(name))) {
			throw new Refusal('ErrorRequiredParamNotFound', `必选参数缺失: ${name}`);
		}
		return [name, reader(parameters.get(name), name)];
	};
	return Object.fromEntries(Object.entries(readers).map(read)) as ValuesOf<R>;
}

/** Reads optional parameters; the result has no member for those that are left out. */
export function readOptional<R extends Readers>(parameters: Parameters, readers: R): Partial<ValuesOf<R>> {
	const present = Object.entries(readers).filter(([name]) => !isMissing(parameters.get(name)));
	return Object.fromEntries(
		present.map(([name, reader]) => [name, reader(parameters.get(name), name)]),
	) as Partial<ValuesOf<R>>;
}

function isMissing(value: unknown): boolean {
	return value === undefined || value === null || value === '';
}

/** Whether a value from JSON.parse is an object, not a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string that is not empty. */
export const text: Reader<string> = (value, name) => {
	if (typeof value !== 'string') {
		throw invalidParameter(name, '应为 String');
	}
	if (value === '') {
		throw invalidParameter(name, '不能为空');
	}
	return value;
};

/** An integer written as a JSON number, from `min` to `max` inclusive. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Reader<number> {
	return (value, name) => {
		if (!Number.isSafeInteger(value)) {
			throw invalidParameter(name, '应为整数');
		}
		const number = value as number;
		if (number < min || number > max) {
			throw invalidParameter(name, `应在 ${min} 到 ${max} 之间`);
		}
		return number;
	};
}

/** Any JSON number. */
export const number: Reader<number> = (value, name) => {
	if (typeof value !== 'number') {
		throw invalidParameter(name, '应为数值');
	}
	return value;
};

/** One of these strings. */
export function oneOf(values: readonly string[]): Reader<string> {
	return (value, name) => {
		const given = text(value, name);
		if (!values.includes(given)) {
			throw invalidParameter(name, `应为 ${values.join('、')} 之一`);
		}
		return given;
	};
}

/** A string that contains a JSON object. */
export const jsonText: Reader<string> = (value, name) => {
	const given = text(value, name);
	try {
		if (isObject(JSON.parse(given))) {
			return given;
		}
	} catch {
		// No JSON is reported like a value that is no object.
	}
	throw invalidParameter(name, '应为 JSON 对象的文本');
};

/** `ProductId/DeviceName`: exactly one slash, with text on both sides. */
export const deviceId: Reader<string> = (value, name) => {
	const id = text(value, name);
	if (!/^[^/]+\/[^/]+$/.test(id)) {
		throw invalidParameter(name, '应为 ProductId/DeviceName');
	}
	return id;
};

/** An array with at least one element; an element is named `name.index`. */
export function listOf<T>(element: Reader<T>): Reader<readonly T[]> {
	return (value, name) => {
		if (!Array.isArray(value)) {
			throw invalidParameter(name, '应为 Array');
		}
		if (value.length === 0) {
			throw invalidParameter(name, '不能为空');
		}
		return value.map((item, index) => element(item, `${name}.${index}`));
	};
}

/** An object with all of these fields; a field is named `name.field`, and unknown fields are dropped. */
export function objectOf<R extends Readers>(fields: R): Reader<ValuesOf<R>> {
	return (value, name) => {
		if (!isObject(value)) {
			throw invalidParameter(name, '应为 Object');
		}
		const members: Parameters = new Map(Object.entries(value));
		return Object.fromEntries(
			Object.entries(fields).map(([field, reader]) => [
				field,
				reader(members.get(field), `${name}.${field}`),
			]),
		) as ValuesOf<R>;
	};
}
