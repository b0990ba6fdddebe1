import { expect, test } from '@jest/globals';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { callDeviceAction } from '../../nodes/TencentCloudIot/resources/device/callAction.operation';
import type { ResponseData } from '../../nodes/TencentCloudIot/service/outcome';

/** The part of a successful call that a response does not decide. */
const call = { parameters: {}, itemIndexes: [0] };
const facts = { RequestId: 'r', Attempts: 1, timezone: 'UTC' };

/** A text that turns the direction of what follows it. */
const UNSAFE = 'a\u202eb';

const operationsByName = resources.flatMap(({ value: resource, operations }) =>
	operations
		.filter(({ customers, ownRate }) => customers === undefined && ownRate === undefined)
		.map((operation) => [`${resource}.${operation.value}`, operation] as const),
);

test.each(operationsByName)('%s outputs no deceptive character of a response', (_, operation) => {
	const { reads, paging } = operation;
	const data: Record<string, unknown> = Object.fromEntries(reads.map((name) => [name, UNSAFE]));
	if (paging !== undefined) {
		data[paging.list] = [
			{ Data: UNSAFE, CustomerId: UNSAFE, OrderNo: UNSAFE, Value: UNSAFE, Version: UNSAFE },
		];
	}
	const json = operation.toJson(call, { ...facts, data }, {});
	expect(JSON.stringify(json)).not.toContain('\u202e');
});

test.each<[data: ResponseData, json: object]>([
	[{ ClientToken: 't' }, {}],
	[
		{ ClientToken: 't', OutputParams: null, Status: null },
		{ OutputParams: null, Status: null },
	],
	[
		{ ClientToken: 't', OutputParams: '{"a":1}', Status: 'done' },
		{ OutputParams: { a: 1 }, Status: 'done' },
	],
])('The response %j of an action is output as %j', (data, json) => {
	const output = callDeviceAction.toJson(call, { ...facts, data }, {});
	const { ClientToken, RequestId, Attempts, ...members } = output as Record<string, unknown>;
	expect([ClientToken, RequestId, Attempts]).toEqual(['t', 'r', 1]);
	expect(JSON.parse(JSON.stringify(members))).toEqual(json);
});
