import { loadBuiltNode, runNode } from '../../embedded/embeddedEngine.mts';

/** The report of a run on a list that may be too long. */
export interface LongListReport {
	/** The success items, and the first error item. */
	items: number;
	first: unknown;
	error: unknown;
	hints: unknown[];
}

/** A process of its own: node longList.mts <endpoint> <operation, as JSON> */
const [endpoint = '', parameters = '{}'] = process.argv.slice(2);
const { nodeType, credentialType } = loadBuiltNode();
const result = await runNode({
	nodeType,
	credentialType,
	credentials: {
		appKey: 'ServiceAppKey',
		appSecret: 'ServiceAppSecret',
		platform: 'custom',
		endpoint,
		nestedRule: 'json',
		allowedActions: 'everything',
	},
	rows: [{ CustomerId: 'c', CustomerDeviceNo: '1', DeviceId: 'P/D', ProductName: 'Lock' }],
	parameters: JSON.parse(parameters) as Record<string, never>,
	onError: 'continueErrorOutput',
});
const report: LongListReport = {
	items: result.success.length,
	first: result.success[0]?.json,
	error: result.error[0]?.json,
	hints: result.hints,
};
process.send?.(report);
process.disconnect?.();
