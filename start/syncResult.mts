import type { INodeExecutionData } from 'n8n-workflow';
import { z } from 'zod';

const reportItem = z.object({
	Health: z.enum(['ok', 'degraded', 'failing']),
	Customers: z.object({
		Total: z.number(),
		Pushed: z.number(),
		Unchanged: z.number(),
		Due: z.number(),
		Refused: z.number(),
		Unclear: z.number(),
		NotSent: z.number(),
		Postponed: z.number(),
		Withheld: z.number(),
	}),
	Devices: z.number(),
	Rows: z.object({ Total: z.number(), Invalid: z.number() }),
	Requests: z.number(),
	Memory: z.enum(['used', 'empty', 'interrupted', 'none']),
	Failures: z.array(z.object({ CustomerId: z.string().optional(), code: z.string(), message: z.string() })),
});

const failedItem = z.object({ error: z.object({ message: z.string(), advice: z.string() }) });

/** The one item of a run of Sync. */
export type SyncReport = z.infer<typeof reportItem>;

/** What a run of Sync ended with. */
export interface SyncResult {
	readonly report: SyncReport;
	/** The node's own words above its output. */
	readonly hints: readonly string[];
}

/**
 * Reads the items that left the node with one output item per run.
 *
 * @throws Error with the node's words when it could not even begin
 * @throws ZodError when an item has not the form that the node documents
 */
export function readSyncResult(outputs: {
	success: readonly INodeExecutionData[];
	error: readonly INodeExecutionData[];
	hints: ReadonlyArray<{ message: string }>;
}): SyncResult {
	const [first, ...others] = outputs.success;
	if (first === undefined && outputs.error[0] !== undefined) {
		const { message, advice } = failedItem.parse(outputs.error[0].json).error;
		throw new Error(`${message} ${advice}.`);
	}
	if (others.length > 0) throw new Error(`A run has ${outputs.success.length} reports instead of one.`);
	return { report: reportItem.parse(first?.json), hints: outputs.hints.map(({ message }) => message) };
}
