import { expect, test } from '@jest/globals';
import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { createProcessedData, runNode } from '../../embedded/embeddedEngine.mts';
import { ProjectTables } from '../../nodes/TencentCloudIot/run/dataTables';
import { LogWriter } from '../../nodes/TencentCloudIot/sync/log/logWriter';
import { ReceiptLog } from '../../nodes/TencentCloudIot/sync/log/readLog';
import { type Receipt, receiptFormat } from '../../nodes/TencentCloudIot/sync/log/receipt';
import type { DataTables } from '../../nodes/TencentCloudIot/tables/dataTables';

const CUSTOMERS = 100_000;

/** Receipts of one customer among those of all the others. */
const OF_ONE = 60;

const NOW = Date.UTC(2026, 10, 30);
const LIMITS = { keepMonths: 13, largestMb: 1_000 };

const processedData = createProcessedData();

/** A node that works with the tables of its project, which only nodes can reach. */
class AtTables implements INodeType {
	description: INodeType['description'] = {
		displayName: 'At Tables',
		name: 'atTables',
		group: ['transform'],
		version: 1,
		description: 'Works with Data Tables',
		defaults: { name: 'At Tables' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	};
	/** The work for the only instance. */
	static work: (tables: DataTables) => Promise<void> = async () => await Promise.resolve();

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		await AtTables.work(new ProjectTables(this));
		return [[{ json: {} }]];
	}
}

async function atTables(work: (tables: DataTables) => Promise<void>): Promise<void> {
	AtTables.work = work;
	const { failure } = await runNode({ rows: [{}], nodeType: new AtTables(), processedData });
	expect(failure).toBeUndefined();
}

function receiptOf(index: number): Receipt {
	const customerId = index % (CUSTOMERS / OF_ONE) < 1 ? 'the one' : `customer_${index}`;
	const devices = [0, 1].map((place) => ({
		DeviceId: `PRODUCT1234/lock_${index}_${place}`,
		CustomerDeviceNo: `SN-2026-${index}-${place}`,
		ProductName: 'Smart Lock X1',
	}));
	const requestId = `${index}`.padStart(36, '0');
	return { customerId, atMs: NOW + index, outcome: 'OK', nodeKey: 'workflow node', devices, requestId };
}

/** The CPU seconds of some work, including those of the database in this process. */
async function cpuSecondsOf(work: () => Promise<void>): Promise<number> {
	const cpu = process.cpuUsage();
	await work();
	const { user, system } = process.cpuUsage(cpu);
	return (user + system) / 1e6;
}

test('100,000 receipts are written in pieces, and the 50 newest of one customer among them are found immediately.', async () => {
	const receipts = Array.from({ length: CUSTOMERS }, (_, index) => receiptOf(index));
	// Loading and compiling, which happen once, are not measured.
	await atTables(async (tables) => void (await tables.run([{ do: 'list', nameContains: 'x' }])));
	let writtenCount = 0;
	const writing = await cpuSecondsOf(
		async () =>
			await atTables(async (tables) => {
				const writer = new LogWriter(tables, LIMITS);
				const rowsOfReceipt = (receipt: Receipt) => [receiptFormat.write('a', receipt)];
				({ writtenCount } = await writer.write({ receipts, rowsOfReceipt }, NOW));
			}),
	);
	expect(writtenCount).toBe(CUSTOMERS);
	let found: number[] = [];
	const reading = await cpuSecondsOf(
		async () =>
			await atTables(async (tables) => {
				const asked = { accountHash: 'a', customerId: 'the one', device: '', mostReceipts: 50, nowMs: NOW };
				const { receipts: newest } = await new ReceiptLog(tables).findReceipts(asked);
				found = newest.map(({ atMs }) => atMs);
			}),
	);
	expect(found).toHaveLength(50);
	expect(found).toEqual(found.toSorted((a, b) => b - a));
	console.log(JSON.stringify({ writing, reading }));
	// 3 s and 0.04 s: three times as much is a defect, not noise. In a real n8n it is 8 to 10 s (bench/receipts.mts).
	expect(writing).toBeLessThan(10);
	expect(reading).toBeLessThan(0.3);
});
