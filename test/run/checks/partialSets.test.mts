import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Call, Calls, Withheld } from '../../../nodes/TencentCloudIot/resources/operation/operation';
import { Execution } from '../../../nodes/TencentCloudIot/host/execution';
import { PLAN_CHECKS } from '../../../nodes/TencentCloudIot/run/planRun';
import type { Plan, Run as NodeRun } from '../../../nodes/TencentCloudIot/run/run';
import {
	attempt,
	memoryOf,
	newExecutionData,
	type AttemptSettings,
	type ExecutionData,
} from '../attempt.mts';
import { englishOf } from '../../support/texts.mts';

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

const OF_SETS = { customers: { purpose: 'push' as const, columns: () => ({}) } };

interface Run extends AttemptSettings {
	calls?: Call[];
	withheld?: Withheld[];
	options?: Record<string, unknown>;
	operation?: Pick<NodeRun['operation'], 'customers'>;
	isBlocked?: boolean;
}

/** One run of a node. Returns the calls that are sent and withheld. */
async function run(data: ExecutionData, settings: Run): Promise<Calls> {
	const {
		calls = [],
		withheld = [],
		options = {},
		operation = OF_SETS,
		isBlocked,
		...attemptSettings
	} = settings;
	const memory = memoryOf(attempt(data, attemptSettings));
	const nodeRun = { memory, operation, options: { dryRun: false, ...options } };
	const plan = { calls, withheld } as unknown as Plan;
	const planned = {
		calls,
		withheld,
		...(await PLAN_CHECKS.withholdOtherSets(plan, nodeRun as unknown as NodeRun)),
	};
	if (!isBlocked) {
		memory.keepForLaterRuns();
	}
	return planned;
}

const first: Run = { calls: [setOf('a', ['d1', 'd2'])] };
const other: Run = { calls: [setOf('a', ['d3'])], runIndex: 1 };

/** The customers that are sent in the last of these runs of one execution. */
async function sentInLast(...runs: Run[]): Promise<unknown[]> {
	const data = newExecutionData();
	let last: Calls = { calls: [], withheld: [] };
	for (const settings of runs) {
		last = await run(data, settings);
	}
	return last.calls.map(({ customer }) => customer?.id);
}

const SETS = [['d1'], ['d1', 'd2'], ['d2', 'd1'], ['d1d2'], []];
const randomRun = fc.record({
	sets: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...SETS)),
	invalid: fc.array(fc.constantFrom('a', 'b', undefined), { maxLength: 1 }),
	/** Another attempt of the previous run. */
	isAgain: fc.boolean(),
	isBlocked: fc.boolean(),
	nodeId: fc.constantFrom('push', 'push', 'push 2'),
	dryRun: fc.constantFrom(false, false, true),
	repeatedCustomers: fc.constantFrom('refuse', 'refuse', 'allow'),
	invalidRows: fc.constantFrom('withhold', 'sendValid'),
});

test('In random runs of an execution, exactly the customers are withheld that an earlier run had with other devices.', async () => {
	let refused = 0;
	const check = async (runs: Array<typeof randomRun extends fc.Arbitrary<infer T> ? T : never>) => {
		const data = newExecutionData();
		/** The sets of each run by its name, the latest last; those of Dry Runs are separate. */
		const setsOfRuns = [false, true].map(() => new Map<string, Map<string, string>>());
		let runIndex = 0;
		let before = '';
		for (const [index, randomSettings] of runs.entries()) {
			const { sets, isBlocked, dryRun, repeatedCustomers, invalidRows, isAgain } = randomSettings;
			const nodeId = isAgain && before !== '' ? before : randomSettings.nodeId;
			if (index > 0 && !isAgain) {
				runIndex++;
			}
			before = nodeId;
			const calls = Object.entries(sets).map(([id, devices], place) => setOf(id, devices, [place]));
			const withheld = randomSettings.invalid.filter((id) => id === undefined || !(id in sets)).map(invalid);
			const options = { dryRun, rowHandling: { repeatedCustomers, invalidRows } };
			const planned = await run(data, { calls, withheld, options, nodeId, runIndex, isBlocked });
			const name = `${nodeId} ${runIndex}`;
			const earlierSets = new Map(
				[...setsOfRuns[Number(dryRun)]!].flatMap(([earlier, sets]) => (earlier === name ? [] : [...sets])),
			);
			const setsOfRun = new Map<string, string>();
			const sent = calls.filter(({ customer }) => {
				const set = customer!.devices
					.map(({ DeviceId }) => DeviceId)
					.sort()
					.join('+');
				const isOther = earlierSets.has(customer!.id) && earlierSets.get(customer!.id) !== set;
				if (isOther && repeatedCustomers !== 'allow') {
					return false;
				}
				setsOfRun.set(customer!.id, set);
				return true;
			});
			expect(planned.calls).toEqual(sent);
			expect(
				planned.withheld.slice(withheld.length).map(({ customerId, refusal }) => [customerId, refusal?.code]),
			).toEqual(
				calls
					.filter((call) => !sent.includes(call))
					.map(({ customer }) => [customer!.id, 'OTHER_SET_EARLIER']),
			);
			refused += calls.length - sent.length;
			if (isBlocked) {
				continue;
			}
			if (invalidRows !== 'sendValid') {
				for (const { customerId } of withheld) {
					if (customerId) {
						setsOfRun.set(customerId, 'invalid');
					}
				}
			}
			setsOfRuns[Number(dryRun)]!.delete(name);
			setsOfRuns[Number(dryRun)]!.set(name, setsOfRun);
		}
	};
	await fc.assert(fc.asyncProperty(fc.array(randomRun, { maxLength: 6 }), check), { numRuns: 500 });
	expect(refused).toBeGreaterThan(100);
});

test('A customer that is withheld for other devices has a reason and a refusal.', async () => {
	const data = newExecutionData();
	await run(data, { ...first, withheld: [invalid('b')] });
	const calls = [setOf('b', ['d9'], [0]), setOf('a', ['d3'], [1, 4])];
	const { withheld } = await run(data, { calls, runIndex: 1 });
	expect(withheld[1]).toEqual({
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
		refusal: expect.objectContaining({ code: 'OTHER_SET_EARLIER', scope: 'run' }),
	});
	expect(withheld[0]?.findings[0]?.code).toBe('unusableEarlier');
});

test('Two sets are the same if they have the same devices, whatever else is in the rows.', async () => {
	const call = setOf('a', ['d1', 'd2']);
	const [firstDevice, secondDevice] = call.customer!.devices;
	call.customer = { id: 'a', devices: [secondDevice!, { ...firstDevice!, ProductName: 'Lock' }] };
	expect(await sentInLast(first, { calls: [call], runIndex: 1 })).toEqual(['a']);
});

test.each<[string, Run]>([
	['Another execution, as after n8n’s own Retry,', { executionId: '8' }],
	['A node with another credential', { credentialId: 'another' }],
	['A node without a credential', { credentialId: undefined }],
])('%s does not compare with earlier runs.', async (_, settings) => {
	expect(await sentInLast(first, { ...other, ...settings })).toEqual(['a']);
});

test.each<[string, Run]>([
	['An operation that replaces nothing', { operation: {} }],
	['A tool call of an agent', { executedNode: 'AI Agent' }],
	['A run without a usable credential', { appSecret: undefined }],
])('%s withholds nothing and keeps nothing.', async (_, settings) => {
	expect(await sentInLast(first, { ...other, ...settings })).toEqual(['a']);
	const data = newExecutionData();
	await run(data, { ...other, ...settings, withheld: [invalid('c')] });
	const untouched = newExecutionData();
	void memoryOf(attempt(untouched, { ...other, ...settings }));
	expect(data).toEqual(untouched);
});

test('The data of the execution contains no ids of customers or devices.', async () => {
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

test.each<[string, AttemptSettings, Run['operation'], string | undefined]>([
	['is on and more than one row arrived', { executeOnce: true, arrived: 2 }, OF_SETS, 'EXECUTE_ONCE'],
	['is off', { executeOnce: false, arrived: 2 }, OF_SETS, undefined],
	['is not set', { arrived: 2 }, OF_SETS, undefined],
	['is on and one row arrived', { executeOnce: true, arrived: 1 }, OF_SETS, undefined],
	['is on and no row arrived', { executeOnce: true, arrived: 0 }, OF_SETS, undefined],
	['is on for an operation without full sets', { executeOnce: true, arrived: 2 }, {}, undefined],
])("If 'Execute Once' %s, a run is blocked or not: %j, %j, %s.", async (_, settings, operation, code) => {
	const nodeRun = { execution: new Execution(attempt(newExecutionData(), settings)), operation };
	const { blocked, calls } = await PLAN_CHECKS.blockExecuteOnce({} as Plan, nodeRun as unknown as NodeRun);
	expect([blocked?.code, calls]).toEqual([code, code && []]);
	if (blocked) {
		expect(englishOf(blocked.reason)).toContain('the first of 2 rows');
	}
});
