import { setTimeout as sleep } from 'node:timers/promises';
import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { ProjectTables } from '../nodes/TencentCloudIot/run/dataTables';
import { LogTables } from '../nodes/TencentCloudIot/sync/log/logTables';
import { LogWriter } from '../nodes/TencentCloudIot/sync/log/logWriter';
import { ReceiptLog } from '../nodes/TencentCloudIot/sync/log/readLog';
import { type Receipt, receiptFormat } from '../nodes/TencentCloudIot/sync/log/receipt';
import type { DataTables } from '../nodes/TencentCloudIot/tables/dataTables';

/** How many receipts belong to the customer that is queried. */
const OF_ONE = 60;
const THE_ONE = 'the one';
const NEWEST = 50;
const ACCOUNT = 'a';
const LIMITS = { keepMonths: 13, largestMb: 1_000 };
/** How often the event loop is checked, which is also the precision of a stall. Milliseconds. */
const TURN_MS = 5;
/**
 * Collecting n8n's garbage takes up to a second, after which writing continues for the same time. At fixed intervals n8n would do nothing
 * else: 20,000 receipts took more than five minutes.
 */
const FIRST_LOOK_MS = 100;

/** What something took in the process of n8n. */
export interface ReceiptFigures {
	cpuS: number;
	wallS: number;
	/** The longest time for which the event loop was blocked, in processor time of its thread. */
	longestStallS: number;
}

/** What the node has to do: write the receipts of this many customers, and measure time or memory. */
export interface ReceiptsQuestion {
	customers: number;
	look: 'time' | 'memory';
}

export interface ReceiptsAnswer {
	writtenCount: number;
	found: number;
	writing: ReceiptFigures;
	/** The most memory that writing holds, without garbage, beyond what is held before or after it; 0 if time was measured. */
	heldMib: number;
	reading: ReceiptFigures;
}

/** Called by a webhook: writes receipts, finds the newest ones of one customer, and drops them all. */
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
		const { body } = this.getInputData()[0]!.json as unknown as { body: ReceiptsQuestion };
		const answer = await answerTo(body, new ProjectTables(this));
		return [[{ json: answer as unknown as IDataObject }]];
	}
}

async function answerTo({ customers, look }: ReceiptsQuestion, tables: DataTables): Promise<ReceiptsAnswer> {
	const nowMs = Date.now();
	const receipts = Array.from({ length: customers }, (_, index) => receiptOf(index, customers, nowMs));
	const rowsOfReceipt = (receipt: Receipt) => [receiptFormat.write(ACCOUNT, receipt)];
	let writtenCount = 0;
	let heldMib = 0;
	const write = async () => {
		({ writtenCount } = await new LogWriter(tables, LIMITS).write({ receipts, rowsOfReceipt }, nowMs));
	};
	const writing = await measure(async () => {
		if (look === 'time') {
			await write();
		} else {
			heldMib = await mostHeldDuring(write);
		}
	});
	let found = 0;
	const reading = await measure(async () => {
		const asked = { accountHash: ACCOUNT, customerId: THE_ONE, device: '', mostReceipts: NEWEST, nowMs };
		found = (await new ReceiptLog(tables).findReceipts(asked)).receipts.length;
	});
	await new LogTables(tables).dropOldest();
	return { writtenCount, found, writing, heldMib, reading };
}

function receiptOf(index: number, customers: number, nowMs: number): Receipt {
	const customerId = index % Math.floor(customers / OF_ONE) === 0 ? THE_ONE : `customer_${index}`;
	const devices = [0, 1].map((place) => ({
		DeviceId: `PRODUCT1234/lock_${index}_${place}`,
		CustomerDeviceNo: `SN-2026-${index}-${place}`,
		ProductName: 'Smart Lock X1',
	}));
	const requestId = `${index}`.padStart(36, '0');
	return { customerId, atMs: nowMs + index, outcome: 'OK', nodeKey: 'workflow node', devices, requestId };
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

/** The most that work holds, without garbage, beyond what is held before or after it. MiB. */
async function mostHeldDuring(work: () => Promise<void>): Promise<number> {
	const beforeMib = await heldAtRest();
	let mostMib = beforeMib;
	let timer: NodeJS.Timeout | undefined;
	const lookAfter = (pauseMs: number) => {
		timer = setTimeout(() => {
			const startMs = performance.now();
			mostMib = Math.max(mostMib, heldMib());
			lookAfter(performance.now() - startMs);
		}, pauseMs);
	};
	lookAfter(FIRST_LOOK_MS);
	await work();
	clearTimeout(timer);
	// Memory that something else releases meanwhile counts as held by the work, so the result is an upper bound.
	return mostMib - Math.min(beforeMib, heldMib());
}

/**
 * What is held once no more memory is released. The previous execution, with all its receipts, is only released some turns of the event loop
 * after its end; without this wait 100 MiB were counted for it.
 */
async function heldAtRest(): Promise<number> {
	let lastMib = Infinity;
	let nowMib = heldMib();
	while (lastMib - nowMib > 1) {
		await sleep(FIRST_LOOK_MS);
		lastMib = nowMib;
		nowMib = heldMib();
	}
	return nowMib;
}

function heldMib(): number {
	globalThis.gc?.();
	const { heapUsed, external } = process.memoryUsage();
	return (heapUsed + external) / 2 ** 20;
}
