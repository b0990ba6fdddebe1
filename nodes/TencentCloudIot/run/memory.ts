import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Execution } from '../host/execution';
import { accountKey, digestOfText } from '../service/signing/signature';
import type { EarlierReports, LastReport, UnstoredReport } from '../sync/lastReport';
import type { Credential } from './connection';
import { Ledger } from './ledger';

/**
 * What a run knows of the earlier runs of its execution, and of the earlier attempts of itself. The run opens its memory once, when it begins.
 * At its end it writes once what later runs have to know (`keepForLaterRuns`). A blocked run has pushed nothing, so it writes nothing.
 *
 * The memory is kept in two places:
 * - What runs of one execution share is in the execution's own data, as plain JSON. It lasts through loops, waits and n8n's Retry On
 *   Fail, and n8n saves it. So it has only keyed digests and numbers, which n8n's redaction does not change.
 * - What the attempts of one run share stays in the process, and may name customers.
 *
 * n8n's own Retry of a failed execution copies the execution's data into a new execution. There the copied data does not count, since somebody
 * may have corrected the workflow or the rows in between. If an agent itself calls the node as a tool, there is no data of an execution: only
 * the attempts of one call share something. They are recognized by the object that has the call's arguments.
 */
export class RunMemory {
	/** Whether the node ran before in this execution, but no data shows what it pushed. */
	readonly hasLostEarlierRuns: boolean;
	/** Whether n8n's Retry has resumed a failed execution at this run of the node. Then the rows are those that the failed execution read. */
	readonly hasRowsOfFailedExecution: boolean;
	/** Whether an agent itself calls the node, outside of the engine's runs: there is no data of an execution then. */
	readonly isToolCall: boolean;
	readonly #executionId: string;
	/** Identifies the run among the runs of all nodes of the execution. Each round of a loop is a run; an attempt by Retry On Fail is not. */
	readonly #runKey: string;
	readonly #attemptMemory: AttemptMemory;
	/** n8n's data of the node in this execution; changed in place. */
	readonly #nodeData: NodeData;
	/** n8n's data of the whole execution; changed in place. */
	readonly #executionData: ExecutionData;
	readonly #credential: Credential;
	#digestKey: Promise<string | undefined> | undefined;
	/** What `keepForLaterRuns` writes to the node's data; undefined unless this run is the node's first Sync in the execution. */
	#firstSync: NodeData['firstSync'];
	/** The sets that `keepForLaterRuns` writes to the execution's data, and the member of that data to which it writes them; undefined before `openPushedSets`. */
	#pushedSets: { memberName: string; sets: PushedSets } | undefined;

	/** @param items the run's input */
	constructor(
		context: Pick<IExecuteFunctions, 'getContext'>,
		{ execution, credential }: { execution: Execution; credential: Credential },
		[item]: readonly INodeExecutionData[],
	) {
		const { runIndex, isToolCall } = execution;
		const { id } = execution.node;
		this.isToolCall = isToolCall;
		this.#credential = credential;
		this.#executionId = execution.id;
		this.#runKey = isToolCall ? '' : `${id} ${runIndex}`;
		this.#nodeData = isToolCall ? {} : context.getContext('node');
		this.#executionData = isToolCall ? {} : context.getContext('flow');
		const { execution: lastExecutionId = this.#executionId, run: lastRunKey = this.#runKey } = this.#nodeData;
		const isNodeDataCopied = lastExecutionId !== this.#executionId;
		if (isNodeDataCopied) {
			this.#dropNodeData();
		}
		Object.assign(this.#nodeData, { execution: this.#executionId, run: this.#runKey });
		this.#attemptMemory = openAttemptMemory(isToolCall ? (item?.json ?? {}) : this.#nodeData, this.#runKey);
		// Only the first attempt sees what n8n's Retry has copied. If the copy names this run, n8n has resumed the failed execution here.
		this.#attemptMemory.hasRowsOfFailedExecution ??= isNodeDataCopied && lastRunKey === this.#runKey;
		this.hasRowsOfFailedExecution = this.#attemptMemory.hasRowsOfFailedExecution;
		const isLaterRun = !isToolCall && runIndex > 0;
		const hasNodeRunBefore = this.#noteNode(id);
		this.hasLostEarlierRuns = isLaterRun && !hasNodeRunBefore;
	}

	/** Drops what n8n's Retry has copied from the failed execution into the node's data, and what its attempts shared in this process. */
	#dropNodeData(): void {
		for (const name of Object.keys(this.#nodeData)) {
			delete this.#nodeData[name];
		}
		attemptMemories.delete(this.#nodeData);
	}

	/**
	 * Adds the node to the list of those that have run in this execution. If a later run does not find its node there, the data of the earlier
	 * runs is lost: n8n's Engine 2.0 gives each round of a loop empty data. After n8n's own Retry nothing counts as lost, because the list is
	 * copied from the failed execution.
	 * @returns whether the node was in the list already
	 */
	#noteNode(nodeId: string): boolean {
		this.#executionData.tencentCloudIotNodes ??= [];
		const nodeIds = this.#executionData.tencentCloudIotNodes;
		const hasNodeRunBefore = nodeIds.includes(nodeId);
		if (!hasNodeRunBefore) {
			nodeIds.push(nodeId);
		}
		return hasNodeRunBefore;
	}

	/**
	 * Opens the ledger of the requests of this run and its earlier attempts. To be called once: a second call would take the run for a retry.
	 * @param isIdempotent whether a call may be sent again when its response was lost
	 */
	openLedger(isIdempotent: boolean): Ledger {
		const isFirstAttempt = this.#attemptMemory.ledger === undefined;
		this.#attemptMemory.ledger ??= { settledCalls: new Map(), unclearCallKeys: new Set() };
		return new Ledger(this.#attemptMemory.ledger, isFirstAttempt, isIdempotent);
	}

	/**
	 * Gives what people knew of the Sync before the run. All attempts get what the first one read from the state: Retry On Fail discards the error
	 * of an attempt, so nobody has seen what that attempt reported.
	 * @param reportsReadNow what this attempt read from the state
	 * @param isStateRead whether this attempt could read the state; if not, it leaves that to a later attempt
	 */
	knownToPeople(reportsReadNow: EarlierReports, isStateRead: boolean): EarlierReports {
		const { reportsReadFirst } = this.#attemptMemory;
		if (reportsReadFirst !== undefined) {
			return reportsReadFirst;
		}
		if (isStateRead) {
			this.#attemptMemory.reportsReadFirst = reportsReadNow;
		}
		return reportsReadNow;
	}

	/**
	 * Gives the report that only this process had before the first attempt: nobody has seen what an attempt reported that n8n has retried.
	 * @param unstoredNow the report that only this process has now
	 */
	unstoredBeforeRun(unstoredNow: UnstoredReport | undefined): UnstoredReport | undefined {
		this.#attemptMemory.unstoredFirst ??= { report: unstoredNow };
		return this.#attemptMemory.unstoredFirst.report;
	}

	/**
	 * Whether an earlier run of the node in this execution synced other customers than this run does. If there is no earlier run, the customers
	 * of this run are noted for later runs.
	 * @param customerIds the CustomerIds of all customers of this run; undefined for rows that name no customer
	 */
	async syncedOtherCustomers(customerIds: Iterable<string | undefined>): Promise<boolean> {
		const makeDigest = await this.#digestMaker();
		if (makeDigest === undefined) {
			return false;
		}
		const customers = makeDigest(JSON.stringify([...new Set(customerIds)].sort()));
		const { firstSync } = this.#nodeData;
		if (firstSync !== undefined && firstSync.run !== this.#runKey) {
			return firstSync.customers !== customers;
		}
		this.#firstSync = { run: this.#runKey, customers };
		return false;
	}

	/**
	 * The full sets that runs of all nodes with the same credential have pushed in this execution; for a Dry Run, the sets that earlier Dry Runs
	 * would have pushed. To be called once: `keepForLaterRuns` writes only the sets of the last call.
	 */
	async openPushedSets(isDryRun: boolean): Promise<PushedSets> {
		const makeDigest = await this.#digestMaker();
		if (makeDigest === undefined) {
			return new PushedSets(undefined, this.#runKey, String);
		}
		const memberName = `tencentCloudIotSets ${this.#credential.id}${isDryRun ? ' dry' : ''}`;
		const storedSets = this.#executionData[memberName] as StoredPushedSets | undefined;
		const sets = new PushedSets(
			storedSets?.execution === this.#executionId ? storedSets : undefined,
			this.#runKey,
			makeDigest,
		);
		this.#pushedSets = { memberName, sets };
		return sets;
	}

	/** Gives the function that makes the digests for n8n's data; undefined without a usable credential: then nothing is kept. */
	async #digestMaker(): Promise<MakeDigest | undefined> {
		this.#digestKey ??= this.#credential.connection().then(accountKey, () => undefined);
		const key = await this.#digestKey;
		return key === undefined ? undefined : (text) => digestOfText(`${key} ${text}`, DIGEST_LENGTH);
	}

	/** Keeps for later runs of the execution what this run has pushed or may have pushed. Not to be called for a blocked run. */
	keepForLaterRuns(): void {
		if (this.#firstSync !== undefined) {
			this.#nodeData.firstSync = this.#firstSync;
		}
		if (this.#pushedSets === undefined) {
			return;
		}
		const { earlier, now } = this.#pushedSets.sets;
		const storedSets: StoredPushedSets = { execution: this.#executionId, run: this.#runKey, earlier, now };
		this.#executionData[this.#pushedSets.memberName] = storedSets;
	}

	/**
	 * Adds the totals of the run to the totals of the execution, which are of all runs of all nodes. If an earlier attempt of the run has
	 * added its totals, the new ones replace them.
	 * @returns the new totals
	 */
	addTotals({ health, sent, failed }: Totals): Totals {
		const { tencentCloudIot: keptData } = this.#executionData;
		const keptTotals = keptData?.execution === this.#executionId ? keptData : undefined;
		const hasAddedBefore = keptTotals?.run === this.#runKey;
		const before = (hasAddedBefore ? keptTotals.before : keptTotals?.totals) ?? NO_TOTALS;
		const totals: Totals = {
			health: HEALTHS_WORST_FIRST.find((level) => [before.health, health].includes(level)) ?? health,
			sent: before.sent + sent,
			failed: before.failed + failed,
		};
		this.#executionData.tencentCloudIot = { execution: this.#executionId, run: this.#runKey, before, totals };
		return totals;
	}
}

/** The totals of several runs. */
interface Totals {
	/** The worst health among the runs. */
	health: LastReport['health'];
	/** How many customers, orders … Tencent accepted. */
	sent: number;
	/** How many customers, orders … were refused, unclear, not sent or withheld. */
	failed: number;
}

const NO_TOTALS: Totals = { health: 'ok', sent: 0, failed: 0 };

const HEALTHS_WORST_FIRST: ReadonlyArray<Totals['health']> = ['failing', 'degraded', 'ok'];

/** What the runs of one node share in an execution. */
type NodeData = IDataObject & {
	/** The id of the execution whose run wrote this object last. n8n's own Retry copies the object: then the id is that of the failed execution. */
	execution?: string;
	/** The key of the node's run that began last. */
	run?: string;
	/** The first Sync of the node: its run, and a digest of all its customers. */
	firstSync?: { run: string; customers: string };
};

/** What the runs of all nodes share in an execution. Further members are the `StoredPushedSets` of each credential. */
type ExecutionData = Record<string, unknown> & {
	/** The ids of the nodes of this package that have run in the execution: a run whose node is missing here has lost its data. */
	tencentCloudIotNodes?: string[];
	/**
	 * The totals of all runs (`totals`). `execution` and `run` name the run that added its totals last, and `before` has the totals without
	 * that run: a further attempt of that run starts from `before`.
	 */
	tencentCloudIot?: { execution: string; run: string; before: Totals; totals: Totals };
};

/** What the attempts of one run share; changed in place. */
interface AttemptMemory {
	/** Node and run index of the run; '' for a tool call. By a new key the memory notices that a new run has begun. */
	runKey: string;
	/** The value of `RunMemory.hasRowsOfFailedExecution`. Only the first attempt can tell: it replaces the node data that n8n's Retry has copied from the failed execution. */
	hasRowsOfFailedExecution?: boolean;
	/** The settled calls, once an attempt has opened the ledger: then a further attempt is a retry. */
	ledger?: ConstructorParameters<typeof Ledger>[0];
	/** What the first attempt that could read the sync state read there about earlier reports. */
	reportsReadFirst?: EarlierReports;
	/** The report that only this process had when the first attempt began; `report` is undefined if there was none. */
	unstoredFirst?: { report: UnstoredReport | undefined };
}

/** The memory of the attempts of each run: by n8n's data of the node, or for the tool call of an agent by the object with its arguments. */
const attemptMemories = new WeakMap<object, AttemptMemory>();

/**
 * Gives the memory that all attempts of a run share: the first one, and those of Retry On Fail. The first attempt of another run gets an empty
 * memory, which replaces the old one.
 * @param attemptsKey the object by which all attempts of the run find their memory: see `attemptMemories`
 */
function openAttemptMemory(attemptsKey: object, runKey: string): AttemptMemory {
	const lastMemory = attemptMemories.get(attemptsKey);
	const attemptMemory = lastMemory?.runKey === runKey ? lastMemory : { runKey };
	attemptMemories.set(attemptsKey, attemptMemory);
	return attemptMemory;
}

/** The form in which n8n's data of the execution has the full sets (a customer with all its devices) that its runs have pushed. */
interface StoredPushedSets {
	/** n8n's id of the execution that stored the sets: a copied execution has the sets of another one. */
	execution: string;
	/** The key of the run that stored the sets. */
	run: string;
	/** The sets of all runs but the last one: by the digest of a customer, the digest of its devices, or '' if the customer had withheld rows. */
	earlier: Record<string, string>;
	/**
	 * The sets of the run that stored them: for each customer a text that `fullSetDigestsOf` made. They are not in `earlier`, because a further
	 * attempt of the same run replaces them. They are a list, not a map: nothing is looked up in them until the execution has another run.
	 */
	now: string[];
}

/** Makes the digest that stands for a text, such as CustomerIds or a full set, in the execution's data. */
type MakeDigest = (text: string) => string;

/** The length of a digest, characters of 6 bits. Digests keep customers' ids and large texts out of the execution's data. */
const DIGEST_LENGTH = 11;

/** Compares the full sets that a run pushes with those that earlier runs of the execution pushed, and collects them. */
class PushedSets implements Pick<StoredPushedSets, 'earlier' | 'now'> {
	readonly earlier: Record<string, string>;
	readonly now: string[] = [];
	/** Whether no earlier run pushed anything: then nothing is looked up, since a lookup costs more than a digest. */
	readonly #isFirstRun: boolean;
	readonly #makeDigest: MakeDigest;

	constructor(storedSets: StoredPushedSets | undefined, runKey: string, makeDigest: MakeDigest) {
		this.#makeDigest = makeDigest;
		this.earlier = storedSets?.earlier ?? {};
		if (storedSets !== undefined && storedSets.run !== runKey) {
			for (const fullSetDigests of storedSets.now) {
				this.earlier[fullSetDigests.slice(0, DIGEST_LENGTH)] = fullSetDigests.slice(DIGEST_LENGTH);
			}
		}
		this.#isFirstRun = Object.keys(this.earlier).length === 0;
	}

	/**
	 * Makes one text: the digest of a customer, followed by the digest of its devices.
	 * @param deviceIds undefined if rows of the customer are withheld: then not all devices are known, and the text ends after the customer
	 */
	fullSetDigestsOf(customerId: string, deviceIds: string[] | undefined): string {
		const devicesDigest = deviceIds === undefined ? '' : this.#makeDigest(deviceIds.sort().join('\n'));
		return this.#makeDigest(customerId) + devicesDigest;
	}

	/**
	 * Adds the full set of a customer, unless an earlier run of the execution pushed other devices for this customer. If rows of the customer were
	 * withheld in either run, its devices are not all known, and the sets count as different.
	 * @param fullSetDigests what `fullSetDigestsOf` gave, in this run or in an earlier one with the same rows
	 * @param mayDiffer whether to add the set even if the sets differ
	 * @returns undefined if the set was added; else what the earlier run had of the customer: other devices, or withheld rows
	 */
	addFullSet(fullSetDigests: string, mayDiffer: boolean): 'otherDevices' | 'withheld' | undefined {
		const devicesDigestInEarlierRun = this.#isFirstRun
			? undefined
			: this.earlier[fullSetDigests.slice(0, DIGEST_LENGTH)];
		const devicesDigestNow = fullSetDigests.slice(DIGEST_LENGTH);
		const isOtherSet =
			devicesDigestInEarlierRun !== undefined && devicesDigestInEarlierRun !== devicesDigestNow;
		if (isOtherSet && !mayDiffer) {
			return devicesDigestInEarlierRun === '' ? 'withheld' : 'otherDevices';
		}
		this.now.push(fullSetDigests);
		return undefined;
	}
}
