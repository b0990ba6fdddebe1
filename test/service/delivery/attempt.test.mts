import { expect, test } from '@jest/globals';
import { attempt } from '../../../nodes/TencentCloudIot/service/delivery/attempt';
import { createFreshness, encodeParameters } from '../../../nodes/TencentCloudIot/service/signing/signature';
import { systemClock } from '../../../nodes/TencentCloudIot/host/systemClock';
import { pushOf } from '../../support/sending.mts';

test.each([
	[pushOf('c1'), 'ServiceBindDevice', 42],
	[{ Limit: 1 }, undefined, 42],
	// Slow requests, too: a line for each of a thousand slow requests would hide the important ones.
	[pushOf('c1'), 'ServiceBindDevice', 599_042],
])(
	'A request writes one line of facts to the log of the host, and no secret: %j, %s, %d ms',
	async (call, action, ms) => {
		const logged: unknown[][] = [];
		const elapsed = [1_000, 1_000.4 + ms];
		const fresh = createFreshness(() => 0)();
		const transport = {
			post: async () => ({ error: { kind: 'CONNECTION_RESET', written: true } as const }),
			close: async () => undefined,
		};
		const made = await attempt(
			{
				appKey: 'key',
				appSecret: 'CANARY',
				transport,
				clock: { ...systemClock, elapsedMs: () => elapsed.shift() ?? 1_000 + ms },
				host: { debug: (...line) => logged.push(line) },
			},
			{ parameters: encodeParameters(call), scheme: 'json', isDone: () => true, reads: [] },
			fresh,
			2,
		);
		expect(made?.outcome).toMatchObject({ outcome: 'UNKNOWN', code: 'CONNECTION_RESET' });
		const facts = { action, requestId: fresh.RequestId, attempt: 2, outcome: 'UNKNOWN', durationMs: ms };
		expect(logged).toEqual([['Tencent Cloud IoT request', facts]]);
		expect(JSON.stringify(logged)).not.toContain('CANARY');
	},
);
