import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Postgres } from '../test/e2e/services/postgres.mts';
import { simulatorCredential } from './rows.mts';
import { loadSources } from './sources.mts';

/** The devices of a customer in the CRM of the bench, which SQL writes in the same way. */
export function devicesOf(customer: number, devices: number) {
	return Array.from({ length: devices }, (_, index) => ({
		CustomerDeviceNo: `SN-${customer}-${index + 1}`,
		DeviceId: `ProductABC/Device${customer}_${index + 1}`,
		ProductName: 'Smart Lock',
	}));
}

/** The sync state of one Sync node. */
export interface SeededState {
	workflowId: string;
	nodeId: string;
	/** The numbers of its customers. */
	customers: readonly number[];
	/** Of each customer. */
	devices: number;
	endpoint: string;
}

/** Writes into n8n's database what a run leaves that pushed some customers: to push them all takes far longer. */
export async function seedState(n8nDatabase: Postgres, state: SeededState): Promise<void> {
	const { workflowId, nodeId, customers, devices, endpoint } = state;
	const { ALL_WELL, closedState, minuteOf, StateEntries } = await loadSources();
	const entries = new StateEntries({ endpoint, appKey: simulatorCredential('').appKey });
	const left = customers.flatMap((customer) => {
		const id = `customer_${customer}`;
		return [entries.fingerprint(id, devicesOf(customer, devices)), entries.known(id)];
	});
	left.push(entries.product('Smart Lock'));
	const counts = { customers: customers.length, devices: customers.length * devices, products: 1 };
	const { account } = entries;
	const run = { account, minute: minuteOf(Date.now()), reported: ALL_WELL, counts, turn: 0 };
	const data = closedState(run, left).map((entry) => createHash('md5').update(entry).digest('base64'));
	const folder = await mkdtemp(join(tmpdir(), 'bench-state-'));
	try {
		// The database's own user reads it: it is too long for a command.
		await chmod(folder, 0o755);
		const file = join(folder, 'state.json');
		await writeFile(file, JSON.stringify({ mode: 'entries', data }), { mode: 0o644 });
		const key = `"workflowId" = '${workflowId}' AND context = 'n:${nodeId}'`;
		await n8nDatabase.query(`DELETE FROM processed_data WHERE ${key}`);
		await n8nDatabase.query(
			`INSERT INTO processed_data ("workflowId", context, value) SELECT '${workflowId}', 'n:${nodeId}', pg_read_file('${file}')`,
		);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
