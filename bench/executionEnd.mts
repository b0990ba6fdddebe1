import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { N8nSettings } from '../test/e2e/n8n/settings.mts';

const LOOK_EVERY_MS = 50;

/** By then n8n has stored what belongs to an execution that has ended. Milliseconds. */
const STORING_MS = 500;

const LONGEST_EXECUTION_MS = 900_000;

/**
 * Waits until an execution has ended and is stored. It looks into n8n's database, because a question to n8n's REST
 * interface costs 17 ms of its processor time, and an n8n with thousands of requests does not answer at all.
 */
export async function executionEnd(executionId: string, { userFolder }: N8nSettings): Promise<void> {
	const path = join(userFolder, '.n8n', 'database.sqlite');
	const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
	try {
		const find = database.prepare('SELECT stoppedAt FROM execution_entity WHERE id = ?');
		const startMs = performance.now();
		while (find.get(Number(executionId))?.stoppedAt == null) {
			if (performance.now() - startMs > LONGEST_EXECUTION_MS) {
				throw new Error(`Execution ${executionId} did not end`);
			}
			await sleep(LOOK_EVERY_MS);
		}
		await sleep(STORING_MS);
	} finally {
		database.close();
	}
}
