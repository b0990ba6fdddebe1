/**
 * Says what the receipts of a customer prove. Items, messages, the operation *Get Receipts* and its form all use this rule.
 *
 * The receipts do not prove what Tencent has now: somebody may have changed it there, and Tencent does not document whether a push replaces or
 * adds. They prove what Tencent accepted, and which sets it may have applied since.
 */
import type { DeviceInfo } from '../../service/devices';
import type { Receipt } from './receipt';

/** A full set that was sent, and its receipt's time and RequestId. */
interface SentSet {
	devices: readonly DeviceInfo[];
	/** When the outcome was known, Unix milliseconds. */
	atMs: number;
	/** The RequestId of the response that decided the outcome, or else of the last request. */
	requestId: string | undefined;
}

/**
 * What the receipts of one customer prove.
 * - `accepted`: Tencent accepted a set, and nothing may have been applied since
 * - `acceptedThenUnclear`: Tencent accepted the set `accepted`. Since then it may have applied each of the `unclearSets`
 * - `unclear`: Tencent accepted no set, and may have applied each of the `unclearSets`
 * - `neverSent`: no request was made that Tencent may have applied
 * - `beforeLog`: the log has no such request, but it begins after the first run, or lacks receipts
 */
type ProofKind = 'accepted' | 'acceptedThenUnclear' | 'unclear' | 'neverSent' | 'beforeLog';

/** What the receipts of one customer prove: which kind of proof it is, and the sets, Syncs and numbers that belong to it. */
export interface Proof {
	kind: ProofKind;
	/** The set that Tencent accepted last; undefined if the log has none. */
	accepted?: SentSet | undefined;
	/** The sets that Tencent may have applied after `accepted`, the oldest first. */
	unclearSets: readonly SentSet[];
	/** The Syncs whose rows had the customer and no longer do. Another Sync may still have the customer: perhaps one of the two was only a trial. */
	formerSyncs: readonly SyncPresence[];
	/** The Syncs whose rows still have the customer, by their last receipts. */
	currentSyncs: readonly SyncPresence[];
	/** The customer's newest receipt, if it is a failure: it says why Tencent has not accepted what the rows have now. */
	lastFailure?: Receipt | undefined;
	/** How many receipts the log lacks that may be newer than the receipt of `accepted`. Some of them may be of this customer. */
	missing: number;
	/** The keys of Syncs with a run whose last receipts are not in the log yet, because it is under way or was killed. */
	runningNodeKeys: readonly string[];
	/** Since when the log has all receipts, Unix milliseconds; undefined if that is since the first run. */
	completeFromMs?: number | undefined;
}

/** A Sync, and the time of its last receipt of a customer. */
interface SyncPresence {
	/** The key of the node. */
	nodeKey: string;
	/** Until when the last receipt of the customer was true, Unix milliseconds: see `lastTrueMsOf`. */
	atMs: number;
}

/** Which receipts the log has. */
export interface Coverage {
	/** Since when the log has all receipts, Unix milliseconds; undefined if that is since the first run of each node. */
	completeFromMs: number | undefined;
	/** The receipts that the log lacks: how many, and when the last of them should have been written, Unix milliseconds. */
	gaps: ReadonlyArray<{ atMs: number; missing: number }>;
	/** The keys of Syncs with a run that is under way or was killed. */
	runningNodeKeys: readonly string[];
}

/**
 * Finds what receipts prove.
 * @param receipts the receipts of one customer until some moment, the newest first; at least all since the last one with the outcome `OK`. If two have the
 *   same millisecond, the first in the list is the newer one.
 */
export function proofOf(
	receipts: readonly Receipt[],
	{ completeFromMs, gaps, runningNodeKeys }: Coverage,
): Proof {
	const receiptsOldestFirst = receipts.toReversed().sort((a, b) => a.atMs - b.atMs);
	let accepted: SentSet | undefined;
	let maybeAppliedSets: SentSet[] = [];
	for (const { outcome, devices, atMs, requestId } of receiptsOldestFirst) {
		if (outcome === 'OK') {
			accepted = { devices, atMs, requestId };
			maybeAppliedSets = [];
		}
		if (outcome === 'UNKNOWN') {
			maybeAppliedSets.push({ devices, atMs, requestId });
		}
	}
	// A set that may have been applied leaves nothing unclear if it equals the accepted set.
	const acceptedText = accepted && textOfSet(accepted);
	const unclearSets = distinctSets(maybeAppliedSets).filter((sentSet) => textOfSet(sentSet) !== acceptedText);
	const newestReceipt = receiptsOldestFirst.toSorted((a, b) => lastTrueMsOf(a) - lastTrueMsOf(b)).at(-1);
	// A request without a clear response is not a failure: Tencent may have applied it.
	const isFailure = newestReceipt !== undefined && ['REFUSED', 'NOT_SENT'].includes(newestReceipt.outcome);
	const acceptedMs = accepted?.atMs ?? -Infinity;
	const missing = gaps
		.filter(({ atMs }) => atMs >= acceptedMs)
		.reduce((total, gap) => total + gap.missing, 0);
	const isLogComplete = completeFromMs === undefined && missing === 0 && runningNodeKeys.length === 0;
	return {
		kind: kindOf(accepted, unclearSets, isLogComplete),
		accepted,
		unclearSets,
		...presenceOf(receiptsOldestFirst),
		lastFailure: isFailure ? newestReceipt : undefined,
		missing,
		runningNodeKeys,
		completeFromMs,
	};
}

function kindOf(
	accepted: SentSet | undefined,
	unclearSets: readonly SentSet[],
	isLogComplete: boolean,
): ProofKind {
	if (accepted !== undefined) {
		return unclearSets.length > 0 ? 'acceptedThenUnclear' : 'accepted';
	}
	if (unclearSets.length > 0) {
		return 'unclear';
	}
	return isLogComplete ? 'neverSent' : 'beforeLog';
}

/** Divides the Syncs by what the last receipt of each says: that the customer has left the rows, or that the rows still have the customer. */
function presenceOf(receiptsOldestFirst: readonly Receipt[]): Pick<Proof, 'formerSyncs' | 'currentSyncs'> {
	const presenceByNodeKey = new Map<string, SyncPresence>();
	const goneNodeKeys = new Set<string>();
	for (const receipt of receiptsOldestFirst) {
		const { nodeKey, outcome, isPush = false } = receipt;
		if (isPush) {
			continue;
		}
		presenceByNodeKey.set(nodeKey, { nodeKey, atMs: lastTrueMsOf(receipt) });
		if (outcome === 'GONE') {
			goneNodeKeys.add(nodeKey);
		} else {
			goneNodeKeys.delete(nodeKey);
		}
	}
	const presences = [...presenceByNodeKey.values()];
	return {
		formerSyncs: presences.filter(({ nodeKey }) => goneNodeKeys.has(nodeKey)),
		currentSyncs: presences.filter(({ nodeKey }) => !goneNodeKeys.has(nodeKey)),
	};
}

/** The last time at which a receipt was true, Unix milliseconds. A repeated failure has one receipt, from its first time; later runs met the failure again. */
export function lastTrueMsOf({ atMs, lastMetMs = atMs }: Receipt): number {
	return lastMetMs;
}

function distinctSets(sentSets: readonly SentSet[]): SentSet[] {
	const setsByText = new Map<string, SentSet>();
	for (const sentSet of sentSets) {
		setsByText.set(textOfSet(sentSet), sentSet);
	}
	return [...setsByText.values()];
}

/** A text that is the same for two sets with the same devices, whatever their order: the order in a request means nothing. */
function textOfSet({ devices }: SentSet): string {
	const deviceTexts = devices.map((device) =>
		JSON.stringify([device.DeviceId, device.CustomerDeviceNo, device.ProductName]),
	);
	return deviceTexts.sort().join();
}
