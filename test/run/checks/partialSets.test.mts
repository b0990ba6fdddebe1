import { describe, expect, test } from '@jest/globals';
import type { Call, Calls, Withheld } from '../../../nodes/TencentCloudIot/operation/operation';
import { executeOnce, partialSets } from '../../../nodes/TencentCloudIot/run/planRun';
import { RunMemory } from '../../../nodes/TencentCloudIot/run/memory';
import type { Plan, Run as NodeRun } from '../../../nodes/TencentCloudIot/run/run';
import { attempt, newExecutionData, type AttemptSettings, type ExecutionData } from '../attempt.mts';

function setOf(customer: string, devices: string[], itemIndexes = [0]): Call {
	const DeviceInfos = devices.map((DeviceId) => ({
		DeviceId,
		CustomerDeviceNo: `no of ${DeviceId}`,
		ProductName: '',
	}));
	const parameters = { CustomerId: customer, DeviceInfos };
	return { parameters, itemIndexes, customer: { id: customer, devices: DeviceInfos } };
}

const invalid = (customerId: string | undefined): Withheld => ({
	parameters: { CustomerId: customerId },
	itemIndexes: [9],
	customerId,
	findings: [{ itemIndex: 9, field: 'DeviceId', code: 'empty' as const }],
});

const OF_SETS = { customers: { columns: () => ({}) } };

interface Run extends AttemptSettings {
	calls?: Call[];
	withheld?: Withheld[];
	options?: Record<string, unknown>;
	operation?: Pick<NodeRun['operation'], 'customers'>;
	isBlocked?: boolean;
}

/** One run of a node: what of its calls is sent and what is withheld. */
async function run(data: ExecutionData, settings: Run): Promise<Calls> {
	const { calls = [], withheld = [], options = {}, operation = OF_SETS, isBlocked, ...others } = settings;
	const memory = new RunMemory(attempt(data, others), [{ json: {} }]);
	const nodeRun = { memory, operation, options: { dryRun: false, ...options } };
	const plan = { calls, withheld } as unknown as Plan;
	const planned = { calls, withheld, ...(await partialSets(plan, nodeRun as unknown as NodeRun)) };
	if (!isBlocked) memory.keep();
	return planned;
}

/** The customers that are sent in the last of these runs of one execution. */
async function sentInLast(...runs: Run[]): Promise<unknown[]> {
	const data = newExecutionData();
	let last: Calls = { calls: [], withheld: [] };
	for (const settings of runs) last = await run(data, settings);
	return last.calls.map(({ customer }) => customer?.id);
}

const first: Run = { calls: [setOf('a', ['d1', 'd2'])] };

describe('A set that replaces all devices of a customer', () => {
	test('is sent by the first run, with all other customers, and nothing is added to what was withheld', async () => {
		const calls = [setOf('a', ['d1']), setOf('b', ['d2'])];
		const withheld = [invalid('c')];
		expect(await run(newExecutionData(), { calls, withheld })).toEqual({ calls, withheld });
	});

	test('is withheld when an earlier run of the execution sent other devices of the customer', async () => {
		const data = newExecutionData();
		await run(data, first);
		const calls = [setOf('b', ['d9'], [0]), setOf('a', ['d3'], [1, 4])];
		const withheld = [invalid('c')];
		expect(await run(data, { calls, withheld, runIndex: 1 })).toEqual({
			calls: [calls[0]],
			withheld: [
				withheld[0],
				{
					parameters: { CustomerId: 'a' },
					itemIndexes: [1, 4],
					customerId: 'a',
					findings: [
						{
							itemIndex: 1,
							field: 'CustomerId',
							code: 'otherEarlier',
							facts: { customer: 'a' },
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
	])('is withheld with %s', async (_, devices) => {
		expect(await sentInLast(first, { calls: [setOf('a', devices)], runIndex: 1 })).toEqual([]);
	});

	test.each([
		['the same devices', ['d1', 'd2']],
		['the same devices in another order', ['d2', 'd1']],
	])('is sent again with %s', async (_, devices) => {
		expect(await sentInLast(first, { calls: [setOf('a', devices)], runIndex: 1 })).toEqual(['a']);
	});

	test('is known by its devices alone, whatever else the rows hold of them', async () => {
		const call = setOf('a', ['d1', 'd2']);
		const [one, two] = call.customer!.devices;
		call.customer = { id: 'a', devices: [two!, { ...one!, ProductName: 'Lock' }] };
		expect(await sentInLast(first, { calls: [call], runIndex: 1 })).toEqual(['a']);
	});

	test('is withheld in every later run, whichever run sent the customer', async () => {
		const other = { calls: [setOf('b', ['d5'])], runIndex: 1 };
		const again = { calls: [setOf('a', ['d3']), setOf('b', ['d6']), setOf('c', ['d7'])], runIndex: 2 };
		expect(await sentInLast(first, other, again)).toEqual(['c']);
	});

	test('is withheld for devices that another node with the same credential sent', async () => {
		expect(await sentInLast(first, { calls: [setOf('a', ['d3'])], nodeId: 'push 2' })).toEqual([]);
	});

	test('is sent where the user allows other devices, and a later run that does not allow them compares with it', async () => {
		const allowed = {
			calls: [setOf('a', ['d3'])],
			options: { rowHandling: { repeatedCustomers: 'allow' } },
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

	test('that is blocked leaves to later runs what the attempt before it sent', async () => {
		const blocked = { calls: [setOf('a', ['d3'])], isBlocked: true };
		expect(await sentInLast(first, blocked, { calls: [setOf('a', ['d3'])], runIndex: 1 })).toEqual([]);
		expect(await sentInLast(blocked, { ...first, runIndex: 1 })).toEqual(['a']);
	});

	test('is withheld as its first attempt was', async () => {
		const other = { calls: [setOf('a', ['d3'])], runIndex: 1 };
		expect(await sentInLast(first, other, other)).toEqual([]);
	});
});

describe('A customer whose rows were withheld', () => {
	const withInvalid: Run = { calls: [], withheld: [invalid('a')] };

	test('is withheld in later runs of the execution, too: they have a part of the rows', async () => {
		const data = newExecutionData();
		await run(data, withInvalid);
		const { calls, withheld } = await run(data, { ...first, runIndex: 1 });
		expect(calls).toEqual([]);
		expect(withheld[0]?.findings).toMatchObject([{ code: 'unusableEarlier', facts: { customer: 'a' } }]);
	});

	test('is sent where valid devices are sent without the invalid ones', async () => {
		const options = { rowHandling: { invalidRows: 'sendValid' } };
		expect(await sentInLast({ ...withInvalid, options }, { ...first, options, runIndex: 1 })).toEqual(['a']);
	});

	test('is nobody where the rows name no customer', async () => {
		const nobody = { calls: [], withheld: [invalid(undefined)] };
		const calls = [setOf('undefined', ['d1'])];
		expect(await sentInLast(nobody, { calls, runIndex: 1 })).toEqual(['undefined']);
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
		['a run without a credential', { ...other, appSecret: undefined }],
	])('%s withholds nothing and keeps nothing', async (_, settings) => {
		expect(await sentInLast(first, settings)).toEqual(['a']);
		const data = newExecutionData();
		const withheld = [invalid('c')];
		expect(await run(data, { ...settings, withheld })).toEqual({ calls: other.calls, withheld });
		const untouched = newExecutionData();
		void new RunMemory(attempt(untouched, settings), [{ json: {} }]);
		expect(data).toEqual(untouched);
	});
});

test('Neither customers nor devices stand in the data of the execution.', async () => {
	const data = newExecutionData();
	await run(data, { calls: [setOf('user_4096', ['P/lock_1'])] });
	await run(data, {
		calls: [setOf('user_4097', ['P/lock_2'])],
		withheld: [invalid('user_4098')],
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
	const { calls, withheld } = await run(data, { calls: others, runIndex: 1 });
	expect(calls).toEqual(many.filter((_, index) => index % 2 === 0));
	expect(withheld.map(({ customerId }) => customerId)).toEqual(
		many.filter((_, index) => index % 2 === 1).map(({ customer }) => customer?.id),
	);
});

describe("'Execute Once'", () => {
	const check = async (settings: AttemptSettings, operation: Run['operation'] = OF_SETS) => {
		const nodeRun = { context: attempt(newExecutionData(), settings), operation };
		return await executeOnce({} as Plan, nodeRun as unknown as NodeRun);
	};

	test('blocks all where more than one row arrived: the first alone is a part of a set', async () => {
		expect(await check({ executeOnce: true, arrived: 2 })).toEqual({
			calls: [],
			withheld: [],
			blocked: expect.objectContaining({
				outcome: 'NOT_SENT',
				code: 'EXECUTE_ONCE',
				scope: 'run',
				reason: expect.stringContaining('the first of 2 rows'),
				advice: expect.stringContaining("Switch off 'Execute Once'"),
			}),
		});
	});

	test.each<[string, AttemptSettings]>([
		['it is off', { executeOnce: false, arrived: 2 }],
		['it was never set', { arrived: 2 }],
		['one row arrived', { executeOnce: true, arrived: 1 }],
		['no row arrived', { executeOnce: true, arrived: 0 }],
	])('changes nothing where %s', async (_, settings) => {
		expect(await check(settings)).toEqual({});
	});

	test('changes nothing where the operation replaces no set', async () => {
		expect(await check({ executeOnce: true, arrived: 2 }, {})).toEqual({});
	});
});
