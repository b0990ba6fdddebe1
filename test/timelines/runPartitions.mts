import { createProcessedData, runNode, type Build, type NodeResult } from '../../embedded/embeddedEngine.mts';
import { errorOf } from '../engine/pushRun.mts';
import { seedFor } from '../invariants/dice.mts';
import { NodeProcess } from './nodeProcess.mts';
import { GOOD_ROUND, WORKERS, type PartitionEvent, type Round } from './partitionEvents.mts';
import { TimelineClock } from './timelineClock.mts';
import { setText, type UnreliableService } from './unreliableService.mts';

const BETWEEN_ROUNDS_MS = 60_000;
const CUSTOMERS = 24;
/** Everybody is served within this many rounds after the last fault. */
const MOST_GOOD_ROUNDS = 3;
const PER_SECOND = 20;
const ACCOUNT = { appKey: 'one', path: '/a' } as const;

/** What came of timelines. */
export const newPartitionTotals = () => ({
	timelines: 0,
	rounds: 0,
	runs: 0,
	kills: 0,
	/** Executions of a partition that found another one of it under way. */
	turnedAway: 0,
	/** How often the customers were divided anew. */
	divisions: 0,
	requests: 0,
	/** Customers that a run left out since they were unchanged. */
	skipped: 0,
	/** Of them: the service had something else. */
	wrongSkips: 0,
	/** Customers whose sets at the service were others after three good rounds. */
	lostUpdates: 0,
	/** Requests of the round after them. */
	needlessRequests: 0,
});

export type PartitionTotals = ReturnType<typeof newPartitionTotals>;

/** A worker of n8n's queue mode. */
interface Worker {
	process: NodeProcess;
	/** Resolves when it dies. */
	death: Promise<undefined>;
	die: () => void;
}

/**
 * A CRM, a service and the Sync nodes between them, one for each partition of the customers, in the executions of two
 * workers. After the customers were divided anew each node sends every customer until a run of it came to its end: it does
 * not know what the other nodes have pushed meanwhile.
 */
export class PartitionsRun {
	/** All that is wrong, as sentences. */
	readonly violations: string[] = [];
	readonly #build: Build;
	readonly #service: UnreliableService;
	readonly #totals: PartitionTotals;
	readonly #clock = new TimelineClock();
	readonly #table = createProcessedData();
	readonly #versions = new Map(Array.from({ length: CUSTOMERS }, (_, index) => [`customer_${index}`, 0]));
	readonly #workers: Worker[];
	#processes = 0;
	#partitions = 2;
	/** The partitions whose nodes send every customer. */
	#dividedAnew = new Set<number>();

	constructor(build: Build, service: UnreliableService, totals: PartitionTotals) {
		this.#build = build;
		this.#service = service;
		this.#totals = totals;
		this.#workers = Array.from({ length: WORKERS }, () => this.#newWorker());
		service.reset();
		service.isAwaited = (requestId) => this.#workers.some(({ process }) => isOf(process, requestId));
	}

	/** Lets all of it happen, then heals, and looks at what is left. */
	async run(events: readonly PartitionEvent[]): Promise<void> {
		this.#totals.timelines++;
		for (const [index, event] of events.entries()) {
			if (event.kind === 'round') await this.#round(event, `event ${index}`);
			else this.#change(event);
		}
		for (let good = 1; good <= MOST_GOOD_ROUNDS && (good === 1 || this.#unserved().length > 0); good++) {
			await this.#round(GOOD_ROUND, `good round ${good}`);
		}
		for (const id of this.#unserved()) {
			this.#totals.lostUpdates++;
			this.violations.push(`lost update: after the good rounds the service has something else for ${id}`);
		}
		await this.#round(GOOD_ROUND, 'the round after them');
		this.#totals.needlessRequests += this.#service.log.length;
		if (this.#service.log.length > 0) this.violations.push('waste: the round after them sent something');
	}

	#change(event: Exclude<PartitionEvent, Round>): void {
		if (event.kind === 'divide') {
			if (event.into === this.#partitions) return;
			this.#totals.divisions++;
			this.#partitions = event.into;
			this.#dividedAnew = new Set(Array.from({ length: event.into }, (_, partition) => partition));
			return;
		}
		for (const index of event.customers) {
			if (event.kind === 'edit') this.#versions.set(`customer_${index}`, event.version);
			else if (this.#versions.size > 1) this.#versions.delete(`customer_${index}`);
		}
	}

	/** Of whom the service has something else than the CRM. */
	#unserved(): string[] {
		return [...this.#versions.keys()].filter((id) => !this.#isServed(id));
	}

	#isServed(id: string): boolean {
		return this.#service.holds(`${ACCOUNT.appKey} ${ACCOUNT.path}`, id, setText(this.#devicesOf(id)));
	}

	async #round(round: Round, name: string): Promise<void> {
		const { fates, workers, doubled } = round;
		this.#totals.rounds++;
		this.#service.log = [];
		this.#service.fateOf = ({ CustomerId, earlier }) => fates[seedFor(earlier, CustomerId) % fates.length]!;
		this.#hook(round);
		const runs = Array.from({ length: this.#partitions }, async (_, partition) => {
			return await this.#execute(this.#workers[workers[partition]!]!, partition, name);
		});
		if (doubled !== undefined && doubled.partition < this.#partitions)
			runs.push(this.#execute(this.#workers[doubled.worker]!, doubled.partition, name));
		this.#totals.runs += runs.length;
		await Promise.all(runs);
		this.#totals.requests += this.#service.log.length;
		for (const [index, { process }] of this.#workers.entries()) {
			if (!process.isDead) continue;
			this.#totals.kills++;
			this.#workers[index] = this.#newWorker();
		}
		await this.#clock.advance(BETWEEN_ROUNDS_MS);
	}

	/** Lets a worker die where it is to. */
	#hook({ kill }: Round): void {
		const counts = { request: 0, 'before statement': 0, 'after statement': 0 };
		for (const { process } of this.#workers) process.onStatement = () => {};
		this.#service.onArrival = async () => {};
		if (kill === undefined) return;
		const { process, die } = this.#workers[kill.worker]!;
		const reach = (at: keyof typeof counts): void => {
			if (++counts[at] === kill.count && at === kill.at) die();
		};
		process.onStatement = (when) => reach(`${when} statement`);
		this.#service.onArrival = async (requestId) => {
			if (isOf(process, requestId)) reach('request');
		};
	}

	/** One execution of a partition, to its end or to that of its worker. */
	async #execute({ process, death }: Worker, partition: number, name: string): Promise<void> {
		const ids = [...this.#versions.keys()].filter((id) => seedFor(0, id) % this.#partitions === partition);
		if (ids.length === 0) return;
		const result = await Promise.race([this.#sync(process, partition, ids), death]);
		if (result === undefined) return;
		const codes = result.error.map((item) => errorOf(item)?.code);
		const isTurnedAway = codes.includes('ALREADY_RUNNING');
		if (isTurnedAway) this.#totals.turnedAway++;
		else this.#dividedAnew.delete(partition);
		const left = result.success.filter(({ json }) => json.Status === 'UNCHANGED');
		for (const id of new Set(left.map(({ json }) => String(json.CustomerId)))) {
			this.#totals.skipped++;
			if (this.#isServed(id)) continue;
			this.#totals.wrongSkips++;
			this.violations.push(
				`wrong skip: ${name}, partition ${partition} of ${this.#partitions} leaves out ${id}`,
			);
		}
	}

	async #sync(
		{ nodeType, credentialType }: NodeProcess,
		partition: number,
		ids: readonly string[],
	): Promise<NodeResult> {
		const { appKey, path } = ACCOUNT;
		const send = this.#dividedAnew.has(partition) ? 'every' : 'changed';
		return await runNode({
			isOverlapping: true,
			mode: 'trigger',
			nodeType,
			credentialType,
			nodeId: `sync-${partition}`,
			rows: ids.flatMap((id) => this.#devicesOf(id).map((device) => ({ CustomerId: id, ...device }))),
			parameters: {
				operation: 'sync',
				columns: { mappingMode: 'autoMapInputData', value: null },
				options: {
					requestsPerSecond: PER_SECOND / this.#partitions,
					maxAttempts: 2,
					send,
					outputItemPer: 'row',
				},
				safetyChecks: { stopAbove: 100, stopWhenDevicesDrop: 100 },
			},
			credentials: {
				appKey,
				appSecret: 'secret',
				platform: 'custom',
				endpoint: this.#service.origin + path,
				nestedRule: 'json',
			},
			processedData: this.#table,
			onError: 'continueErrorOutput',
		});
	}

	#devicesOf(id: string): Array<Record<'CustomerDeviceNo' | 'DeviceId' | 'ProductName', string>> {
		return [0, 1].map((device) => ({
			CustomerDeviceNo: `SN-${device}`,
			DeviceId: `P/${id}-${this.#versions.get(id)}-${device}`,
			ProductName: 'Smart Lock',
		}));
	}

	#newWorker(): Worker {
		const process = new NodeProcess(this.#build, this.#clock);
		process.requestIdPrefix = `worker${++this.#processes}-`;
		let tellDeath = (_: undefined): void => {};
		const death = new Promise<undefined>((resolve) => (tellDeath = resolve));
		const die = (): void => {
			process.isDead = true;
			tellDeath(undefined);
		};
		return { process, death, die };
	}
}

/** Whether a living process has sent a request. */
function isOf({ isDead, requestIdPrefix }: NodeProcess, requestId: string): boolean {
	return !isDead && requestId.startsWith(requestIdPrefix);
}
