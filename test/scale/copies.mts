import type { IDataObject } from 'n8n-workflow';
import { createProcessedData, loadBuiltNode } from '../../embedded/embeddedEngine.mts';
import { row, runPush } from '../engine/pushRun.mts';

/** The results of all copies, which started at the same moment. */
export interface CopiesReport {
	/** The health of each copy, and how many customers it pushed. */
	runs: Array<{ health: unknown; pushed: unknown }>;
	/** How many of them waited before they started. */
	waited: number;
}

/** A process of its own: node copies.mts <copies> <customers> <devices of each> <endpoint>. Sends the reports of two rounds. */
const [copies = 0, customers = 0, devices = 0] = process.argv.slice(2, 5).map(Number);
const [endpoint = ''] = process.argv.slice(5);
const { nodeType, credentialType } = loadBuiltNode();
const processedData = createProcessedData();
const simulator = { endpoint, appKey: 'ServiceAppKey', appSecret: 'ServiceAppSecret' };
const rowsOfCopies = Array.from({ length: copies }, (_, copy) => rowsOf(copy));

const reports: CopiesReport[] = [];
while (reports.length < 2) {
	const results = await Promise.all(
		rowsOfCopies.map(async (rows, copy) => {
			return await runPush(rows, simulator, {
				nodeType,
				credentialType,
				nodeId: `copy ${copy}`,
				operation: 'sync',
				mode: 'trigger',
				isOverlapping: true,
				processedData,
				options: { outputItemPer: 'run', concurrency: 16, pushAgainAfter: 0 },
			});
		}),
	);
	const logs = results.flatMap((result) => result.logs);
	reports.push({
		runs: results.map(({ success: [item] }) => ({ health: item?.json.Health, pushed: item?.json.Pushed })),
		waited: logs.filter(({ message }) => message.includes('waiting until the Syncs before it')).length,
	});
}
process.send?.(reports);
process.disconnect?.();

/** The rows of a copy's part of the customers. */
function rowsOf(copy: number): IDataObject[] {
	return Array.from({ length: customers * devices }, (_, index) =>
		row(`user_${copy}_${Math.floor(index / devices)}`, `Product/D${copy}_${index}`),
	);
}
