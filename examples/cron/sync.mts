/**
 * Runs one Sync from cron, without n8n: the rows come from PostgreSQL, and the state of the Sync is in the same database. How to build and
 * schedule it: docs/beyond-n8n.md.
 */
import { Pool } from 'pg';
import { planPushes } from '../../nodes/TencentCloudIot/binding/pushes.ts';
import { RowReader } from '../../nodes/TencentCloudIot/binding/rowReader.ts';
import { readConnection } from '../../nodes/TencentCloudIot/service/connection.ts';
import { deliver } from '../../nodes/TencentCloudIot/service/delivery/delivery.ts';
import type { Fate } from '../../nodes/TencentCloudIot/service/fate.ts';
import type { RunEnd } from '../../nodes/TencentCloudIot/sync/health.ts';
import { openSession } from '../../nodes/TencentCloudIot/sync/state/openSession.ts';
import { nodeClock as clock } from './nodeClock.mts';
import { PostgresTable } from './postgresTable.mts';
import { printEnd } from './printEnd.mts';
import { CHECKS, REQUESTS, ROW_HANDLING, ROWS, SYNC } from './settings.mts';

async function runSync(database: Pool, signal: AbortSignal): Promise<RunEnd> {
	const { ENDPOINT, APP_KEY, APP_SECRET, APPROVED_PLAN = '' } = process.env;
	const platform = ENDPOINT === undefined ? 'china' : 'custom';
	const account = readConnection({ platform, endpoint: ENDPOINT, appKey: APP_KEY, appSecret: APP_SECRET });

	const beganMs = clock.nowMs();
	// Turns the rows into one push for each customer; a customer with an unusable row is withheld.
	const { rows } = await database.query(ROWS);
	const reader = new RowReader(ROW_HANDLING);
	const checked = rows.map((row, index) => reader.read(index, (field) => row[field]));
	const planned = { ...(await planPushes([checked], ROW_HANDLING)), earlierFates: [] };

	// Compares the pushes with the last accepted ones, and runs the safety checks before the first request.
	const session = await openSession(new PostgresTable(database, SYNC.nodeKey), planned, {
		...SYNC,
		account,
		checks: { ...CHECKS, approvedPlan: APPROVED_PLAN },
		timeoutMs: REQUESTS.timeoutMs,
		clock,
		rowsReceivedMs: beganMs,
		signal,
	});
	const { sendOrder, blocked, verdicts } = session;
	const fates: Fate[] = [];
	let end: RunEnd | undefined;
	try {
		const sent = blocked === undefined ? sendOrder : [];
		const requests = sent.map((index) => {
			const parameters = planned.calls[index]?.parameters;
			return [index, { Action: 'ServiceBindDevice', ...parameters }] as const;
		});
		const settings: Parameters<typeof deliver>[1] = {
			...account,
			...REQUESTS,
			clock,
			signal,
			timeOver: session.timeOver,
			whyBlocked: async (index?: number) => await session.whyBlocked(index),
			mayLeave: () => session.mayLeave(),
			countsForWarmUp: (index: number) => session.countsForWarmUp(index),
		};
		await deliver(requests, settings, (index, fate) => {
			fates[index] = fate;
			session.addFate(index, fate);
		});
		const fateOfOthers: Fate =
			blocked === undefined ? { kind: 'unchanged' } : { kind: 'notTried', why: blocked };
		const calls = planned.calls.map((call, index) => {
			return { call, fate: fates[index] ?? fateOfOthers, verdict: verdicts[index] };
		});
		const { endedEarly, facts } = session;
		end = { calls, withheld: planned.withheld, blocked, endedEarly, sync: facts };
		return end;
	} finally {
		// Saves the outcome of each customer, and releases the state for the next run.
		await session.finish(end);
	}
}

async function main(): Promise<void> {
	const database = new Pool({ connectionString: process.env['DATABASE_URL'] });
	// An idle connection broke: the next query gets another one.
	database.on('error', () => undefined);
	const cancel = new AbortController();
	process.once('SIGTERM', () => cancel.abort());
	try {
		printEnd(await runSync(database, cancel.signal));
	} finally {
		await database.end();
	}
}

void main();
