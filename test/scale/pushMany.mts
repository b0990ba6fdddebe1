import { runPush } from '../engine/pushRun.mts';
import { loadBuiltNode } from '../../embedded/embeddedEngine.mts';
import { LoopWatch, type LoopFigures } from './loopWatch.mts';
import { manyRows } from './manyRows.mts';

/** The cost of one big push, and the node's share of it. */
export interface ManyReport {
	items: number;
	failed: number;
	seconds: number;
	nodeSeconds: number;
	beforeNode: LoopFigures;
	node: LoopFigures;
	afterNode: LoopFigures;
}

/** A process of its own: node pushMany.mts <rows> <customers> <endpoint, or dry>. */
const [rowCount = '0', customers = '0', endpoint = 'dry'] = process.argv.slice(2);
const rows = manyRows(Number(rowCount), Number(customers));
const { nodeType, credentialType } = loadBuiltNode();
const watch = new LoopWatch();
const laps: LoopFigures[] = [];
let nodeSeconds = 0;
const execute = nodeType.execute!;
nodeType.execute = async function () {
	laps.push(watch.lap());
	const startMs = performance.now();
	try {
		return await execute.call(this);
	} finally {
		nodeSeconds = (performance.now() - startMs) / 1000;
		laps.push(watch.lap());
	}
};

const startMs = performance.now();
const simulator = { endpoint, appKey: 'ServiceAppKey', appSecret: 'ServiceAppSecret' };
const result = await runPush(rows, simulator, {
	nodeType,
	credentialType,
	options: { concurrency: 16, dryRun: endpoint === 'dry' },
});
const seconds = (performance.now() - startMs) / 1000;
const afterNode = watch.lap();
watch.stop();
const [beforeNode, node] = laps as [LoopFigures, LoopFigures];
const { success, error } = result;
const report: ManyReport = {
	items: success.length,
	failed: error.length,
	seconds,
	nodeSeconds,
	beforeNode,
	node,
	afterNode,
};
if (process.send) {
	process.send(report);
} else {
	console.log(report);
}
process.disconnect?.();
