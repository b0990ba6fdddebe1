/** One check before a release. */
export interface Row {
	/** The requirement. */
	readonly name: string;
	/** `notKnown` if it cannot be checked, e.g. without a network. */
	readonly state: 'met' | 'notMet' | 'notKnown';
	/** What is wrong, or why it is not known. */
	readonly details: readonly string[];
	/** The page that states the requirement. */
	readonly page?: string;
}

/** A row that is met if there are no details. */
export function rowOf(name: string, details: readonly string[]): Row {
	return { name, details, state: details.length === 0 ? 'met' : 'notMet' };
}
