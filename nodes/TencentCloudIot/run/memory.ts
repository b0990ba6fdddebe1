import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Execution } from '../host/execution';
import { accountKey, digestOfText } from '../service/signing/signature';
import type { Health, KnownBefore } from '../sync/health';
import type { Credential } from './connection';
import { Ledger } from './ledger';

/**
 * What a run knows of the earlier runs of its execution, and of the earlier attempts of itself. Opened once, when the run
 * begins. What later runs are to know is written once, at its end, and never by a run that was blocked: it has pushed
 * nothing.
 *
 * It stands in two places. The execution's own data, as plain JSON, lasts through loops, waits and n8n's Retry On Fail, and
 * n8n saves it: keyed digests and numbers only, which n8n's redaction leaves as they are. n8n's own Retry of a failed execution takes that data
 * along, but is another execution, of which nothing is known: somebody may have corrected something. What only the attempts
 * of one run have in common stays in the process, and may have ids. Where an agent itself calls its tool, the attempts of
 * one call have its arguments in common, and nothing else is kept.
 */
export class RunMemory {
	/** Whether earlier runs of the node in the same execution have left nothing, so that it is not known what they pushed. */
	readonly hasLostEarlierRuns: boolean;
	/** Whether a failed execution has read the rows, and n8n's Retry has resumed it at this run of the node. */
	readonly hasOldRows: boolean;
	/** Whether an agent itself calls the node, outside of the engine's runs: that has no execution's data of its own. */
	readonly isToolCall: boolean;
	readonly #execution: string;
	/** Identifies the run among those of all nodes of the execution. Each round of a loop is a run; an attempt by Retry On Fail is not. */
	readonly #run: string;
	readonly #attempts: AttemptMemory;
	readonly #ofNode: NodeData;
	readonly #ofExecution: ExecutionData;
	readonly #credential: Credential;
	#key: Promise<string | undefined> | undefined;
	#firstSync: NodeData['firstSync'];
	#pushed: { name: string; sets: PushedSets } | undefined;

	/** @param items the run's input */
	constructor(
		context: Pick<IExecuteFunctions, 'getContext'>,
		{ execution, credential }: { execution: Execution; credential: Credential },
		[item]: readonly INodeExecutionData[],
	) {
		const { runIndex, isToolCall: isTool } = execution;
		const { id } = execution.node;
		this.isToolCall = isTool;
		this.#credential = credential;
		this.#execution = execution.id;
		this.#run = isTool ? '' : `${id} ${runIndex}`;
		this.#ofNode = isTool ? {} : context.getContext('node');
		this.#ofExecution = isTool ? {} : context.getContext('flow');
		const { execution: lastExecution = this.#execution, run = this.#run } = this.#ofNode;
		const isOfAnother = lastExecution !== this.#execution;
		if (isOfAnother) {
			for (const name of Object.keys(this.#ofNode)) {
				delete this.#ofNode[name];
			}
			attempts.delete(this.#ofNode);
		}
		Object.assign(this.#ofNode, { execution: this.#execution, run: this.#run });
		const key = isTool ? (item?.json ?? {}) : this.#ofNode;
		const remembered = attempts.get(key);
		this.#attempts = remembered?.run === this.#run ? remembered : { run: this.#run };
		attempts.set(key, this.#attempts);
		this.#attempts.hasOldRows ??= isOfAnother && run === this.#run;
		this.hasOldRows = this.#attempts.hasOldRows;
		// n8n's own Retry takes it over from the failed execution. n8n's Engine 2.0 hands each round of a loop empty data.
		this.#ofExecution.tencentCloudIotNodes ??= [];
		const nodes = this.#ofExecution.tencentCloudIotNodes;
		const isKnown = nodes.includes(id);
		if (!isKnown) {
			nodes.push(id);
		}
		this.hasLostEarlierRuns = !isTool && runIndex > 0 && !isKnown;
	}

	/**
	 * What became of requests in earlier attempts of the run. To be called once.
	 * @param isIdempotent whether a call may be sent again when its response was lost
	 */
	ledger(isIdempotent: boolean): Ledger {
		const isFirstAttempt = this.#attempts.ledger === undefined;
		this.#attempts.ledger ??= { settled: new Map(), unclear: new Set() };
		return new Ledger(this.#attempts.ledger, isFirstAttempt, isIdempotent);
	}

	/**
	 * What Sync had reported before the run. All attempts get what the first of them could read: Retry On Fail discards the error of an
	 * attempt, so nobody has seen what that attempt reported.
	 * @param now what this attempt found
	 */
	knownBefore(now: KnownBefore): KnownBefore {
		const { known: earlier } = this.#attempts;
		if (earlier?.reported !== undefined) {
			return earlier;
		}
		this.#attempts.known = now;
		return now;
	}

	/**
	 * Whether an earlier run of the node in the execution synced other customers than this one does.
	 * @param ids the CustomerIds of all customers of this run; undefined for rows that name nobody
	 */
	async syncedOthers(ids: Iterable<string | undefined>): Promise<boolean> {
		const digest = await this.#keyedDigest();
		if (digest === undefined) {
			return false;
		}
		const customers = digest(JSON.stringify([...new Set(ids)].sort()));
		const { firstSync } = this.#ofNode;
		if (firstSync !== undefined && firstSync.run !== this.#run) {
			return firstSync.customers !== customers;
		}
		this.#firstSync = { run: this.#run, customers };
		return false;
	}

	/**
	 * What runs of all nodes with the same credential push in this execution. A Dry Run counts for other Dry Runs. To be
	 * called once.
	 */
	async pushedSets(isDryRun: boolean): Promise<PushedSets> {
		const digest = await this.#keyedDigest();
		if (digest === undefined) {
			return new PushedSets(undefined, this.#run, String);
		}
		const name = `tencentCloudIotSets ${this.#credential.id}${isDryRun ? ' dry' : ''}`;
		const keptSets = this.#ofExecution[name] as KeptSets | undefined;
		const sets = new PushedSets(
			keptSets?.execution === this.#execution ? keptSets : undefined,
			this.#run,
			digest,
		);
		this.#pushed = { name, sets };
		return sets;
	}

	/** Makes the digests that n8n stores. Undefined without a usable credential: then nothing is kept. */
	async #keyedDigest(): Promise<Digest | undefined> {
		this.#key ??= this.#credential.connection().then(accountKey, () => undefined);
		const key = await this.#key;
		return key === undefined ? undefined : (text) => digestOfText(`${key} ${text}`, DIGEST_LENGTH);
	}

	/** Keeps for later runs of the execution what this one has pushed, or may have. Not to be called when it was blocked. */
	keep(): void {
		if (this.#firstSync !== undefined) {
			this.#ofNode.firstSync = this.#firstSync;
		}
		if (this.#pushed === undefined) {
			return;
		}
		const { earlier, now } = this.#pushed.sets;
		const kept: KeptSets = { execution: this.#execution, run: this.#run, earlier, now };
		this.#ofExecution[this.#pushed.name] = kept;
	}

	/**
	 * Adds the totals of the run to those of all runs of all nodes in the execution, in place of the totals of an earlier
	 * attempt of the run.
	 * @returns the new totals
	 */
	addTotals({ health, sent, failed }: Totals): Totals {
		const { tencentCloudIot: kept } = this.#ofExecution;
		const keptTotals = kept?.execution === this.#execution ? kept : undefined;
		const before = (keptTotals?.run === this.#run ? keptTotals.before : keptTotals?.totals) ?? {
			health: 'ok',
			sent: 0,
			failed: 0,
		};
		const totals: Totals = {
			health: WORST_FIRST.find((level) => [before.health, health].includes(level)) ?? health,
			sent: before.sent + sent,
			failed: before.failed + failed,
		};
		this.#ofExecution.tencentCloudIot = { execution: this.#execution, run: this.#run, before, totals };
		return totals;
	}
}

/** The totals of several runs: the worst health, and how many customers, orders … */
interface Totals {
	health: Health;
	/** Accepted. */
	sent: number;
	/** Refused, unclear, not sent or withheld. */
	failed: number;
}

const WORST_FIRST: readonly Health[] = ['failing', 'degraded', 'ok'];

/** What the runs of one node share in an execution. */
type NodeData = IDataObject & {
	execution?: string;
	/** The last that began. */
	run?: string;
	/** What its first Sync was about, as a digest of all its customers. */
	firstSync?: { run: string; customers: string };
};

/** What the runs of all nodes share in an execution, beside `KeptSets` by the name of a credential. */
type ExecutionData = Record<string, unknown> & {
	/** The ids of nodes that ran. */
	tencentCloudIotNodes?: string[];
	tencentCloudIot?: { execution: string; run: string; before: Totals; totals: Totals };
};

/** What the attempts of one run have in common; changed in place. */
interface AttemptMemory {
	run: string;
	hasOldRows?: boolean;
	ledger?: ConstructorParameters<typeof Ledger>[0];
	known?: KnownBefore;
}

const attempts = new WeakMap<object, AttemptMemory>();

/** The sets that the runs of an execution pushed. Those of the last run stand apart: if Retry On Fail repeats it, they are replaced. */
interface KeptSets {
	execution: string;
	run: string;
	/** The devices of each customer when it was last pushed, both as digests; empty where rows of it were withheld. */
	earlier: Record<string, string>;
	/** For each set one text with the digests of customer and devices. A list, since most executions have one run: nothing is looked up. */
	now: string[];
}

type Digest = (text: string) => string;

/** 66 bits, so that neither ids of users nor large texts stand in the execution's data. */
const DIGEST_LENGTH = 11;

/** The sets of devices that a run pushes, beside what earlier runs of the execution pushed. */
class PushedSets implements Pick<KeptSets, 'earlier' | 'now'> {
	readonly earlier: Record<string, string>;
	readonly now: string[] = [];
	/** A lookup in an object costs more than a digest, and most executions have one run. */
	readonly #isFirst: boolean;
	readonly #digest: Digest;

	constructor(kept: KeptSets | undefined, run: string, digest: Digest) {
		this.#digest = digest;
		this.earlier = kept?.earlier ?? {};
		if (kept !== undefined && kept.run !== run) {
			for (const set of kept.now) {
				this.earlier[set.slice(0, DIGEST_LENGTH)] = set.slice(DIGEST_LENGTH);
			}
		}
		this.#isFirst = Object.keys(this.earlier).length === 0;
	}

	/**
	 * The digests of a customer and its devices, as one text.
	 * @param deviceIds undefined where rows of the customer are withheld in this run
	 */
	setOf(customerId: string, deviceIds: string[] | undefined): string {
		const devices = deviceIds === undefined ? '' : this.#digest(deviceIds.sort().join('\n'));
		return this.#digest(customerId) + devices;
	}

	/**
	 * Adds the devices of a customer, unless an earlier run of the execution had others. If rows of the customer were withheld, its devices
	 * are not known, and count as others than those of any other run.
	 * @param set what `setOf` gave, in this run or in an earlier one with the same rows
	 * @param mayDiffer whether to add the devices even so
	 * @returns undefined if they were added; else what the earlier run had: other devices, or withheld rows
	 */
	add(set: string, mayDiffer: boolean): 'others' | 'withheld' | undefined {
		if (!this.#isFirst) {
			const before = this.earlier[set.slice(0, DIGEST_LENGTH)];
			if (before !== undefined && before !== set.slice(DIGEST_LENGTH) && !mayDiffer) {
				return before === '' ? 'withheld' : 'others';
			}
		}
		this.now.push(set);
		return undefined;
	}
}
