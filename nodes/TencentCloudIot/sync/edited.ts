/** Reads values from a cell of a table, whose JSON a person may have edited. A value of the wrong type counts as missing; nothing throws. */

/** The members of an object, each of unknown type; no members if the value is not an object. */
export function readMembers<Type>(value: unknown): Partial<Record<keyof Type, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** The members of an object that is written as JSON; no members if the text is not JSON, or not an object. */
export function parseMembers<Type>(json: unknown): Partial<Record<keyof Type, unknown>> {
	try {
		return readMembers<Type>(JSON.parse(String(json)));
	} catch {
		return {};
	}
}

/** The entries of a list that have the right shape; no entries if the value is not a list. */
export function entriesOf<Entry>(value: unknown, isEntry: (entry: unknown) => entry is Entry): Entry[] {
	return Array.isArray(value) ? value.filter(isEntry) : [];
}

export function isText(value: unknown): value is string {
	return typeof value === 'string';
}

function isInteger(value: unknown): value is number {
	return Number.isInteger(value);
}

/** The value if it is a number without a fraction, else 0. */
export function integerOf(value: unknown): number {
	return isInteger(value) ? value : 0;
}

/** Whether the value is a moment in Unix milliseconds that a `Date` can hold. */
export function isMoment(value: unknown): value is number {
	return typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
}

/** Whether the value is a moment in minutes since 1970 that a `Date` can hold. */
export function isMinute(value: unknown): value is number {
	return isInteger(value) && isMoment(value * 60_000);
}
