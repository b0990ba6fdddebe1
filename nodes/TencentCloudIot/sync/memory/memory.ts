/**
 * Where the marks of a node are kept from one run to the next; n8n's table of processed data in a real run. A mark is a
 * text. Each function may reject at any time, with or without having done what it was to do.
 *
 * What the memory may rely on is what n8n's table does, no more: `count` and `clear` are one step each; `record` and
 * `forget` read the whole row and then write it, so that of two at the same time one is lost; writing where the row has
 * gone meanwhile does nothing, and making a row where one came up meanwhile rejects.
 */
export interface SyncMemory {
	/** Adds marks, none of them twice, and returns those that were there before. */
	record(marks: readonly string[]): Promise<ReadonlySet<string>>;
	/** Takes marks out. It takes time with each mark and with all that there are: about 30 ns for each pair. */
	forget(marks: readonly string[]): Promise<void>;
	/** Takes all marks out. */
	clear(): Promise<void>;
	/** How many marks there are. The one look that writes nothing. */
	count(): Promise<number>;
}
