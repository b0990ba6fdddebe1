import { expect, test } from '@jest/globals';
import type { DeviceInfo } from '../../start/fields.mts';
import { DEFAULT_COLUMNS as columns } from '../../start/fields.mts';
import type { CustomerResult, PushResult } from '../../start/pushResult.mts';
import type { OpenTarget } from '../../start/target.mts';
import { judge } from '../../start/verdict.mts';

const rows = ['A', 'B'].map((id) => ({ 客户编号: id, 设备序列号: '1', 设备ID: `P/${id}`, 产品名称: '锁' }));

function device(id: string): DeviceInfo {
	return { CustomerDeviceNo: '1', DeviceId: `P/${id}`, ProductName: '锁' };
}

function result(status: CustomerResult['status'], changes: Partial<PushResult> = {}): PushResult {
	const customers = ['A', 'B'].map((customerId, index) => ({
		customerId,
		status,
		devices: 1,
		attempts: 1,
		rows: [index + 1],
		...(status === 'READY' && { deviceInfos: [device(customerId)] }),
	}));
	const seenRows = new Set([1, 2]);
	return { customers, refusedRows: [], runFailures: [], seenRows, hints: [], ...changes };
}

function holding(ids: readonly string[], requests: number): Pick<OpenTarget, 'simulator'> {
	const bindings = new Map(ids.map((id) => [id, [device(id)]]));
	return { simulator: { bindings, requests: new Array(requests) } as unknown as OpenTarget['simulator'] };
}

const judgeRun = (push: PushResult, target: Pick<OpenTarget, 'simulator'>, dryRun = false) =>
	judge({ rows, columns, dryRun }, push, target);

test('All is done when every good customer is OK and stored', () => {
	expect(judgeRun(result('OK'), holding(['B', 'A'], 2))).toMatchObject({
		isDone: true,
		notOk: [],
		lostRows: [],
	});
	expect(judgeRun(result('OK'), { simulator: undefined })).toMatchObject({ isDone: true });
});

test.each([
	['is not stored', result('OK'), holding(['A'], 2), { stored: { differing: ['B'] } }],
	[
		'is stored that should not be',
		result('OK'),
		holding(['A', 'B', 'C'], 3),
		{ stored: { differing: ['C'] } },
	],
	['is not OK', result('UNKNOWN'), holding(['A', 'B'], 2), { notOk: ['A', 'B'] }],
	['lost a row', result('OK', { seenRows: new Set([1]) }), holding(['A', 'B'], 2), { lostRows: [2] }],
])('Not all is done when a customer %s', (_, push, target, facts) => {
	expect(judgeRun(push, target)).toMatchObject({ isDone: false, ...facts });
});

test('A dry run is done when its requests would carry the devices and nothing was sent', () => {
	expect(judgeRun(result('READY'), holding([], 0), true)).toMatchObject({ isDone: true, requests: 0 });
	expect(judgeRun(result('READY'), holding([], 1), true)).toMatchObject({ isDone: false });
	expect(judgeRun(result('OK'), holding([], 0), true)).toMatchObject({ isDone: false, notOk: ['A', 'B'] });
});

test('Nothing is done when the run could not start', () => {
	const push = result('OK', { runFailures: ['The endpoint is not a web address.'] });
	expect(judgeRun(push, { simulator: undefined })).toMatchObject({ isDone: false });
});
