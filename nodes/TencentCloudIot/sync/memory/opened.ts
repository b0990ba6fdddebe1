import type { Failure } from '../../service/outcome';
import { healthMark } from '../marks';
import { allChanged, ALREADY_RUNNING, CANCELLED, MEMORY_NOT_USABLE, type Begun } from './begun';
import { compare, type Compared } from './compare';
import type { LastRun } from './lastRun';
import type { Lease } from './lease';
import type { SyncMemory } from './memory';
import type { SyncSettings } from './settings';
import { SyncRun } from './syncRun';
import { KNOCK_FOR_MS, Watch } from './watch';

/** A memory that this run has opened. */
export interface Opened {
	memory: SyncMemory;
	lease: Lease;
	lastRun: LastRun;
	/** Days since 1970. */
	today: number;
}

/** The one thing that a run leaves that was stopped is how it ended. */
const AS_FAILING = {
	except: [healthMark('failing')],
	also: [healthMark('degraded'), healthMark('ok')],
};

/** Begins a run with a memory that it has opened. Never rejects. */
export async function beginOpened(opened: Opened, settings: SyncSettings): Promise<SyncRun> {
	const { memory, lease, lastRun, today } = opened;
	const { marks, customers, heldBack = [], dryRun, refusal, clock, signal, onWait } = settings;
	const watch = new Watch(lease, clock);
	const begun: Begun = {
		memory: lastRun.memory,
		verdicts: allChanged(customers),
		healthBefore: lastRun.health,
		stopped: undefined,
	};
	if (lastRun.memory === 'doubted' && !dryRun && refusal === undefined) {
		onWait?.(KNOCK_FOR_MS);
		const stopped = await waitForOther(lease, watch, signal);
		if (stopped !== undefined) return new SyncRun({ ...begun, stopped });
	}
	const compared = await compareWith(opened, settings).catch(() => undefined);
	const found: Begun = compared === undefined ? { ...begun, memory: 'none' } : { ...begun, ...compared };
	if (dryRun || found.stopped !== undefined) {
		// A run that was killed, or is still under way, counts as failing already.
		const leaves = dryRun || lastRun.memory === 'doubted' ? undefined : AS_FAILING;
		await lease.takeBack(leaves).catch(() => undefined);
		return new SyncRun(found);
	}
	if (!(await lease.isAlone().catch(() => true))) return new SyncRun({ ...begun, stopped: ALREADY_RUNNING });
	return new SyncRun(found, { opened: { lease, watch }, memory, marks, customers, heldBack, today });
}

/** @returns why this run is not to go on: the one that left the memory open may be alive */
async function waitForOther(
	lease: Lease,
	watch: Watch,
	signal: AbortSignal | undefined,
): Promise<Failure | undefined> {
	try {
		if (await watch.knock(signal)) return undefined;
		await lease.retreat();
		return signal?.aborted ? CANCELLED : ALREADY_RUNNING;
	} catch {
		return MEMORY_NOT_USABLE;
	}
}

/** A memory that does not know the account, or does not count, has nothing to compare with. */
async function compareWith({ lease, lastRun, today }: Opened, settings: SyncSettings): Promise<Compared> {
	const { customers, pushAgainAfterDays, refusal } = settings;
	if (refusal !== undefined) return { verdicts: [], stopped: refusal };
	if (lastRun.memory !== 'used') return { verdicts: allChanged(customers), stopped: undefined };
	const turns = { everyDays: pushAgainAfterDays, today, lastDay: lastRun.day };
	return await compare(lease, lastRun.customers, turns, settings);
}
