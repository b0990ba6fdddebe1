import { dayOf } from '../marks';
import { MEMORY_NOT_USABLE, sendingAll } from './begun';
import { marksOfLastRun, readLastRun } from './lastRun';
import { Lease } from './lease';
import type { SyncMemory } from './memory';
import { beginOpened, type Opened } from './opened';
import type { SyncSettings } from './settings';
import { SyncRun } from './syncRun';

/**
 * Begins a run: asks the memory for each customer, and opens it, so that it counts for nothing until the run has ended.
 *
 * | step | the memory | why |
 * | --- | --- | --- |
 * | open | adds `open` and a token; asks for the account, the day and the health of the last run | `open` was there: that run was killed, or is still under way |
 * | knock | if it was open: waits for a sign of life | a living run goes on alone and this one sends nothing; after a dead one nothing is unchanged |
 * | compare | asks for a sample, and takes everything back if too much has changed; then asks for all | to ask is to record, there is no other look; looking must not make it forget |
 * | count | has to be what was recorded | somebody else began at the same moment |
 *
 * Never rejects. A memory that does not work is not used, and everything is sent. It is emptied before, because what it
 * says will not be so afterwards: 'A was accepted' would still be there when B has been sent. Where it can neither be
 * emptied nor be seen to be empty, nothing is sent.
 *
 * Every run, from every state that others may have left, with everything that may become of its statements, its requests
 * and its process, is tried in test/sync/memory/oneAfterTheOther.test.mts: none skips a customer of whom the service has
 * something else.
 * @param memory undefined where there is none
 */
export async function beginSync(memory: SyncMemory | undefined, settings: SyncSettings): Promise<SyncRun> {
	if (memory === undefined) return new SyncRun(sendingAll('none', settings));
	// There is nothing to ask for, and what a Dry Run adds it has to take back.
	const isEmpty = settings.dryRun && (await memory.count().catch(() => undefined)) === 0;
	if (isEmpty) return new SyncRun(sendingAll('empty', settings));
	// What rejects may pass; and a row that somebody made at the same moment is there now.
	const opened = (await open(memory, settings)) ?? (await open(memory, settings));
	return opened === undefined ? await beginWithout(memory, settings) : await beginOpened(opened, settings);
}

async function open(memory: SyncMemory, settings: SyncSettings): Promise<Opened | undefined> {
	const { marks, clock, pushAgainAfterDays, newToken } = settings;
	const asking = { account: marks.account, today: dayOf(clock.nowMs()), everyDays: pushAgainAfterDays };
	try {
		const count = await memory.count();
		const lease = new Lease(memory, count, newToken);
		const there = await lease.open(marksOfLastRun(asking));
		return { memory, lease, lastRun: readLastRun(count, there, asking), today: asking.today };
	} catch {
		return undefined;
	}
}

/** Begins a run with a memory that could not be opened. */
async function beginWithout(memory: SyncMemory, settings: SyncSettings): Promise<SyncRun> {
	const begun = sendingAll('none', settings);
	if (settings.dryRun || settings.refusal !== undefined) return new SyncRun(begun);
	const isEmpty = (await isDone(memory.clear())) || (await memory.count().catch(() => undefined)) === 0;
	if (!isEmpty) return new SyncRun({ ...begun, stopped: MEMORY_NOT_USABLE });
	const { marks, customers, heldBack = [], clock } = settings;
	const today = dayOf(clock.nowMs());
	return new SyncRun(begun, { opened: undefined, memory, marks, customers, heldBack, today });
}

async function isDone(work: Promise<void>): Promise<boolean> {
	return await work.then(
		() => true,
		() => false,
	);
}
