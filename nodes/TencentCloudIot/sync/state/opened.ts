import { CANCELLED } from '../../service/transportError';
import type { Failure } from '../../service/outcome';
import type { Verdict } from '../verdicts';
import { reportedAfter } from '../health';
import { checkInterrupted } from './checks';
import { compareWith } from './compare';
import { failed, type FencedStore } from './fence';
import { queriesOfReport, replaceReport, type LastRun, type Replacement } from './lastRun';
import { leave, leaveLater, restore } from './ownership/leave';
import type { Lease } from './ownership/lease';
import { settle } from './ownership/settle';
import { takeOver } from './ownership/takeOver';
import {
	allChanged,
	ALREADY_RUNNING,
	NOTHING_KNOWN,
	STATE_NOT_USABLE,
	type Begun,
	type SyncSettings,
} from './settings';
import { SyncRun } from './syncRun';

/** A state in progress by this run. */
export interface Opened {
	store: FencedStore;
	lease: Lease;
	lastRun: LastRun;
	/** The number of entries that it found. */
	count: number;
	/** Which of the entries that it queried were there. */
	there: ReadonlySet<string>;
	/** Whether another run has opened it in the last seconds. */
	isOpening: boolean;
	/** What shows others that this run has opened it. */
	opening: readonly string[];
	/** When the run began, minutes since 1970. */
	minute: number;
	/** Which of the customers that failed have their turn. */
	turn: number;
}

/** Begins a run in a state that it has put in progress. */
export async function beginOpened(opened: Opened, settings: SyncSettings): Promise<SyncRun> {
	const { store, lease, lastRun, minute, turn } = opened;
	const { dryRun, signal, refusal } = settings;
	const begun: Begun = {
		...NOTHING_KNOWN,
		state: lastRun.state,
		verdicts: allChanged(settings.customers),
		reported: lastRun.reported,
		lastMinute: lastRun.minute,
		stopped: undefined,
	};
	if (lastRun.state === 'interrupted') return await beginAfterOther(opened, settings, begun);
	const compared = await compareWith(opened, settings).catch(failed);
	if (lease.isLost) return await leaveToOther(lease, begun);
	const {
		isAsBefore = false,
		stopped: tripped,
		asAccepted,
		...known
	} = compared ?? { state: 'none' as const };
	const found: Begun = { ...begun, ...known };
	const stopped = tripped ?? (signal?.aborted ? CANCELLED : undefined);
	if (dryRun || stopped !== undefined) {
		// A blocked run persists only what it reports; a cancelled one nothing.
		const isBlocked = !dryRun && stopped !== CANCELLED;
		await restore(lease, isBlocked ? reportOf(stopped, opened, settings) : undefined).catch(() => undefined);
		return new SyncRun({ ...found, stopped: refusal ?? stopped });
	}
	// What another run has queried only looks as if it was accepted.
	if (isAsBefore && (await lease.count().catch(failed)) === lease.expected)
		return new SyncRun(found, { hold: { kind: 'restores', lease }, store, settings, minute, turn });
	return await beginSettled(opened, settings, found, asAccepted);
}

async function beginSettled(
	{ store, lease, minute, turn, there, opening }: Opened,
	settings: SyncSettings,
	found: Begun,
	asAccepted?: ReadonlySet<number>,
): Promise<SyncRun> {
	const { customers, clock, signal } = settings;
	const isReliedOn = ({ fingerprint }: { fingerprint: string }, index: number) =>
		found.verdicts[index] === 'unchanged' ? [fingerprint] : [];
	const settled = await settle(lease, clock, customers.flatMap(isReliedOn), signal);
	if (settled.is === 'other') return await leaveToOther(lease, found);
	if (settled.is === 'cancelled' || signal?.aborted) {
		await restore(lease).catch(() => undefined);
		return new SyncRun({ ...found, stopped: CANCELLED });
	}
	// Nothing known means that all was well.
	const isWell = found.reported === undefined || found.reported.health === 'ok';
	// Who comes from now on waits for a heartbeat: if this run dies, that one goes on.
	await lease.added.remove([...opening, ...(isWell ? [] : queriesOfReport(there))]).catch(failed);
	const verdicts = found.verdicts.map((verdict, index): Verdict => {
		const isKnown = settled.is === 'sure' && settled.there.has(customers[index]!.fingerprint);
		return verdict === 'unchanged' && !isKnown ? 'changed' : verdict;
	});
	const state = settled.is === 'sure' ? found.state : 'interrupted';
	return new SyncRun(
		{ ...found, state, verdicts },
		{ hold: { kind: 'owns', lease }, store, settings, minute, turn, asAccepted },
	);
}

async function beginAfterOther(opened: Opened, settings: SyncSettings, begun: Begun): Promise<SyncRun> {
	const { store, lease, minute, turn } = opened;
	const { dryRun, refusal, clock, signal } = settings;
	if (dryRun || refusal !== undefined || signal?.aborted) {
		await leave(lease).catch(() => undefined);
		const verdicts = dryRun ? begun.verdicts.map((): Verdict => 'unjudged') : begun.verdicts;
		return new SyncRun({ ...begun, verdicts, stopped: refusal ?? (signal?.aborted ? CANCELLED : undefined) });
	}
	const onWait = () => settings.onWait?.(lease.timing.takeoverMs);
	const isOwner = await takeOver({ ...opened, clock, signal, onWait }).catch(() => undefined);
	if (isOwner === undefined) return new SyncRun({ ...begun, stopped: STATE_NOT_USABLE });
	if (signal?.aborted) return new SyncRun({ ...begun, stopped: CANCELLED });
	if (!isOwner) return new SyncRun({ ...begun, stopped: ALREADY_RUNNING });
	const tripped = await checkInterrupted(opened, settings);
	if (lease.isLost) return new SyncRun({ ...begun, stopped: ALREADY_RUNNING });
	if (tripped !== undefined || signal?.aborted) {
		await leave(lease, tripped && reportOf(tripped, opened, settings)).catch(() => undefined);
		return new SyncRun({ ...begun, stopped: tripped ?? CANCELLED });
	}
	// All of it has passed the checks: what is not accepted now is judged by it in the next run.
	const asAccepted = new Set(settings.customers.keys());
	return new SyncRun(begun, { hold: { kind: 'owns', lease }, store, settings, minute, turn, asAccepted });
}

/** What a run leaves that is stopped before its first request. */
function reportOf(
	blocked: Failure | undefined,
	{ lastRun: { reported }, minute }: Opened,
	{ isManual = false }: SyncSettings,
): Replacement {
	const sync = { reported, withheldBefore: undefined, minute, isManual };
	return replaceReport(reportedAfter({ calls: [], withheld: [], blocked, endedEarly: undefined, sync }));
}

async function leaveToOther(lease: Lease, begun: Begun): Promise<SyncRun> {
	await leaveLater(lease).catch(() => undefined);
	return new SyncRun({ ...begun, stopped: ALREADY_RUNNING });
}
