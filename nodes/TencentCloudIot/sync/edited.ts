/** Reads JSON from a cell that a person may have edited. What cannot be read counts as left out. */

/** The members of an object, each of an unknown type; of anything else than an object none. */
export function readMembers<Type>(value: unknown): Partial<Record<keyof Type, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** The members of an object that is written as JSON. */
export function parseMembers<Type>(json: unknown): Partial<Record<keyof Type, unknown>> {
	try {
		return readMembers<Type>(JSON.parse(String(json)));
	} catch {
		return {};
	}
}

/** The entries of a list that have the right shape; of anything else than a list none. */
export function entriesOf<Entry>(value: unknown, isEntry: (entry: unknown) => entry is Entry): Entry[] {
	return Array.isArray(value) ? value.filter(isEntry) : [];
}

export function isText(value: unknown): value is string {
	return typeof value === 'string';
}

export function isInteger(value: unknown): value is number {
	return Number.isInteger(value);
}

/** A number without a fraction; 0 for anything else. */
export function integerOf(value: unknown): number {
	return isInteger(value) ? value : 0;
}
