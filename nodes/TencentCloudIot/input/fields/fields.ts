import type { INodePropertyOptions } from 'n8n-workflow';

import { isInexact } from '../../service/response/exactJson';
import { toUnixMs } from '../dateTime';
import type { Field, Property, FieldValue } from './field';
import { checkJsonText, checkText } from '../text';
import { whyNoId } from '../placeholder';

/** What a field declares of its property; its kind adds the rest, unless it is declared here. */
type Declaration = Pick<Property, 'displayName'> & Partial<Property>;

/** Why a text cannot be used, in words that follow its field's label, or undefined when it can. */
export type TextRule = (text: string) => string | undefined;

/** A text that has to be there. A rule of its own takes the place of the one for ids, which refuses placeholders. */
export function text({
	rule = whyNoId,
	...property
}: Declaration & { rule?: TextRule | undefined }): Field<string> {
	return {
		properties: [{ type: 'string', required: true, default: '', ...property }],
		read: (value) => readText(value, rule),
	};
}

export function readText(value: FieldValue, rule: TextRule): string {
	const checked = checkText(value.raw, 'field');
	const finding = checked.finding ?? rule(checked.text);
	if (finding === undefined) return checked.text;
	value.refuse(finding);
	return '';
}

const NOTHING = 'evaluates to nothing: give a value, or remove the field';

/**
 * A field that may be left out.
 * @param evaluatedToNothing what to do where an expression gives nothing: it was meant to give something
 */
export function optional<Value>(
	{ properties, ...field }: Field<Value>,
	evaluatedToNothing: 'refuse' | 'allow' = 'refuse',
): Field<Value | undefined> {
	const [first, ...others] = properties.map((property) => ({ ...property, required: false }));
	return {
		...field,
		properties: [first!, ...others],
		read: (value) => {
			if (!value.isBlank) return field.read(value);
			if (value.isEvaluated && evaluatedToNothing === 'refuse') value.refuse(NOTHING);
			return undefined;
		},
	};
}

type Offered<Value> = ReadonlyArray<Omit<INodePropertyOptions, 'value'> & { value: Value }>;
type Choice<Value> = Omit<Declaration, 'options'> & { displayName: string; options: Offered<Value> };

/** One of the values that its dropdown offers. */
export function choice<const Value extends string | number>(property: Choice<Value>): Field<Value | ''> {
	const options = [...property.options];
	return {
		properties: [{ type: 'options', required: true, default: '', ...property, options }],
		read: (value) => readChoice(value, options),
	};
}

export function readChoice<Value>(field: FieldValue, options: Offered<Value>): Value | '' {
	const { raw } = field;
	const given = typeof raw === 'string' ? raw.trim() : raw;
	const chosen = options.find(({ value }) => value === given || String(value) === given);
	if (chosen !== undefined) return chosen.value;
	field.refuse(`is not one of the allowed values: ${options.map(({ value }) => value).join(', ')}`);
	return '';
}

/**
 * An option that is one of the values of its dropdown. Any other counts as the default: n8n keeps what was chosen for an
 * operation that offers more.
 * @param whenAdded what the editor fills in, where the default is what nobody adds the option for
 */
export function setting<const Value extends string>({
	options,
	whenAdded,
	...property
}: Omit<Choice<Value>, 'default'> & {
	default: NoInfer<Value>;
	whenAdded?: NoInfer<Value>;
}): Field<Value> {
	return {
		properties: [
			{ type: 'options', ...property, default: whenAdded ?? property.default, options: [...options] },
		],
		ifLeftOut: property.default,
		read: ({ raw }) => options.find(({ value }) => value === raw)?.value ?? property.default,
	};
}

/** Any of the values of its dropdown. */
export function choices<const Value extends string>({
	options,
	...property
}: Choice<Value>): Field<readonly Value[]> {
	return {
		properties: [{ type: 'multiOptions', default: [], ...property, options: [...options] }],
		read: (value) => {
			const chosen: readonly unknown[] = Array.isArray(value.raw) ? value.raw : [];
			if (!Array.isArray(value.raw)) value.refuse('is not a list of values: choose them');
			return options.map((option) => option.value).filter((one) => chosen.includes(one));
		},
	};
}

export function flag(property: Declaration): Field<boolean> {
	return {
		properties: [{ type: 'boolean', default: false, ...property }],
		read: (value) => {
			if (typeof value.raw !== 'boolean') value.refuse('is not a yes/no value: give true or false');
			return value.raw === true;
		},
	};
}

/** Also from a text, as CSV files hold numbers. */
export function number(property: Declaration): Field<number> {
	return { properties: [{ type: 'number', default: 0, ...property }], read: (value) => readNumber(value) };
}

/** An option that is a number within its limits, with a precision of 0 the nearest whole one. */
export function limit({
	typeOptions,
	...property
}: Declaration & {
	default: number;
	typeOptions: { minValue: number; maxValue: number; numberPrecision?: 0 };
}): Field<number> {
	const { minValue, maxValue, numberPrecision } = typeOptions;
	const why = `is not a number from ${minValue} to ${maxValue}`;
	return {
		properties: [{ type: 'number', ...property, typeOptions }],
		read: (value) => {
			const number = readNumber(value, why);
			if (number >= minValue && number <= maxValue)
				return numberPrecision === 0 ? Math.round(number) : number;
			value.refuse(why);
			return property.default;
		},
	};
}

export function readNumber(value: FieldValue, why = 'is not a number: give digits, e.g. 21.5'): number {
	const { raw } = value;
	const isText = typeof raw === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(raw);
	const number = isText || typeof raw === 'number' ? Number(raw) : NaN;
	if (!Number.isFinite(number)) value.refuse(why);
	else if (isInexact(number)) value.refuse('is a number too large to be exact: correct it');
	return number;
}

/** A whole number of at least 1. */
export function count(property: Declaration): Field<number> {
	return {
		properties: [{ type: 'number', typeOptions: { minValue: 1 }, default: 1, ...property }],
		read: (value) => {
			const number = readNumber(value);
			if (Number.isSafeInteger(number) && number >= 1) return number;
			value.refuse('is not a whole number of at least 1: correct it');
			return NaN;
		},
	};
}

/** A moment, as Unix milliseconds. */
export function time(property: Declaration): Field<number> {
	return {
		properties: [{ type: 'dateTime', required: true, default: '', ...property }],
		read: (value) => {
			try {
				const ms = toUnixMs(value.raw, value.item.timezone);
				if (ms !== undefined) return ms;
				value.refuse('is not a date and time: give one like 2026-01-31T08:00:00Z, or $now in an expression');
			} catch {
				value.refuse(
					"names no time zone, and that in the workflow's settings is unknown: set it there, or give a time like 2026-01-31T08:00:00Z",
				);
			}
			return NaN;
		},
	};
}

/** The text of a JSON object, which the user gives as text or as an object. */
export function json(property: Declaration): Field<string> {
	return {
		properties: [{ type: 'json', required: true, default: '{}', ...property }],
		read: (value) => {
			const { text: checked, finding } = checkJsonText(value.raw);
			if (finding !== undefined) value.refuse(finding);
			return checked;
		},
	};
}

/** Shown above other fields; it has no value. */
export function notice(displayName: string): Field<undefined> {
	return { properties: [{ displayName, type: 'notice', default: '' }], read: () => undefined };
}
