import { FieldReader, type FieldsByPath } from './fieldReader';
import { readPath } from './fieldSource';
import { checkText } from './text';
import { toUnixMs } from './dateTime';
import { checkJsonText } from './jsonText';

/** Why a text cannot be used, in words that follow its field's label, or undefined when it can. */
export type TextRule = (text: string) => string | undefined;

/**
 * What the user set for one item, read with the type that the service wants. A value that cannot be used becomes a
 * finding, and something of the right type is returned in its place, which is never sent.
 */
export class ItemFields extends FieldReader {
	/** Whether a model calls the node. */
	get isTool(): boolean {
		return this.reader.isTool;
	}

	text(path: string, rule: TextRule = () => undefined): string {
		const checked = this.check(path, (value) => checkText(value, 'field'));
		const finding = checked.text === '' ? undefined : rule(checked.text);
		if (finding === undefined) return checked.text;
		this.refuse(path, finding);
		return '';
	}

	optionalText(path: string, rule?: TextRule): string | undefined {
		return this.isBlank(path) ? undefined : this.text(path, rule);
	}

	/** One of the values that the field's own dropdown offers. */
	choice(path: string): string | number {
		const value = this.read(path);
		const offered = (this.fields.get(this.within + path)?.options ?? []).flatMap((option) =>
			'value' in option && typeof option.value !== 'boolean' ? [option.value] : [],
		);
		const text = typeof value === 'string' ? value.trim() : value;
		const chosen = offered.find((one) => one === text || String(one) === text);
		if (chosen !== undefined) return chosen;
		this.refuse(path, `is none of the values it can have: ${offered.join(', ')}`);
		return '';
	}

	flag(path: string): boolean {
		const value = this.read(path);
		if (typeof value !== 'boolean') this.refuse(path, 'is not a yes/no value: give true or false');
		return value === true;
	}

	/** Also from a text, as CSV files hold numbers. */
	number(path: string): number {
		const value = this.read(path);
		const isText = typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value);
		if (isText || (typeof value === 'number' && Number.isFinite(value))) return Number(value);
		this.refuse(path, 'is not a number: give digits, e.g. 21.5');
		return NaN;
	}

	integer(path: string, min: number): number {
		const value = this.number(path);
		if (Number.isSafeInteger(value) && value >= min) return value;
		this.refuse(path, `is not a whole number of at least ${min}: correct it`);
		return NaN;
	}

	/** Unix time in the unit of the Action. */
	time(path: string, unit: 'seconds' | 'milliseconds'): number {
		try {
			const ms = toUnixMs(this.read(path), this.reader.timezone);
			if (ms !== undefined) return unit === 'seconds' ? Math.floor(ms / 1000) : ms;
			this.refuse(
				path,
				'is not a date and time: give one like 2026-01-31T08:00:00Z, or $now in an expression',
			);
		} catch {
			this.refuse(
				path,
				"names no time zone, and that in the workflow's settings is unknown: set it there, or give a time like 2026-01-31T08:00:00Z",
			);
		}
		return NaN;
	}

	optionalTime(path: string, unit: 'seconds' | 'milliseconds'): number | undefined {
		return this.isBlank(path) ? undefined : this.time(path, unit);
	}

	/** The text of a JSON object, which the user gives as text or as an object. */
	jsonText(path: string): string {
		return this.check(path, checkJsonText).text;
	}

	optionalJsonText(path: string): string | undefined {
		return this.isBlank(path) ? undefined : this.jsonText(path);
	}

	/** Each entry of a list of fields, at least one. */
	entries<Entry>(path: string, readEntry: (entry: ItemFields) => Entry): Entry[] {
		const list = this.read(path);
		if (!Array.isArray(list) || list.length === 0) {
			this.refuse(path, 'is empty: add at least one');
			return [];
		}
		return list.map((members: unknown) =>
			this.nested(members, { fields: this.fields, within: `${this.within}${path}.` }, readEntry),
		);
	}

	/** Reads the members of a value as fields. */
	nested<Read>(
		members: unknown,
		{ fields, within }: { fields: FieldsByPath; within?: string },
		read: (nested: ItemFields) => Read,
	): Read {
		const member = (name: string) => readPath(members, [name]);
		const { timezone, isTool } = this.reader;
		const reader = { timezone, isTool, read: member, stored: member };
		const nested = new ItemFields(reader, this.itemIndex, fields, within);
		const values = read(nested);
		this.findings.push(...nested.findings);
		return values;
	}
}
