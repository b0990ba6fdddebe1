import { expect, test } from '@jest/globals';
import { OutcomeRecords } from '../../../nodes/TencentCloudIot/run/report/records';
import { type RunResult, tallyRun } from '../../../nodes/TencentCloudIot/run/report/result';
import type { Fate } from '../../../nodes/TencentCloudIot/service/fate';
import { failureWith } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { customer, resultWith, withheldOf } from '../../support/runResults.mts';

const written = async (changes: Partial<RunResult>) => {
	const run = tallyRun(resultWith({ sync: undefined, ...changes }));
	const records = await OutcomeRecords.prepare(run);
	return await records.ofRun(run, 0);
};

test('Each customer has one record with the accepted devices or the reason why not', async () => {
	const fate = answered(failureWith({ outcome: 'REFUSED', code: 'No' }), 2);
	const calls = [customer({ id: 'a', devices: 1 }), customer({ id: 'b', fate }), customer({ id: 'c' })];
	const withheld = [withheldOf('c'), { ...withheldOf('d'), mayBeStored: true }, withheldOf(undefined)];
	const records = await written({ calls, withheld, leftOut: new Map([['e', [9]]]) });
	const short = records.map((record) => [
		record.customerId,
		record.outcome,
		record.code,
		record.requestId,
		record.devices.length,
	]);
	expect(short).toEqual([
		['a', 'OK', undefined, 'r0', 1],
		['b', 'REFUSED', 'No', 'r1', 2],
		['c', 'OK', 'INVALID_ROWS', 'r0', 2],
		['d', 'UNKNOWN', 'INVALID_ROWS', undefined, 0],
		['e', 'NOT_SENT', 'NO_DEVICES', undefined, 0],
	]);
	expect(records[4]!.atMs).toBe(0);
});

test('A Sync has no record of customers that its next run sends, and no records of a stopped run', async () => {
	const why = failureWith({ outcome: 'NOT_SENT', scope: 'run' });
	const withoutResponse = ['postponed', 'unchanged', 'notTried'].map((kind) => ({ kind, why }) as Fate);
	const calls = [answered(OK), ...withoutResponse].map((fate, index) => customer({ id: `${index}`, fate }));
	const sync = { ...resultWith().sync!, idsWithoutDevices: new Set(['lost']) };
	const idsOf = async (changes: Partial<RunResult>) => {
		const records = await written({ calls, leftOut: new Map([['left', [9]]]), ...changes });
		return records.map(({ customerId }) => customerId);
	};
	expect(await idsOf({ sync })).toEqual(['0', 'lost']);
	expect(await idsOf({ sync, blocked: why })).toEqual([]);
	expect(await idsOf({ blocked: why })).toEqual(['0', '3', 'left']);
});
