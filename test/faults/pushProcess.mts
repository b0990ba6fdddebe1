import { BUILD_FOLDERS, loadBuiltNode, type Build } from '../../embedded/embeddedEngine.mts';
import { errorOf, runPush } from '../engine/pushRun.mts';
import { killRows } from './killRows.mts';

/** A process that pushes and may be killed at any time: node pushProcess.mts <endpoint> <customers> <build>. */
const [endpoint = '', customers = '0', build = 'pool'] = process.argv.slice(2);
const simulator = { endpoint, appKey: 'ServiceAppKey', appSecret: 'ServiceAppSecret' };
const result = await runPush(killRows(Number(customers)), simulator, {
	...loadBuiltNode(BUILD_FOLDERS[build as Build]),
	onError: 'continueErrorOutput',
});
const failures = result.error.map((item) => `${errorOf(item)?.outcome} ${errorOf(item)?.code}`);
process.send?.({ done: result.success.length, failures });
process.disconnect?.();
