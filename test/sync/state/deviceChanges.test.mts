import { expect, test } from '@jest/globals';
import type { DeviceChanges, StartFacts } from '../../../nodes/TencentCloudIot/sync/syncRun';
import { manyCustomers, Node, NO_CHECKS, type Contents } from './syncRuns.mts';

/** The device changes that a Dry Run shows for each customer of the rows, after some runs that sent. */
async function changesOf(before: readonly Contents[], rows: Contents): Promise<StartFacts['deviceChanges']> {
	const node = new Node();
	node.settings = { checks: NO_CHECKS };
	for (const contents of before) {
		await node.run(contents);
	}
	const { facts } = await node.begin(rows, { dryRun: true });
	return facts.deviceChanges;
}

const NO_CHANGES: DeviceChanges = { addedDeviceIds: [], keptDeviceIds: [], goneDevices: [] };

test('A Dry Run shows for each customer which devices are new, stay or go', async () => {
	expect(await changesOf([{ a: 'd1', b: 'd2', c: 'd3' }], { a: 'd1', b: 'd9', new: 'd8' })).toEqual([
		{ ...NO_CHANGES, keptDeviceIds: ['d1'] },
		{
			addedDeviceIds: ['d9'],
			keptDeviceIds: [],
			goneDevices: [{ deviceId: undefined, newOwnerId: undefined }],
		},
		{ ...NO_CHANGES, addedDeviceIds: ['d8'] },
	]);
});

test('A device that went to another customer of the rows is named with its new owner', async () => {
	expect(await changesOf([{ a: 'd1', b: 'd2' }], { a: 'd2', b: 'd1' })).toEqual([
		{ addedDeviceIds: ['d2'], keptDeviceIds: [], goneDevices: [{ deviceId: 'd1', newOwnerId: 'b' }] },
		{ addedDeviceIds: ['d1'], keptDeviceIds: [], goneDevices: [{ deviceId: 'd2', newOwnerId: 'a' }] },
	]);
});

test('A Dry Run shows no device changes for a customer that an interrupted run may have sent', async () => {
	const node = new Node();
	node.settings = { checks: NO_CHECKS };
	await node.run({ a: 'd1', b: 'd2' });
	const killed = await node.begin({ a: 'd1', b: 'd9' });
	expect(killed.kind).toBe('sending');
	const { facts } = await node.begin({ a: 'd1', b: 'd9' }, { dryRun: true });
	expect(facts.deviceChanges).toEqual([{ ...NO_CHANGES, keptDeviceIds: ['d1'] }, undefined]);
});

test('A Dry Run shows no device changes for a customer whose last request is unclear, but shows them after a refused one', async () => {
	const node = new Node();
	node.settings = { checks: NO_CHECKS };
	await node.run({ a: 'd1', b: 'd2' });
	const run = await node.beginSending({ a: 'd8', b: 'd9' });
	run.noteOutcome(0, 'UNKNOWN');
	run.noteOutcome(1, 'REFUSED');
	await node.end(run, ['failed', 'failed']);
	const { facts } = await node.begin({ a: 'd8', b: 'd9' }, { dryRun: true });
	const goneDevices = [{ deviceId: undefined, newOwnerId: undefined }];
	expect(facts.deviceChanges).toEqual([
		undefined,
		{ addedDeviceIds: ['d9'], keptDeviceIds: [], goneDevices },
	]);
});

test('Before the first run every device is new', async () => {
	expect(await changesOf([], { a: 'd1' })).toEqual([{ ...NO_CHANGES, addedDeviceIds: ['d1'] }]);
});

test('A run that sends does not compare single devices, which would delay a large one', async () => {
	const node = new Node();
	const { facts } = await node.begin(manyCustomers(3, '1'));
	expect(facts.deviceChanges).toBeUndefined();
});
