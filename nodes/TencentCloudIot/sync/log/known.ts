/**
 * What is known of a customer at Tencent, from its receipts: one rule for items, messages, the operation *Get Receipts* and its page.
 *
 * Nothing here says what Tencent has: somebody may have changed it there, and whether a push replaces or adds is not documented. It says
 * what Tencent **accepted**, and what may have been applied since.
 */
import type { DeviceInfo } from '../../service/devices';
import type { Receipt } from './receipt';

/** A set of devices that was sent: when the outcome was known, and the RequestId. */
interface SentSet {
	devices: readonly DeviceInfo[];
	atMs: number;
	requestId: string | undefined;
}

/**
 * - `accepted`: Tencent accepted this set last
 * - `acceptedThenUnclear`: it accepted `accepted`, and since then each of `unclear` may have been applied: it is one of them
 * - `unclear`: none was accepted, and one of `unclear` may have been applied
 * - `neverSent`: no request was made that may have been applied, as far as the log can know
 * - `beforeLog`: the log has nothing that may have been applied, and does not reach back to the first run, or lacks receipts
 */
type KnownKind = 'accepted' | 'acceptedThenUnclear' | 'unclear' | 'neverSent' | 'beforeLog';

export interface Known {
	kind: KnownKind;
	accepted?: SentSet;
	/** Sets that may have been applied after `accepted`, the oldest first. */
	unclear: readonly SentSet[];
	/** The Syncs whose rows had the customer and do not any more, even if another Sync still has it, such as a copy that was tried once. */
	goneFrom: readonly Presence[];
	/** The Syncs whose rows still have it, by their last receipt. */
	stillIn: readonly Presence[];
	/** The newest receipt, if it was a failure: why the rows of today are not the ones that were accepted. */
	lastFailure?: Receipt | undefined;
	/** How many receipts are missing that may be newer than the accepted one: some of them may be of this customer. */
	missing: number;
	/** The Syncs with a run whose last receipts are not in the log yet: it is under way, or was killed. */
	running: readonly string[];
	/** Since when the log has receipts; undefined where it has all since the first run. */
	logSinceMs?: number | undefined;
}

/** A Sync, and the time of its last receipt of a customer. */
interface Presence {
	/** Names workflow and node. */
	node: string;
	atMs: number;
}

/** How far the log reaches. */
export interface Coverage {
	/** Since when it has receipts; undefined where it has all since the first run of every node. */
	sinceMs: number | undefined;
	/** How many receipts the log lacks that were to be written until then. */
	gaps: ReadonlyArray<{ atMs: number; missing: number }>;
	/** The Syncs with a run that is under way or was killed, by what names workflow and node. */
	running: readonly string[];
}

/**
 * What was known of a customer at a moment.
 * @param receipts those of the customer until then, the newest first; all since the last one with the outcome `OK`. Of two in the same
 *   millisecond the one that was written later counts.
 */
export function knownOf(receipts: readonly Receipt[], { sinceMs, gaps, running }: Coverage): Known {
	const byTime = receipts.toReversed().sort((a, b) => a.atMs - b.atMs);
	let accepted: SentSet | undefined;
	let unclear: SentSet[] = [];
	for (const { outcome, devices, atMs, requestId } of byTime) {
		if (outcome === 'OK') {
			accepted = { devices, atMs, requestId };
			unclear = [];
		}
		if (outcome === 'UNKNOWN') {
			unclear.push({ devices, atMs, requestId });
		}
	}
	// If a set that may have been applied equals the accepted one, nothing is unclear.
	const otherSets = distinctSets(unclear).filter(
		(set) => accepted === undefined || !isSameSet(set, accepted),
	);
	const newest = byTime.toSorted((a, b) => lastTimeOf(a) - lastTimeOf(b)).at(-1);
	const isFailure = newest !== undefined && newest.outcome !== 'OK' && newest.outcome !== 'GONE';
	const acceptedMs = accepted?.atMs ?? -Infinity;
	const missing = gaps.filter(({ atMs }) => atMs >= acceptedMs).reduce((sum, gap) => sum + gap.missing, 0);
	const isLogComplete = sinceMs === undefined && missing === 0 && running.length === 0;
	const kind = kindOf(accepted, otherSets, isLogComplete);
	const knowledge: Known = { kind, unclear: otherSets, missing, running, ...presenceOf(byTime) };
	if (accepted !== undefined) {
		knowledge.accepted = accepted;
	}
	if (isFailure) {
		knowledge.lastFailure = newest;
	}
	if (sinceMs !== undefined) {
		knowledge.logSinceMs = sinceMs;
	}
	return knowledge;
}

function kindOf(
	accepted: SentSet | undefined,
	unclear: readonly SentSet[],
	isLogComplete: boolean,
): KnownKind {
	if (accepted !== undefined) {
		return unclear.length > 0 ? 'acceptedThenUnclear' : 'accepted';
	}
	if (unclear.length > 0) {
		return 'unclear';
	}
	return isLogComplete ? 'neverSent' : 'beforeLog';
}

/** The Syncs whose last receipt says that the customer left their rows, and those that had it in their last receipt. */
function presenceOf(byTime: readonly Receipt[]): Pick<Known, 'goneFrom' | 'stillIn'> {
	const lastOfNodes = new Map<string, Presence>();
	const gone = new Set<string>();
	for (const receipt of byTime) {
		const { node, outcome, isPush = false } = receipt;
		if (isPush) {
			continue;
		}
		lastOfNodes.set(node, { node, atMs: lastTimeOf(receipt) });
		if (outcome === 'GONE') {
			gone.add(node);
		} else {
			gone.delete(node);
		}
	}
	const presences = [...lastOfNodes.values()];
	return {
		goneFrom: presences.filter(({ node }) => gone.has(node)),
		stillIn: presences.filter(({ node }) => !gone.has(node)),
	};
}

/** The last time at which a receipt was true: of a failure that has repeated itself that is later than its own time. */
export function lastTimeOf({ atMs, lastMs = atMs }: Receipt): number {
	return lastMs;
}

function distinctSets(sets: readonly SentSet[]): SentSet[] {
	const byContent = new Map<string, SentSet>();
	for (const set of sets) {
		byContent.set(contentOf(set), set);
	}
	return [...byContent.values()];
}

function isSameSet(a: SentSet, b: SentSet): boolean {
	return contentOf(a) === contentOf(b);
}

/** The order of devices in a request means nothing. */
function contentOf({ devices }: SentSet): string {
	const texts = devices.map((device) =>
		JSON.stringify([device.DeviceId, device.CustomerDeviceNo, device.ProductName]),
	);
	return texts.sort().join();
}
