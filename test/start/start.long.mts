import { beforeAll, expect, test } from '@jest/globals';
import { essence, startJson, type JsonReport } from './startRun.mts';

let usual: JsonReport;
beforeAll(async () => {
	({ report: usual } = await startJson([]));
});

test.each([
	['--rule', 'goFmt', 1],
	['--rule', 'scalarsOnly', 2],
	['--rule', 'flattened', 3],
	['--envelope', 'outer', 0],
])(
	'The result is the same with %s %s, after %d signatures that were refused',
	async (flag, value, refused) => {
		const { exitCode, report } = await startJson([flag, value]);
		expect(exitCode).toBe(0);
		expect(essence(report)).toEqual(essence(usual));
		// When a signature is refused, one read tells that the key is right.
		expect(report.summary.requests).toBe(144 + refused + Math.sign(refused));
	},
);
