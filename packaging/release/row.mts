/** One thing that is looked at before a release. */
export interface Row {
	/** What must be so. */
	readonly name: string;
	/** `notKnown` where it cannot be seen from here, e.g. without a network. */
	readonly state: 'met' | 'notMet' | 'notKnown';
	/** What is not so, or why it is not known. */
	readonly details: readonly string[];
	/** Where it is said that it must be so. */
	readonly page?: string;
}

/** A row that is met where there is nothing to say. */
export function rowOf(name: string, details: readonly string[]): Row {
	return { name, details, state: details.length === 0 ? 'met' : 'notMet' };
}
