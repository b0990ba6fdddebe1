import type { ICredentialDataDecryptedObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { z } from 'zod';
import type { ProcessedDataTable } from '../embedded/embeddedEngine.mts';
import { loadBuiltNode, runNode } from '../embedded/embeddedEngine.mts';
import { InputError } from './inputError.mts';
import type { BindingOperation } from './nodeOptions.mts';
import type { Row } from './rows.mts';

const device = z.object({ CustomerDeviceNo: z.string(), DeviceId: z.string(), ProductName: z.string() });

/** A success item; in a Dry Run it has neither a RequestId nor Attempts. */
const pushedItem = z.object({
	CustomerId: z.string(),
	DeviceInfos: z.array(device),
	RequestId: z.string().optional(),
	Attempts: z.number().optional(),
});

const failedItem = z.object({
	code: z.string(),
	message: z.string(),
	outcome: z.enum(['REFUSED', 'NOT_SENT', 'UNKNOWN']),
	advice: z.string(),
	attempts: z.number(),
	CustomerId: z.string().optional(),
	RequestId: z.string().optional(),
	DeviceInfos: z.array(device).optional(),
	reasons: z.array(z.object({ row: z.number(), field: z.string(), text: z.string() })).optional(),
});

/** A device as it is pushed; its DeviceId is `ProductId/DeviceName`. */
export type DeviceInfo = z.infer<typeof device>;

/** A pushed item with the numbers of its rows, from 1. */
export type PushedItem = z.infer<typeof pushedItem> & { readonly rows: readonly number[] };
export type FailedItem = z.infer<typeof failedItem> & { readonly rows: readonly number[] };

/** The output of a run of the node. */
export interface Items {
	readonly pushed: readonly PushedItem[];
	readonly failed: readonly FailedItem[];
	/** The node's execution hint: its own summary of the run. */
	readonly hint: string;
}

/** The settings of the node. */
export interface NodeSetup {
	readonly operation: BindingOperation;
	/** The value of 'Columns'. */
	readonly columns: INodeParameters;
	/** Options by group, as `readNodeOptions` returns them. */
	readonly chosen: INodeParameters;
	readonly dryRun?: boolean;
	readonly credentials: ICredentialDataDecryptedObject;
	/** Where Sync keeps its state. */
	readonly processedData?: ProcessedDataTable;
}

/**
 * Runs the workflow "rows → the built node → succeeded / failed" on n8n's engine.
 *
 * @throws InputError with the node's message when it could not process any row
 * @throws Error when the package is not built, or when the workflow ends with another error
 * @throws ZodError when an item does not have the documented form
 */
export async function runRows(rows: readonly Row[], setup: NodeSetup): Promise<Items> {
	const { operation, columns, chosen, dryRun = false, credentials, processedData } = setup;
	const options = { ...(chosen['options'] as INodeParameters), dryRun, includeDevices: true };
	const { status, failure, success, error, hints } = await runNode({
		...loadBuiltNode(),
		rows: rows.map((row): INodeExecutionData => ({ json: { ...row } })),
		parameters: { ...chosen, operation, columns, options },
		credentials,
		onError: 'continueErrorOutput',
		processedData,
	});
	if (status !== 'success') {
		throw new Error(`The workflow ended with the status ${status}: ${failure?.message ?? ''}`);
	}
	const failed = error.map((item) => ({ ...failedItem.parse(item.json['error']), rows: rowsOf(item) }));
	const ofRun = failed.find(({ CustomerId, reasons }) => CustomerId === undefined && reasons === undefined);
	if (ofRun !== undefined) {
		const here = ofRun.code === 'COLUMN_NOT_FOUND' ? ' (here: by --column <field>=<column>)' : '';
		throw new InputError(`${ofRun.message} ${ofRun.advice}${here}.`);
	}
	return {
		pushed: success.map((item) => ({ ...pushedItem.parse(item.json), rows: rowsOf(item) })),
		failed,
		hint: hints.map(({ message }) => asLines(message)).join('. '),
	};
}

/** A hint whose HTML list becomes one line per entry. */
function asLines(hint: string): string {
	return hint.replaceAll('<li>', '\n· ').replaceAll(/<\/?(?:ul|li)>/g, '');
}

function rowsOf({ pairedItem }: INodeExecutionData): number[] {
	return [pairedItem ?? []].flat().map((link) => (typeof link === 'number' ? link : link.item) + 1);
}
