import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { openDataTables } from '../nodes/TencentCloudIot/run/dataTables';
import { LogWriter } from '../nodes/TencentCloudIot/sync/log/logTables';
import { readLog } from '../nodes/TencentCloudIot/sync/log/readLog';
import { type Receipt, writeReceipt } from '../nodes/TencentCloudIot/sync/log/receipt';
import { forgetPeakMemory, peakMemoryMib } from './processFigures.mts';

/** Receipts of one customer among those of all the others. */
const OF_ONE = 60;
const THE_ONE = 'the one';
const NEWEST = 50;
const ACCOUNT = 'a';
const LIMITS = { keepMonths: 13, largestMb: 1_000 };
/** Milliseconds: how exactly a stall of the event loop is seen. */
const RESOLUTION_MS = 10;

/** What something took in the process of n8n. */
export interface ReceiptFigures {
	cpuS: number;
	wallS: number;
	longestStallS: number;
	peakMib: number;
}

export interface ReceiptsAnswer {
	written: number;
	found: number;
	writing: ReceiptFigures;
	reading: ReceiptFigures;
}

/** Writes the receipts of as many customers as the body of a webhook says, `customers`, and looks for the newest ones of one of them. */
export class ReceiptsBench implements INodeType {
	description: INodeType['description'] = {
		displayName: 'Receipts Bench',
		name: 'receiptsBench',
		group: ['transform'],
		version: 1,
		description: 'Writes receipts, and measures what that takes',
		defaults: { name: 'Receipts Bench' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { body } = this.getInputData()[0]!.json as { body: { customers: number } };
		const nowMs = Date.now();
		const receipts = Array.from({ length: body.customers }, (_, index) => {
			return receiptOf(index, body.customers, nowMs);
		});
		const tables = openDataTables(this);
		let written = 0;
		const writing = await measure(async () => {
			const writer = new LogWriter(tables, LIMITS);
			const rowsOf = (receipt: Receipt) => [writeReceipt(ACCOUNT, receipt)];
			({ written } = await writer.write({ receipts, rowsOf }, nowMs));
		});
		let found = 0;
		const reading = await measure(async () => {
			const asked = { account: ACCOUNT, customerId: THE_ONE, device: '', limit: NEWEST, nowMs };
			found = (await readLog(tables, asked)).receipts.length;
		});
		const answer: ReceiptsAnswer = { written, found, writing, reading };
		return [[{ json: answer as unknown as IDataObject }]];
	}
}

function receiptOf(index: number, customers: number, nowMs: number): Receipt {
	const customerId = index % Math.floor(customers / OF_ONE) === 0 ? THE_ONE : `customer_${index}`;
	const devices = [0, 1].map((place) => ({
		DeviceId: `PRODUCT1234/lock_${index}_${place}`,
		CustomerDeviceNo: `SN-2026-${index}-${place}`,
		ProductName: 'Smart Lock X1',
	}));
	const requestId = `${index}`.padStart(36, '0');
	return { customerId, atMs: nowMs + index, outcome: 'OK', node: 'workflow node', devices, requestId };
}

async function measure(work: () => Promise<void>): Promise<ReceiptFigures> {
	globalThis.gc?.();
	const stalls = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
	await forgetPeakMemory(process.pid);
	const beforeMib = await peakMemoryMib(process.pid);
	const cpu = process.cpuUsage();
	const startMs = performance.now();
	stalls.enable();
	await work();
	stalls.disable();
	const { user, system } = process.cpuUsage(cpu);
	return {
		cpuS: (user + system) / 1e6,
		wallS: (performance.now() - startMs) / 1000,
		longestStallS: stalls.max / 1e9,
		peakMib: (await peakMemoryMib(process.pid)) - beforeMib,
	};
}
