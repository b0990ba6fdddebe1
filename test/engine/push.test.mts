import { describe, expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { errorOf, linksOf, push, row } from './pushRun.mts';

const CONTINUE_MODES = ['continueErrorOutput', 'continueRegularOutput'] as const;

/** The last row is a device in stock. */
const rows = [
	row('a', 1),
	row('b', 2),
	row('a', 3),
	row('c', 'no slash'),
	row('b', 4),
	row(null as never, 5),
];

describe('A push', () => {
	test.each(CONTINUE_MODES)('sends one request per customer and loses no row with %s.', async (onError) => {
		const simulator = await runSimulator({ keepBodies: true });
		const result = await push(rows, simulator, { onError });
		const items = [...result.success, ...result.error];

		expect(simulator.requests.map(({ CustomerId }) => CustomerId)).toEqual(['a', 'b']);
		expect(simulator.bindings.get('a')?.map(({ DeviceId }) => DeviceId)).toEqual(['P/D1', 'P/D3']);
		expect(items.map(linksOf)).toEqual([[0, 2], [1, 4], [3], [5]]);
		expect(items.map((item) => item.json.CustomerId ?? errorOf(item)?.CustomerId)).toEqual([
			'a',
			'b',
			'c',
			undefined,
		]);
		expect(result.error).toHaveLength(onError === 'continueErrorOutput' ? 2 : 0);
		expectNothingLost(result, rows, simulator);
	});

	test('reports the customer, Status, RequestId, number of devices and attempts of each request.', async () => {
		const simulator = await runSimulator();
		const { success } = await push([row('a', 1), row('a', 2)], simulator);
		const RequestId = simulator.requests[0]?.RequestId;
		expect(success.map(({ json }) => json)).toEqual([
			{ CustomerId: 'a', Status: 'OK', RequestId, DeviceCount: 2, Attempts: 1 },
		]);
		expect(Object.keys(success[0]!.json).at(-1)).toBe('RequestId');
	});

	test('with Stop Workflow sends nothing when a row cannot be used, and names it.', async () => {
		const simulator = await runSimulator();
		const { status, failure, success } = await push(rows, simulator);
		expect(status).toBe('error');
		expect(success).toEqual([]);
		expect(failure?.message).toMatch(
			/^\[row 4, c\] 'DeviceId': 'no slash' is not ProductId\/DeviceName.*\. Nothing was sent\. 2 rows invalid \(not sent\)\. /,
		);
		expect(failure?.description).toContain("row 6: 'CustomerId' is missing");
		expect(simulator.requests).toHaveLength(0);
	});

	test.each([
		['goFmt', 'outer', 'Go Format'],
		['jsString', 'bare', 'JavaScript String'],
	] as const)(
		'detects that the service signs by %s, and reads its %s envelope.',
		async (nestedRule, envelope, shown) => {
			const simulator = await runSimulator({ nestedRule, envelope });
			const good = [row('a', 1), row('b', 2), row('a', 3)];
			const result = await push(good, simulator, { credential: { nestedRule: 'automatic' } });
			expect(result.success.map(({ json }) => json.CustomerId)).toEqual(['a', 'b']);
			expect(result.hints[0]?.message).toContain(
				`set 'Nested Value Signing' in the credential to '${shown}'`,
			);
			expectNothingLost(result, good, simulator);
		},
	);

	test('from a server with a wrong clock costs one refused request, and the hint says how many seconds it is off.', async () => {
		const simulator = await runSimulator({ clockSkewSeconds: 360 });
		const { hints } = await push([row('a', 1), row('b', 2)], simulator);
		expect(simulator.requests.map(({ outcome }) => outcome)).toEqual(['InvalidParameterValue', 'OK', 'OK']);
		const seconds = Number(/clock is (\d+) seconds off/.exec(hints[0]?.message ?? '')?.[1]);
		// Tolerance for the whole seconds of the Date header and for a busy machine.
		expect(Math.abs(seconds - 360)).toBeLessThanOrEqual(30);
	});

	test('sums up in a hint what was pushed, refused and invalid.', async () => {
		const refuseCustomers = { b: { Code: 'InvalidParameterValue', Message: 'invalid CustomerId' } };
		const simulator = await runSimulator({ refuseCustomers });
		const { hints } = await push(rows, simulator, { onError: 'continueErrorOutput' });
		expect(hints).toEqual([
			{
				message:
					"1 of 3 customers, 2 devices pushed; 1 refused (nothing was changed); 2 rows invalid (not sent); row 6 without a CustomerId is nobody's. Correct what Tencent names and try again. Correct 'DeviceId' and 'CustomerId' in 2 rows and try again<ul><li>rows 2 and 5: Tencent responded with InvalidParameterValue</li><li>row 4: 'DeviceId' is not ProductId/DeviceName with exactly one \"/\"</li><li>row 6: 'CustomerId' is missing</li></ul>",
				type: 'warning',
				location: 'outputPane',
			},
		]);
	});

	test('with no rows does nothing.', async () => {
		const simulator = await runSimulator();
		expect((await push([], simulator)).success).toEqual([]);
		expect(simulator.requests).toHaveLength(0);
	});
});
