/** Prints the cost of big pushes on this machine, and exits with 1 if one of them breaks a promise. */
import type { ManyReport } from './pushMany.mts';
import { pushMany } from './pushManyProcess.mts';
import { startSimulatorProcess } from '../../simulator/simulatorProcess.mts';

const MOST_HEAP_MIB = 1024;
const LONGEST_BLOCK_MS = 200;
const LINEAR = { least: 8, most: 12 };
const failures: string[] = [];

await pushAll(200_000, 40_000);
await compareDryRuns();
for (const failure of failures) {
	console.error(`Not as promised: ${failure}.`);
}
process.exitCode = failures.length > 0 ? 1 : 0;

async function pushAll(rows: number, customers: number): Promise<void> {
	const simulator = await startSimulatorProcess();
	try {
		const { endpoint } = simulator;
		const report = await pushMany({ rows, customers, endpoint, heapMib: MOST_HEAP_MIB });
		print(`${rows} rows of ${customers} customers`, report);
		const { requests, ...counts } = await simulator.counts();
		check(report.items === customers, `${report.items} of ${customers} customers are reported as done`);
		check(counts.customers === customers && counts.devices === rows, `stored: ${JSON.stringify(counts)}`);
		check(requests === customers, `${requests} requests for ${customers} customers`);
		const { longestBlockMs } = report.node;
		check(longestBlockMs <= LONGEST_BLOCK_MS, `the node kept the event loop for ${longestBlockMs} ms`);
	} finally {
		await simulator.stop();
	}
}

async function compareDryRuns(): Promise<void> {
	const small: ManyReport[] = [];
	for (let run = 0; run < 3; run++) {
		small.push(await pushMany({ rows: 100_000, customers: 20_000, heapMib: 4096 }));
		print('100000 rows, Dry Run', small.at(-1)!);
	}
	const big = await pushMany({ rows: 1_000_000, customers: 200_000, heapMib: 8192 });
	print('1000000 rows, Dry Run', big);
	const median = small.map(({ nodeSeconds }) => nodeSeconds).toSorted((a, b) => a - b)[1]!;
	const ratio = big.nodeSeconds / median;
	console.log(`1,000,000 rows take ${ratio.toFixed(1)} times as long as 100,000`);
	check(big.items === 200_000, `${big.items} of 200000 customers are shown`);
	check(ratio >= LINEAR.least && ratio <= LINEAR.most, `the ratio is ${ratio.toFixed(1)}`);
}

function print(label: string, { seconds, nodeSeconds, beforeNode, node, afterNode }: ManyReport): void {
	const heap = Math.max(beforeNode.mostHeapMib, node.mostHeapMib, afterNode.mostHeapMib);
	console.log(
		`${label}: ${seconds.toFixed(2)} s, ${nodeSeconds.toFixed(2)} s of it in the node; heap at most ${heap} MiB; ` +
			`longest block ${beforeNode.longestBlockMs} ms before, ${node.longestBlockMs} ms in, ` +
			`${afterNode.longestBlockMs} ms after the node`,
	);
}

function check(isRight: boolean, failure: string): void {
	if (!isRight) {
		failures.push(failure);
	}
}
