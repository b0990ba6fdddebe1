import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { ProjectTables } from '../nodes/TencentCloudIot/run/dataTables';
import { LogWriter } from '../nodes/TencentCloudIot/sync/log/logTables';
import { readLog } from '../nodes/TencentCloudIot/sync/log/readLog';
import { type Receipt, writeReceipt } from '../nodes/TencentCloudIot/sync/log/receipt';

/** Receipts of one customer among those of all the others. */
const OF_ONE = 60;
const THE_ONE = 'the one';
const NEWEST = 50;
const ACCOUNT = 'a';
const LIMITS = { keepMonths: 13, largestMb: 1_000 };
/** So often a turn of the event loop is looked at, and so exactly a stall is seen. Milliseconds. */
const TURN_MS = 5;
/** So often the garbage is collected to see what memory is held. Milliseconds. */
const GARBAGE_MS = 400;
/** So many show what memory is held: two pieces. To collect the garbage takes longer than to write. */
const HELD_BY = 10_000;

/** What something took in the process of n8n. */
export interface ReceiptFigures {
	cpuS: number;
	wallS: number;
	/** The longest time that the event loop got no turn, without what other processes took of the core meanwhile. */
	longestStallS: number;
}

export interface ReceiptsAnswer {
	written: number;
	found: number;
	writing: ReceiptFigures;
	/** The most memory that writing holds, without garbage, beyond what was held before it. */
	heldMib: number;
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
		const tables = new ProjectTables(this);
		let written = 0;
		const rowsOf = (receipt: Receipt) => [writeReceipt(ACCOUNT, receipt)];
		const writing = await measure(async () => {
			({ written } = await new LogWriter(tables, LIMITS).write({ receipts, rowsOf }, nowMs));
		});
		let found = 0;
		const reading = await measure(async () => {
			const asked = { account: ACCOUNT, customerId: THE_ONE, device: '', limit: NEWEST, nowMs };
			found = (await readLog(tables, asked)).receipts.length;
		});
		const heldMib = await mostHeldDuring(async () => {
			await new LogWriter(tables, LIMITS).write({ receipts: receipts.slice(0, HELD_BY), rowsOf }, nowMs);
		});
		const answer: ReceiptsAnswer = { written, found, writing, heldMib, reading };
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
	const cpu = process.cpuUsage();
	const startMs = performance.now();
	const longestStallS = await longestStallDuring(work);
	const { user, system } = process.cpuUsage(cpu);
	return {
		cpuS: (user + system) / 1e6,
		wallS: (performance.now() - startMs) / 1000,
		longestStallS,
	};
}

async function longestStallDuring(work: () => Promise<void>): Promise<number> {
	let longestMicros = 0;
	let turn = process.threadCpuUsage();
	const look = () => {
		const { user, system } = process.threadCpuUsage(turn);
		turn = process.threadCpuUsage();
		longestMicros = Math.max(longestMicros, user + system);
	};
	const timer = setInterval(look, TURN_MS);
	await work();
	clearInterval(timer);
	look();
	return longestMicros / 1e6;
}

async function mostHeldDuring(work: () => Promise<void>): Promise<number> {
	const beforeMib = heldMib();
	let mostMib = beforeMib;
	const look = () => {
		mostMib = Math.max(mostMib, heldMib());
	};
	const timer = setInterval(look, GARBAGE_MS);
	await work();
	clearInterval(timer);
	return mostMib - beforeMib;
}

function heldMib(): number {
	globalThis.gc?.();
	const { heapUsed, external } = process.memoryUsage();
	return (heapUsed + external) / 2 ** 20;
}
