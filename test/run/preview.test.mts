import { describe, expect, test } from '@jest/globals';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { getDevice } from '../../nodes/TencentCloudIot/resources/device/get.operation';
import { getManyDevices } from '../../nodes/TencentCloudIot/resources/device/getMany.operation';
import type { Operation } from '../../nodes/TencentCloudIot/resources/operation/operation';
import { RunItems } from '../../nodes/TencentCloudIot/run/items';
import { dryRun } from '../../nodes/TencentCloudIot/run/preview';
import type { Plan, Run, Selection } from '../../nodes/TencentCloudIot/run/run';
import type { DeviceChanges } from '../../nodes/TencentCloudIot/sync/syncRun';
import type { Verdict } from '../../nodes/TencentCloudIot/sync/verdicts';
import { failureWith } from '../support/failures.mts';
import { customer, resultWith } from '../support/runResults.mts';

const sync = resultWith().sync!;

/** A Dry Run with one item per request. */
function runOf(operation: unknown = pushOperation): Run {
	const execution = { timezone: 'UTC' };
	const options = { requestsPerSecond: 0, dryRun: true, outputItemPer: 'request' };
	return { execution, operation, items: [], options } as unknown as Run;
}

/** The Dry Run of these customers, all of which would be sent unless a test changes that. */
function previewOf(ids: readonly string[], selection: Partial<Selection> = {}) {
	const plan = { calls: ids.map((id) => customer({ id, devices: 1 }).call), withheld: [] };
	const wholeSelection = { sendOrder: [...ids.keys()], blocked: undefined, ...selection };
	return dryRun.preview(runOf(), plan as unknown as Plan, wholeSelection);
}

describe('A Dry Run', () => {
	test.each<[string, Partial<Selection>]>([
		['1 device', {}],
		['New customer: 1 device', { verdicts: ['new'] }],
		['Other devices than were accepted last: 1 device', { verdicts: ['changed'] }],
		['Left over from the last run: 1 device', { verdicts: ['waiting'] }],
		['Failed in the last run: 1 device', { verdicts: ['failed'] }],
		['Unchanged, re-pushed on schedule: 1 device', { verdicts: ['due'] }],
		["Unchanged, and 'Send' is Every Customer: 1 device", { verdicts: ['unchanged'] }],
		[
			'Another run may have sent it: 1 device',
			{ verdicts: ['waiting'], facts: { ...sync, inDoubt: { sendableIndexes: [0], unsendableCount: 0 } } },
		],
	])('says why it would send a customer: %s', (Message, selection) => {
		const [planned] = previewOf(['a'], selection).calls;
		expect(planned?.expectedStatus).toEqual({ Status: 'WOULD_SEND', Message });
	});

	test('shows the customers that it would send, in order, and then the unchanged ones', () => {
		const verdicts: Verdict[] = ['unchanged', 'new', 'changed'];
		const facts = { ...sync, isManual: true };
		const preview = previewOf(['a', 'b', 'c'], { sendOrder: [2, 1], verdicts, facts });
		const shown = preview.calls.map(({ call, expectedStatus }) => [call.customer?.id, expectedStatus.Status]);
		expect(shown).toEqual([
			['c', 'WOULD_SEND'],
			['b', 'WOULD_SEND'],
			['a', 'UNCHANGED'],
		]);
		const counts = { Customers: 3, New: 1, Changed: 1, Waiting: 0, FailedBefore: 0, Requests: 2 };
		expect(dryRun.report(preview, 'everything')).toMatchObject(counts);
	});

	test('of a blocked run gives the reason for each customer that the run would send', () => {
		const blocked = failureWith({ outcome: 'NOT_SENT', reason: 'Too many changes.' });
		const { calls } = previewOf(['a', 'b'], { blocked, sendOrder: [0] });
		expect(calls.map(({ expectedStatus }) => expectedStatus)).toEqual([
			{ Status: 'NOT_SENT', Message: 'Too many changes.' },
			{ Status: 'UNCHANGED', Message: 'Tencent accepted exactly this last' },
		]);
	});

	test.each<[string, unknown, object]>([
		['a single request', getDevice, { ProductId: 'P' }],
		['a list, by its first page', getManyDevices, { ProductId: 'P', Offset: 0, Limit: 50 }],
	])('shows the request of %s', (_, operation, parameters) => {
		const call = { parameters: { ProductId: 'P', Limit: 50 }, itemIndexes: [0] };
		const plan = { calls: [call], withheld: [] } as unknown as Plan;
		const [planned] = dryRun.preview(runOf(operation), plan, { sendOrder: [0], blocked: undefined }).calls;
		expect(planned?.call.parameters).toMatchObject(parameters);
		expect(planned?.expectedStatus.Message).toBe((operation as Operation<unknown>).countPlanned([call]));
	});
});

const devices = (count: number) => Array.from({ length: count }, (_, index) => `P/${index + 1}`);

test.each<[string, DeviceChanges | undefined, object]>([
	[
		'nothing changes',
		{ addedDeviceIds: [], keptDeviceIds: ['P/1'], goneDevices: [] },
		{ Added: '', Gone: '', Kept: 1 },
	],
	[
		'devices are added and removed',
		{
			addedDeviceIds: devices(2),
			keptDeviceIds: [],
			goneDevices: [
				{ deviceId: 'P/8', newOwnerId: 'b' },
				{ deviceId: undefined, newOwnerId: undefined },
			],
		},
		{ Added: '2: P/1, P/2', Gone: '2: P/8 (now b), in no row', Kept: 0 },
	],
	[
		'five devices are added',
		{ addedDeviceIds: devices(5), keptDeviceIds: [], goneDevices: [] },
		{ Added: '5: P/1, P/2, P/3, P/4, P/5' },
	],
	[
		'seven devices are added',
		{ addedDeviceIds: devices(7), keptDeviceIds: [], goneDevices: [] },
		{ Added: '7: P/1, P/2, P/3, P/4, P/5 and 2 more' },
	],
])('The item of a customer in a Dry Run shows which devices change: %s', async (_, changes, columns) => {
	const preview = previewOf(['a'], { facts: { ...sync, deviceChanges: [changes] } });
	const [item] = await new RunItems(runOf()).ofPreview(preview);
	expect(item?.json).toMatchObject(columns);
});
