import { describe, expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import { errorOf, linksOf, push, row } from '../engine/pushRun.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { classes } from './engineClasses.mts';
import { runFaultServer } from './faultServer.mts';
import { APP_SECRET, expectNoneOf } from './silence.mts';

const ON_ERROR: OnError[] = ['stopWorkflow', 'continueErrorOutput', 'continueRegularOutput'];
const STORED: Readonly<Record<string, RegExp>> = {
	REFUSED: /Nothing was changed\./,
	NOT_SENT: /Customer 'c0' .* was not sent: |Nothing was sent\./,
	UNKNOWN: /Tencent may or may not have applied it\./,
};
const rows = Array.from({ length: 5 }, (_, index) => row(`c${index}`, index));

describe.each(ON_ERROR)(
	'With On Error %s the item of every customer has what is proven, and no secret, after',
	(onError) => {
		test.each(classes)(
			'$what.',
			async ({ wire, endpoint, maxAttempts = 2, says, code, outcome, requests }) => {
				const server = await runFaultServer(wire);
				const credential = { endpoint: (await endpoint?.(server.port)) ?? server.endpoint };
				const options = { maxAttempts, timeout: 1, concurrency: 1 };
				const simulator = await runSimulator({ appSecret: APP_SECRET });
				const result = await push(rows, simulator, { onError, credential, options });
				expectNoneOf([], result, server.requests);
				if (onError === 'stopWorkflow') {
					expect(result).toMatchObject({ status: 'error', success: [], error: [] });
					const { message } = result.failure!;
					expect(message).toMatch(/0 of 5 customers done/);
					// What became of a customer that is named is not said twice.
					expect(message).toContain(says.replace(/ (Tencent refused it|Nothing was sent).*/, ''));
					expect(message).toMatch(STORED[outcome]!);
					const counted = Array.from(/(?<=5 customers done)[^.]*/.exec(message)![0].matchAll(/\d+/g), Number);
					const named = message.includes("Customer 'c0' (row 1; ") ? 1 : 0;
					expect(counted.reduce((sum, count) => sum + count, named)).toBe(rows.length);
					expect(server.requests).toHaveLength(requests[1]);
					return;
				}
				const items = [...result.success, ...result.error];
				expect(items.flatMap(linksOf).toSorted()).toEqual([...rows.keys()]);
				expect(items.map((item) => errorOf(item)?.outcome)).not.toContain(undefined);
				expect(errorOf(items[0]!)).toMatchObject({ message: says, code, outcome, CustomerId: 'c0' });
				expect(result.success).toHaveLength(onError === 'continueErrorOutput' ? 0 : rows.length);
				expect(server.requests).toHaveLength(requests[0]);
			},
		);
	},
);
