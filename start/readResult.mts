import type { INodeExecutionData } from 'n8n-workflow';
import { z } from 'zod';
import type { CustomerResult, PushResult, RefusedRow } from './pushResult.mts';

const doneItem = z.object({
	CustomerId: z.string(),
	Status: z.literal('OK'),
	RequestId: z.string(),
	DeviceCount: z.number(),
	Attempts: z.number(),
});

const previewItem = z.object({
	CustomerId: z.string(),
	DeviceInfos: z.array(
		z.object({ CustomerDeviceNo: z.string(), DeviceId: z.string(), ProductName: z.string() }),
	),
});

const failedItem = z.object({
	error: z.object({
		message: z.string(),
		outcome: z.enum(['REFUSED', 'NOT_SENT', 'UNKNOWN']),
		CustomerId: z.string().optional(),
		RequestId: z.string().optional(),
		DeviceInfos: z.array(z.unknown()).optional(),
		attempts: z.number(),
		advice: z.string(),
		reasons: z.array(z.object({ row: z.number(), field: z.string(), text: z.string() })).optional(),
	}),
});

type Failed = z.infer<typeof failedItem>['error'];

/**
 * Reads the items that left the node.
 *
 * @throws ZodError when an item has not the form that the node documents
 */
export function readResult(outputs: {
	success: readonly INodeExecutionData[];
	error: readonly INodeExecutionData[];
	hints: ReadonlyArray<{ message: string }>;
}): PushResult {
	const failures = outputs.error.map((item) => ({
		...failedItem.parse(item.json).error,
		rows: rowsOf(item),
	}));
	const isOfRun = ({ CustomerId, reasons }: Failed) => CustomerId === undefined && reasons === undefined;
	return {
		customers: [...outputs.success.map(readDone), ...failures.flatMap(readFailed)],
		refusedRows: failures
			.flatMap(({ CustomerId, reasons = [] }) =>
				reasons.map(
					({ row, field, text }): RefusedRow => ({ row, customerId: CustomerId, field, reason: text }),
				),
			)
			.sort((a, b) => a.row - b.row),
		runFailures: failures.filter(isOfRun).map(sentences),
		seenRows: new Set([...outputs.success, ...outputs.error].flatMap(rowsOf)),
		hints: outputs.hints.map(({ message }) => message),
	};
}

function readDone(item: INodeExecutionData): CustomerResult {
	const rows = rowsOf(item);
	if (!('Status' in item.json)) {
		const { CustomerId: customerId, DeviceInfos: deviceInfos } = previewItem.parse(item.json);
		return { customerId, status: 'READY', devices: deviceInfos.length, deviceInfos, attempts: 0, rows };
	}
	const { CustomerId, Status, RequestId, DeviceCount, Attempts } = doneItem.parse(item.json);
	return {
		customerId: CustomerId,
		status: Status,
		devices: DeviceCount,
		requestId: RequestId,
		attempts: Attempts,
		rows,
	};
}

function readFailed(failed: Failed & { rows: number[] }): CustomerResult[] {
	const {
		CustomerId: customerId,
		outcome: status,
		RequestId: requestId,
		DeviceInfos,
		attempts,
		rows,
	} = failed;
	if (customerId === undefined) return [];
	return [
		{
			customerId,
			status,
			devices: DeviceInfos?.length,
			requestId,
			attempts,
			rows,
			message: sentences(failed),
		},
	];
}

function sentences({ message, advice }: Failed): string {
	return `${message} ${advice}.`;
}

function rowsOf({ pairedItem }: INodeExecutionData): number[] {
	return [pairedItem ?? []].flat().map((link) => (typeof link === 'number' ? link : link.item) + 1);
}
