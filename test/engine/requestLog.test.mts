import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { BUILD_FOLDERS, loadBuiltNode, type NodeResult } from '../../embedded/embeddedEngine.mts';
import { runFaultServer } from '../faults/faultServer.mts';
import { status } from '../faults/wires.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNoSecrets } from './invariants.mts';
import { push, row } from './pushRun.mts';

const rows = [row('cust7a', 1), row('cust7b', 2), row('cust7c', 3)];

/** The debug lines of the node's requests. */
const linesOf = ({ logs }: NodeResult) =>
	logs.filter(({ level, message }) => level === 'debug' && message === 'Tencent Cloud IoT request');

describe("n8n's log", () => {
	test('has one debug line for each request, with its attempt, outcome and duration, and no secret or customer.', async () => {
		const faults = [{ kind: 'error', Code: 'InternalError', Message: '内部错误', on: 1 }] as const;
		const simulator = await runSimulator({ faults, keepBodies: true });
		const result = await push(rows, simulator, { options: { concurrency: 1 } });
		const lines = linesOf(result).map(({ metadata }) => metadata as Record<string, unknown>);
		expect(lines.map(({ durationMs: _, ...line }) => line)).toEqual(
			simulator.requests.map(({ RequestId: requestId }, index) => ({
				action: 'ServiceBindDevice',
				requestId,
				attempt: index === 2 ? 2 : 1,
				outcome: index === 1 ? 'UNKNOWN' : 'OK',
			})),
		);
		expect(lines).toHaveLength(4);
		expect(lines.every(({ durationMs }) => Number.isInteger(durationMs))).toBe(true);
		expect(JSON.stringify(lines)).not.toMatch(/cust7|P\/D|SN-/);
		expectNoSecrets(result, simulator);
	});
});

test.each(['pool', 'verified'] as const)(
	'Each request of the %s build names its package and its version as User-Agent.',
	async (build) => {
		const folder = BUILD_FOLDERS[build];
		const { name, version } = JSON.parse(
			readFileSync(join(dirname(folder), 'package.json'), 'utf8'),
		) as Record<'name' | 'version', string>;
		const server = await runFaultServer(status(400));
		const { endpoint } = server;
		await push(rows.slice(0, 1), await runSimulator(), {
			...loadBuiltNode(folder),
			credential: { endpoint },
		});
		expect(server.requests).toHaveLength(1);
		const agents = server.requests[0]?.match(/^user-agent:.*$/gim);
		expect(agents?.map((line) => line.replace(/^user-agent: /i, ''))).toEqual([`${name}/${version}`]);
	},
);
