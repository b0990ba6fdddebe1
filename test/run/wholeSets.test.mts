import { describe, expect, test } from '@jest/globals';
import type { Call, Calls, HeldBack } from '../../nodes/TencentCloudIot/operation';
import { holdBackOtherSets, refuseFirstItemAlone } from '../../nodes/TencentCloudIot/run/wholeSets';
import { NotSendable } from '../../nodes/TencentCloudIot/service/outcome';
import { attempt, newExecutionData, type AttemptSettings, type ExecutionData } from './attempt.mts';

const replaces = { owner: 'CustomerId', members: 'DeviceInfos', by: 'DeviceId' };

function setOf(customer: string, devices: string[], itemIndexes = [0]): Call {
	const DeviceInfos = devices.map((DeviceId) => ({ DeviceId, CustomerDeviceNo: `no of ${DeviceId}` }));
	return { parameters: { CustomerId: customer, DeviceInfos }, itemIndexes, subject: customer };
}

const invalid = (CustomerId: unknown): HeldBack => ({
	parameters: { CustomerId } as HeldBack['parameters'],
	itemIndexes: [9],
	findings: [{ itemIndex: 9, field: 'DeviceId', text: 'is empty: fill this column' }],
});

interface Run extends AttemptSettings {
	calls?: Call[];
	heldBack?: HeldBack[];
	options?: Record<string, unknown>;
	operation?: { replaces?: typeof replaces };
}

/** One run of a node: what of its calls is sent and what is held back. */
async function run(data: ExecutionData, settings: Run): Promise<Calls> {
	const { calls = [], heldBack = [], options = {}, operation = { replaces }, ...others } = settings;
	const execution = { operation, options: { dryRun: false, ...options } as never };
	return await holdBackOtherSets(attempt(data, others), { calls, heldBack }, execution);
}

/** The customers that are sent in the last of these runs of one execution. */
async function sentInLast(...runs: Run[]): Promise<unknown[]> {
	const data = newExecutionData();
	let last: Calls = { calls: [], heldBack: [] };
	for (const settings of runs) last = await run(data, settings);
	return last.calls.map(({ parameters }) => parameters.CustomerId);
}

const first: Run = { calls: [setOf('a', ['d1', 'd2'])] };

describe('A set that replaces all devices of a customer', () => {
	test('is sent by the first run, with all other customers, and nothing is added to what was held back', async () => {
		const calls = [setOf('a', ['d1']), setOf('b', ['d2'])];
		const heldBack = [invalid('c')];
		expect(await run(newExecutionData(), { calls, heldBack })).toEqual({ calls, heldBack });
	});

	test('is held back when an earlier run of the execution sent other devices of the customer', async () => {
		const data = newExecutionData();
		await run(data, first);
		const calls = [setOf('b', ['d9'], [0]), setOf('a', ['d3'], [1, 4])];
		const heldBack = [invalid('c')];
		expect(await run(data, { calls, heldBack, runIndex: 1 })).toEqual({
			calls: [calls[0]],
			heldBack: [
				heldBack[0],
				{
					parameters: { CustomerId: 'a' },
					itemIndexes: [1, 4],
					subject: 'a',
					findings: [
						{
							itemIndex: 1,
							field: 'CustomerId',
							text: "is 'a', who came earlier in this execution with other devices: put the node outside the loop",
						},
					],
					refusal: { code: 'OTHER_SET_EARLIER', advice: expect.stringContaining('Merge node') },
				},
			],
		});
	});

	test.each([
		['a part of the devices', ['d1']],
		['one more device', ['d1', 'd2', 'd3']],
		['no device', []],
		['a device of the same letters', ['d1d2']],
	])('is held back with %s', async (_, devices) => {
		expect(await sentInLast(first, { calls: [setOf('a', devices)], runIndex: 1 })).toEqual([]);
	});

	test.each([
		['the same devices', ['d1', 'd2']],
		['the same devices in another order', ['d2', 'd1']],
	])('is sent again with %s', async (_, devices) => {
		expect(await sentInLast(first, { calls: [setOf('a', devices)], runIndex: 1 })).toEqual(['a']);
	});

	test('is told by its devices alone, whatever else is said of them', async () => {
		const call = setOf('a', ['d1', 'd2']);
		call.parameters.DeviceInfos = [{ DeviceId: 'd2' }, { DeviceId: 'd1', ProductName: 'Lock' }];
		expect(await sentInLast(first, { calls: [call], runIndex: 1 })).toEqual(['a']);
	});

	test('is held back in every later run, whichever run sent the customer', async () => {
		const other = { calls: [setOf('b', ['d5'])], runIndex: 1 };
		const again = { calls: [setOf('a', ['d3']), setOf('b', ['d6']), setOf('c', ['d7'])], runIndex: 2 };
		expect(await sentInLast(first, other, again)).toEqual(['c']);
	});

	test('is held back for devices that another node with the same credential sent', async () => {
		expect(await sentInLast(first, { calls: [setOf('a', ['d3'])], nodeId: 'push 2' })).toEqual([]);
	});

	test('is sent where the user allows other devices, and a later run that does not allow them compares with it', async () => {
		const allowed = {
			calls: [setOf('a', ['d3'])],
			options: { repeatedCustomers: 'allow' },
			runIndex: 1,
		};
		expect(await sentInLast(first, allowed)).toEqual(['a']);
		expect(await sentInLast(first, allowed, { calls: [setOf('a', ['d3'])], runIndex: 2 })).toEqual(['a']);
		expect(await sentInLast(first, allowed, { ...first, runIndex: 2 })).toEqual([]);
	});

	test('is compared with that of the customer alone: devices may move to another one', async () => {
		expect(await sentInLast(first, { calls: [setOf('b', ['d1', 'd2'])], runIndex: 1 })).toEqual(['b']);
	});
});

describe('Another attempt of the same run', () => {
	test('may send other devices, as nothing else may have sent some', async () => {
		const data = newExecutionData();
		await run(data, first);
		const again = await run(data, { calls: [setOf('a', ['d3'])] });
		expect(again.calls).toHaveLength(1);
	});

	test('is the one that counts for later runs', async () => {
		const again = { calls: [setOf('a', ['d3'])] };
		expect(await sentInLast(first, again, { calls: [setOf('a', ['d3'])], runIndex: 1 })).toEqual(['a']);
		expect(await sentInLast(first, again, { ...first, runIndex: 1 })).toEqual([]);
	});

	test('is held back as its first attempt was', async () => {
		const other = { calls: [setOf('a', ['d3'])], runIndex: 1 };
		expect(await sentInLast(first, other, other)).toEqual([]);
	});
});

describe('A customer whose rows were held back', () => {
	const withInvalid: Run = { calls: [], heldBack: [invalid('a')] };

	test('is held back in later runs of the execution, too: they have a part of the rows', async () => {
		const data = newExecutionData();
		await run(data, withInvalid);
		const { calls, heldBack } = await run(data, { ...first, runIndex: 1 });
		expect(calls).toEqual([]);
		expect(heldBack[0]?.findings[0]?.text).toBe(
			"is 'a', who had rows that could not be used earlier in this execution: put the node outside the loop",
		);
	});

	test('is sent where valid devices are sent without the invalid ones', async () => {
		const options = { invalidRows: 'sendValid' };
		expect(await sentInLast({ ...withInvalid, options }, { ...first, options, runIndex: 1 })).toEqual(['a']);
	});

	test('is nobody where the rows name no customer', async () => {
		const nobody = { calls: [], heldBack: [invalid(undefined), invalid(7)] };
		const calls = [setOf('undefined', ['d1']), setOf('7', ['d1'])];
		expect(await sentInLast(nobody, { calls, runIndex: 1 })).toEqual(['undefined', '7']);
	});
});

describe('Runs that know nothing of each other:', () => {
	const other = { calls: [setOf('a', ['d3'])], runIndex: 1 };

	test.each<[string, Run]>([
		['another execution, as after n8n’s own Retry,', { ...other, executionId: '8' }],
		['a node with another credential', { ...other, credentialId: 'another' }],
		['a node without a credential', { ...other, credentialId: undefined }],
		['a Dry Run after a real one', { ...other, options: { dryRun: true } }],
	])('%s sends what it is given', async (_, settings) => {
		expect(await sentInLast(first, settings)).toEqual(['a']);
	});

	test('a Dry Run counts for other Dry Runs, and for them alone', async () => {
		const options = { dryRun: true };
		expect(await sentInLast({ ...first, options }, { ...other, options })).toEqual([]);
		expect(await sentInLast({ ...first, options }, other)).toEqual(['a']);
	});

	test.each<[string, Run]>([
		['an operation that replaces nothing', { ...other, operation: {} }],
		['a tool call of an agent', { ...other, executedNode: 'AI Agent' }],
	])('%s holds nothing back and keeps nothing', async (_, settings) => {
		expect(await sentInLast(first, settings)).toEqual(['a']);
		const data = newExecutionData();
		const heldBack = [invalid('c')];
		expect(await run(data, { ...settings, heldBack })).toEqual({ calls: other.calls, heldBack });
		expect(data).toEqual(newExecutionData());
	});
});

test('Neither customers nor devices stand in the data of the execution.', async () => {
	const data = newExecutionData();
	await run(data, { calls: [setOf('user_4096', ['P/lock_1'])] });
	await run(data, {
		calls: [setOf('user_4097', ['P/lock_2'])],
		heldBack: [invalid('user_4098')],
		runIndex: 1,
	});
	expect(JSON.stringify(data)).not.toMatch(/user_|lock_/);
});

test('A customer takes 30 bytes of the data of the execution, however many devices it has.', async () => {
	const sizes = [];
	for (const count of [1, 101]) {
		const data = newExecutionData();
		const devices = Array.from({ length: 50 }, (_, index) => `P/lock_${index}`);
		await run(data, { calls: Array.from({ length: count }, (_, index) => setOf(`user_${index}`, devices)) });
		sizes.push(JSON.stringify(data).length);
	}
	expect(sizes[1]! - sizes[0]!).toBeLessThanOrEqual(100 * 30);
});

test('More customers than fit in one batch are all compared.', async () => {
	const many = Array.from({ length: 600 }, (_, index) => setOf(`c${index}`, ['d1'], [index]));
	const others = many.map((call, index) => (index % 2 === 0 ? call : setOf(`c${index}`, ['d2'], [index])));
	const data = newExecutionData();
	expect((await run(data, { calls: many })).calls).toHaveLength(600);
	const { calls, heldBack } = await run(data, { calls: others, runIndex: 1 });
	expect(calls).toEqual(many.filter((_, index) => index % 2 === 0));
	expect(heldBack.map(({ subject }) => subject)).toEqual(
		many.filter((_, index) => index % 2 === 1).map(({ subject }) => subject),
	);
});

describe("'Execute Once'", () => {
	const refusal = (settings: AttemptSettings, operation: Run['operation'] = { replaces }) => {
		try {
			refuseFirstItemAlone(attempt(newExecutionData(), settings), operation as never);
			return undefined;
		} catch (cause) {
			expect(cause).toBeInstanceOf(NotSendable);
			return (cause as NotSendable).failure;
		}
	};

	test('is refused where more than one row arrived: the first alone is a part of a set', () => {
		expect(refusal({ executeOnce: true, arrived: 2 })).toMatchObject({
			outcome: 'NOT_SENT',
			code: 'EXECUTE_ONCE',
			scope: 'run',
			reason: expect.stringContaining('the first of 2 rows'),
			advice: expect.stringContaining("Switch off 'Execute Once'"),
		});
	});

	test.each<[string, AttemptSettings]>([
		['it is off', { executeOnce: false, arrived: 2 }],
		['it was never set', { arrived: 2 }],
		['one row arrived', { executeOnce: true, arrived: 1 }],
		['no row arrived', { executeOnce: true, arrived: 0 }],
	])('is no harm where %s', (_, settings) => {
		expect(refusal(settings)).toBeUndefined();
	});

	test('is no harm where the operation replaces no set', () => {
		expect(refusal({ executeOnce: true, arrived: 2 }, {})).toBeUndefined();
	});
});
