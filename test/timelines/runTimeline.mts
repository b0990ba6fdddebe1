import {
	createProcessedData,
	runNode,
	type Build,
	type NodeOptions,
	type NodeResult,
} from '../../embedded/embeddedEngine.mts';
import { errorOf } from '../engine/pushRun.mts';
import { seedFor } from '../invariants/dice.mts';
import { reportOf, reportViolations } from '../invariants/reportViolations.mts';
import type { reportRun } from '../../nodes/TencentCloudIot/run/report/runReport.ts';
import { ACCOUNTS, FAULTLESS_RUN, type Event, type RunEvent, type Timeline } from './events.mts';
import { ExpectedMemory, type Planned } from './expectedMemory.mts';
import { confirmAllNews } from '../support/confirmedNews.mts';
import { ExpectedReports } from './expectedReports.mts';
import { NodeProcess } from './nodeProcess.mts';
import { TimelineClock } from './timelineClock.mts';
import { setText, type UnreliableService } from './unreliableService.mts';

type RunReport = ReturnType<typeof reportRun>;

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;
const LATER_MS = 15 * SECOND_MS;
/** All customers must be right within this many runs after the last fault. */
const MOST_GOOD_RUNS = 3;

/** The reasons why a run sends nothing at all, as its failure says them. */
const STOPPED = /Another run of this node|new or changed|are missing|was cancelled/;

/** The totals of timelines. */
export const newTotals = () => ({
	timelines: 0,
	/** Timelines whose service adds pushed devices instead of replacing the set. */
	adding: 0,
	runs: 0,
	kills: 0,
	cancels: 0,
	stalls: 0,
	overlaps: 0,
	retriedRuns: 0,
	dryRuns: 0,
	safetyStops: 0,
	postponed: 0,
	renamed: 0,
	otherAccounts: 0,
	otherMappings: 0,
	requests: 0,
	throttled: 0,
	/** Requests for customers whose re-push was due. */
	due: 0,
	/** Customers that a run skipped as unchanged. */
	skipped: 0,
	/** Skipped customers whose devices at the service differed. */
	wrongSkips: 0,
	/** Customers whose devices at the service differed after three runs without faults. */
	lostUpdates: 0,
	/** How many of these faultless runs were needed in total. */
	goodRuns: 0,
	/** Reports that had news. */
	alarms: 0,
	/** Reports with missing or unnecessary news. */
	wrongAlarms: 0,
	/** Requests for customers that the node had to know as unchanged. */
	needlessRequests: 0,
});

export type Totals = ReturnType<typeof newTotals>;

type Row = {
	CustomerId: string;
	CustomerDeviceNo: string;
	DeviceId: string;
	ProductName: string;
	Model: string;
};

/** A CRM, a service and a node between them, from the first run to the last. */
export class TimelineRun {
	/** Everything that is wrong, as sentences. */
	readonly violations: string[] = [];
	readonly #build: Build;
	readonly #service: UnreliableService;
	readonly #totals: Totals;
	readonly #clock = new TimelineClock();
	readonly #table = createProcessedData();
	readonly #memory = new ExpectedMemory();
	readonly #reports = new ExpectedReports();
	readonly #versions: Map<string, number>;
	readonly #ids: string[];
	#process: NodeProcess;
	/** The prefixes of the request ids of all runs that are under way. */
	readonly #underWay = new Set<string>();
	#runs = 0;
	#last: Pick<RunEvent, 'account' | 'mapping'> = FAULTLESS_RUN;

	constructor(build: Build, service: UnreliableService, size: number, totals: Totals) {
		this.#build = build;
		this.#service = service;
		this.#totals = totals;
		this.#process = new NodeProcess(build, this.#clock);
		this.#ids = Array.from({ length: size }, (_, index) => `customer_${index}`);
		this.#versions = new Map(this.#ids.map((id) => [id, 0]));
		service.reset();
		service.isAwaited = (requestId) => this.#underWay.has(prefixOf(requestId));
	}

	/** Plays all events, then runs without faults until all customers are right, and checks the result. */
	async run({ events, isReported, adds }: Timeline): Promise<void> {
		this.#totals.timelines++;
		this.#totals.adding += Number(adds);
		this.#service.adds = adds;
		const withReport = { outputItemPer: 'run', onError: 'continueErrorOutput' } as const;
		for (const [index, event] of events.entries()) {
			const playedEvent = event.kind === 'run' && isReported ? { ...event, ...withReport } : event;
			await this.#happen(playedEvent, `event ${index}`);
		}
		const faultlessRun = { ...FAULTLESS_RUN, ...this.#last };
		for (
			let run = 1;
			run <= MOST_GOOD_RUNS && (run === 1 || this.#unserved(faultlessRun).length > 0);
			run++
		) {
			this.#totals.goodRuns++;
			await this.#happen(faultlessRun, `good run ${run}`);
		}
		for (const id of this.#unserved(faultlessRun)) {
			this.#totals.lostUpdates++;
			this.violations.push(
				`lost update: after ${MOST_GOOD_RUNS} good runs the service has other devices for ${id}`,
			);
		}
		await this.#happen(faultlessRun, 'the run after the good runs');
		if (this.#service.log.length > 0) {
			this.violations.push('waste: the run after the good runs sent something');
		}
	}

	/** The customers whose devices at the service differ from the rows. */
	#unserved(event: RunEvent): string[] {
		return [...this.#setsOf(this.#rowsOf(event), event)].flatMap(([id, set]) =>
			this.#service.holds(accountOf(event), id, set) ? [] : id,
		);
	}

	async #happen(event: Event, name: string): Promise<void> {
		if (event.kind === 'run') {
			await this.#runNode(event, name);
		} else if (event.kind === 'days') {
			this.#clock.startMs += event.days * DAY_MS;
		} else if (event.kind === 'edit all') {
			for (const id of this.#ids) {
				this.#versions.set(id, event.version);
			}
		} else if (event.kind === 'edit') {
			this.#edit(event.customers, event.version);
		} else {
			for (const index of event.customers) {
				this.#versions.delete(this.#idAt(index));
			}
		}
		if (this.#versions.size === 0) {
			this.#versions.set(this.#ids[0]!, 0);
		}
	}

	#edit(customers: readonly number[], version: number): void {
		for (const index of customers) {
			this.#versions.set(this.#idAt(index), version);
		}
	}

	#idAt(index: number): string {
		return this.#ids[index % this.#ids.length]!;
	}

	async #runNode(event: RunEvent, name: string): Promise<void> {
		const { account, mapping, other } = event;
		this.#last = { account, mapping };
		this.#service.log = [];
		const planned = this.#planned(event);
		const process = this.#process;
		const cancel = new AbortController();
		const overlappingRuns: Array<Promise<void>> = [];
		const hooks = this.#hooks(event, process, cancel, () => {
			if (other !== undefined && !event.dryRun) {
				overlappingRuns.push(this.#runOther(event, name));
			}
			return overlappingRuns[0] ?? Promise.resolve();
		});
		const isTogether = other?.where === 'same moment' && !event.dryRun;
		this.#begin(process);
		const first = this.#execute(process, event, { signal: cancel.signal, rows: this.#rowsOf(event) });
		if (isTogether) {
			overlappingRuns.push(this.#runOther(event, name));
		}
		const result = await Promise.race([first, hooks.death]);
		await hooks.stalled();
		await Promise.all(overlappingRuns);
		this.#underWay.clear();
		process.onStatement = () => {};
		process.onSleep = () => {};
		this.#service.onArrival = async () => {};
		// Every message is confirmed.
		confirmAllNews(this.#table);
		this.#count(event, result, overlappingRuns.length);
		const log = this.#service.log;
		const isStalled = event.cut?.by === 'stall';
		const isUncountable = cancel.signal.aborted || isTogether || isStalled;
		this.#judgeRequests(event, planned, isTogether || isStalled, name);
		if (result !== undefined && !isUncountable) {
			this.#judgeReport(event, planned, result, name);
		}
		// A run that sends has stored what was reported before it, or what an earlier attempt reported to nobody.
		const isSending = result === undefined && event.cut?.at === 'request' && !event.isRetried;
		if (isSending && !isTogether) {
			this.#reports.endProcess();
		} else if (result === undefined || isTogether || isStalled) {
			this.#reports.forget();
		} else if (event.dryRun) {
			this.#reports.forgetReported();
		} else {
			this.#judgeNews(planned, result, cancel.signal.aborted, name);
		}
		if (event.dryRun && log.length > 0) {
			this.violations.push(`${name}: a Dry Run sent something`);
		}
		if (result === undefined) {
			this.#process = new NodeProcess(this.#build, this.#clock);
		}
		// The next run starts some time later. At once it would stop, because this run seems to be waiting or starting.
		if (result === undefined || isUncountable) {
			this.#clock.startMs += LATER_MS;
		}
		if (result === undefined || isTogether || isStalled) {
			this.#memory.isDoubted = true;
		}
		if (result === undefined || isTogether || isStalled || event.dryRun) {
			return;
		}
		if (this.#isStopped(event, result, cancel.signal.aborted)) {
			return;
		}
		if (!isUncountable) {
			this.#judgeSkips(planned, result, event, name);
		}
		this.#memory.end({
			...planned,
			log,
			isCancelled: cancel.signal.aborted,
			sendsAll: event.send === 'every',
		});
	}

	/** From now on the requests of a process belong to a new run. */
	#begin(process: NodeProcess): void {
		this.#runs++;
		process.requestIdPrefix = `run${this.#runs}-`;
		this.#underWay.add(process.requestIdPrefix);
	}

	#planned(event: RunEvent): Planned {
		return {
			account: accountOf(event),
			sets: this.#setsOf(this.#rowsOf(event), event),
			nowMs: this.#clock.nowMs,
			pushAgainAfter: event.pushAgainAfter,
		};
	}

	/** Cuts the run short as planned, and starts the other run. */
	#hooks(
		event: RunEvent,
		process: NodeProcess,
		cancel: AbortController,
		startOther: () => Promise<void>,
	): { death: Promise<undefined>; stalled: () => Promise<void> } {
		const { cut, other, fates, isShort } = event;
		const counts = { request: 0, 'before statement': 0, 'after statement': 0, sleep: 0 };
		let resolveDeath = (_: undefined) => {};
		const death = new Promise<undefined>((resolve) => {
			resolveDeath = resolve;
		});
		let isOtherRunning = false;
		let stalled = Promise.resolve();
		const reach = (at: keyof typeof counts): Promise<void> | void => {
			// Steps of the other run do not count for this one.
			if (isOtherRunning) {
				return;
			}
			counts[at]++;
			if (cut === undefined || cut.at !== at || cut.count !== counts[at]) {
				return;
			}
			if (cut.by === 'cancel') {
				return cancel.abort();
			}
			if (cut.by === 'stall') {
				stalled = this.#stall(event, cut);
				return stalled;
			}
			process.isDead = true;
			this.#underWay.delete(process.requestIdPrefix);
			resolveDeath(undefined);
		};
		process.onStatement = (when) => reach(`${when} statement`);
		process.onSleep = () => void reach('sleep');
		this.#service.fateOf = ({ CustomerId, earlier }) => fates[seedFor(earlier, CustomerId) % fates.length]!;
		let hasOtherStarted = false;
		this.#service.onArrival = async (requestId) => {
			if (isShort) {
				await this.#clock.advance(SECOND_MS);
			}
			// If the process has died in the meantime, no other run starts any more.
			if (process.isDead || prefixOf(requestId) !== process.requestIdPrefix) {
				return;
			}
			if (
				other !== undefined &&
				other.where !== 'same moment' &&
				counts.request + 1 === other.count &&
				// A cancelled run may have ended before all of its requests arrive.
				!cancel.signal.aborted &&
				!hasOtherStarted
			) {
				hasOtherStarted = true;
				isOtherRunning = true;
				await startOther();
				isOtherRunning = false;
			}
			void reach('request');
		};
		return { death, stalled: async () => await stalled };
	}

	/** Lets the time of a stalled statement pass, with the runs that start and end in it, each in its own process. */
	async #stall(
		event: RunEvent,
		{ seconds, meanwhile }: Extract<RunEvent['cut'], { by: 'stall' }>,
	): Promise<void> {
		this.#totals.stalls++;
		const partMs = (seconds * SECOND_MS) / (meanwhile.length + 1);
		await this.#clock.advance(partMs);
		for (const { customers, version } of meanwhile) {
			this.#edit(customers, version);
			const process = new NodeProcess(this.#build, this.#clock);
			this.#begin(process);
			const settings = {
				...event,
				isRetried: false,
				onError: 'continueErrorOutput',
				cut: undefined,
			} as const;
			await this.#execute(process, settings, { rows: this.#rowsOf(event) });
			await this.#clock.advance(partMs);
		}
	}

	/** Another run of the node, with newer rows; it must not send anything. */
	async #runOther(event: RunEvent, name: string): Promise<void> {
		const { where, customers, version } = event.other!;
		this.#edit(customers, version);
		const process = where === 'same process' ? this.#process : new NodeProcess(this.#build, this.#clock);
		if (process !== this.#process) {
			this.#begin(process);
		}
		const settings = { ...event, isRetried: false, onError: 'continueErrorOutput', cut: undefined } as const;
		const result = await this.#execute(process, settings, { rows: this.#rowsOf(event) });
		if (where === 'same moment') {
			return;
		}
		const codes = result.error.map((item) => errorOf(item)?.code);
		const ownRequests =
			process === this.#process
				? []
				: this.#service.log.filter(({ RequestId }) => prefixOf(RequestId) === process.requestIdPrefix);
		if (ownRequests.length > 0 || codes[0] !== 'ALREADY_RUNNING') {
			this.violations.push(`${name}: a second run continued while the first was active: ${codes.join()}`);
		}
	}

	async #execute(
		{ nodeType, credentialType }: NodeProcess,
		event: RunEvent,
		{ rows, signal }: { rows: Row[]; signal?: AbortSignal },
	): Promise<NodeResult> {
		const { maxAttempts, concurrency, send, dryRun, stopAbove, pushAgainAfter, outputItemPer } = event;
		const { appKey, path } = ACCOUNTS[event.account]!;
		const column = (name: keyof Row) => `={{ $json.${name} }}`;
		const run: NodeOptions = {
			isOverlapping: true,
			mode: 'trigger',
			nodeType,
			credentialType,
			nodeName: event.nodeName,
			rows,
			parameters: {
				operation: 'sync',
				columns: {
					mappingMode: 'defineBelow',
					value: {
						CustomerId: column('CustomerId'),
						CustomerDeviceNo: column('CustomerDeviceNo'),
						DeviceId: column('DeviceId'),
						ProductName: column(event.mapping),
					},
				},
				options: {
					requestsPerSecond: 0,
					concurrency,
					maxAttempts,
					send,
					dryRun,
					pushAgainAfter,
					outputItemPer,
					longestRun: event.isShort ? 3 / 60 : 0,
				},
				safetyChecks: { stopAbove, stopWhenDevicesDrop: stopAbove === 100 ? 100 : 3 },
			},
			credentials: {
				appKey,
				appSecret: 'secret',
				platform: 'custom',
				endpoint: this.#service.origin + path,
				nestedRule: 'json',
			},
			processedData: this.#table,
			onError: event.onError,
		};
		if (signal !== undefined) {
			run.signal = signal;
		}
		if (event.isRetried) {
			run.retryOnFail = { maxTries: 2, waitBetweenTries: 1 };
		}
		return await runNode(run);
	}

	#rowsOf({ isReversed }: Pick<RunEvent, 'isReversed'>): Row[] {
		const rows = [...this.#versions].flatMap(([CustomerId, version]) =>
			[0, 1].map((device) => ({
				CustomerId,
				CustomerDeviceNo: `SN-${device}`,
				DeviceId: `P/${CustomerId}-${version}-${device}`,
				ProductName: 'Smart Lock',
				Model: 'SL-1',
			})),
		);
		return isReversed ? rows.reverse() : rows;
	}

	#setsOf(rows: readonly Row[], { mapping }: Pick<RunEvent, 'mapping'>): Map<string, string> {
		const sets = new Map<string, object[]>();
		for (const { CustomerId, CustomerDeviceNo, DeviceId, ...row } of rows) {
			const device = { CustomerDeviceNo, DeviceId, ProductName: row[mapping] };
			const devices = sets.get(CustomerId) ?? [];
			devices.push(device);
			sets.set(CustomerId, devices);
		}
		return new Map([...sets].map(([id, devices]) => [id, setText(devices)]));
	}

	#count(event: RunEvent, result: NodeResult | undefined, overlaps: number): void {
		const totals = this.#totals;
		const { log } = this.#service;
		totals.runs += 1 + overlaps;
		totals.overlaps += overlaps;
		totals.requests += log.length;
		totals.throttled += log.filter(({ fate }) => fate === 'throttled').length;
		if (result === undefined) {
			totals.kills++;
		}
		if (result?.status === 'canceled') {
			totals.cancels++;
		}
		if (event.dryRun) {
			totals.dryRuns++;
		}
		if (event.nodeName !== FAULTLESS_RUN.nodeName) {
			totals.renamed++;
		}
		if (event.account !== FAULTLESS_RUN.account) {
			totals.otherAccounts++;
		}
		if (event.mapping !== FAULTLESS_RUN.mapping) {
			totals.otherMappings++;
		}
		if (event.isRetried && event.onError === 'stopWorkflow') {
			totals.retriedRuns++;
		}
		if (result !== undefined && /'Stop (Above|When Devices Drop) \(%/.test(failuresOf(result))) {
			totals.safetyStops++;
		}
		if (result !== undefined && /left for the next run/.test(bannerOf(result))) {
			totals.postponed++;
		}
	}

	/** No waste: no customer is sent that the node must know as unchanged, nor more often than the attempts allow, nor after an OK. */
	#judgeRequests(event: RunEvent, planned: Planned, isTogether: boolean, name: string): void {
		const most = event.maxAttempts * (event.isRetried ? 2 : 1) * (isTogether ? 2 : 1);
		const accepted = new Set<string>();
		for (const { CustomerId, fate, earlier } of this.#service.log) {
			const isKnown = event.send === 'changed' && this.#memory.isUnchanged(CustomerId, planned);
			const isAgain = !isTogether && (accepted.has(CustomerId) || earlier >= most);
			if (fate === 'ok') {
				accepted.add(CustomerId);
			}
			if (this.#memory.mayBeDueOnly(CustomerId, planned)) {
				this.#totals.due++;
			}
			if ((!isKnown || isTogether) && !isAgain) {
				continue;
			}
			this.#totals.needlessRequests++;
			this.violations.push(
				`waste: ${name} sends ${CustomerId} ${isAgain ? 'once more' : 'although unchanged'}`,
			);
		}
	}

	#judgeReport(event: RunEvent, planned: Planned, result: NodeResult, name: string): void {
		const violations = reportViolations({
			result,
			rows: 2 * planned.sets.size,
			requests: this.#service.log.map((entry) => ({
				...entry,
				isOk: entry.fate === 'ok',
				isSigningTry: false,
			})),
			isRetried: event.isRetried,
		});
		this.violations.push(...violations.map((violation) => `${name}: ${violation}`));
	}

	/** Each alarm once. */
	#judgeNews(planned: Planned, result: NodeResult, isCancelled: boolean, name: string): void {
		if (isCancelled) {
			return this.#reports.forgetFailed();
		}
		const item = reportOf(result);
		if (item === undefined) {
			return this.#reports.forget();
		}
		const report = item.json as unknown as RunReport;
		if (report.News) {
			this.#totals.alarms++;
		}
		const { account, sets, nowMs } = planned;
		const reporting = { report, log: this.#service.log, account, ids: new Set(sets.keys()), nowMs };
		const wrong = this.#reports.judge(reporting);
		this.#totals.wrongAlarms += wrong.length;
		this.violations.push(...wrong.map((violation) => `${name}: ${violation}`));
	}

	/** Whether the run ended before its first request and left the state unchanged. */
	#isStopped(event: RunEvent, result: NodeResult, isCancelled: boolean): boolean {
		if (this.#service.log.length > 0) {
			return false;
		}
		// Cancelled while it waited to own the state.
		if (isCancelled && event.cut?.at === 'sleep') {
			return true;
		}
		return STOPPED.test(failuresOf(result));
	}

	/** No wrong skip: for a customer skipped as unchanged, the service has what the rows say, and no re-push is overdue. */
	#judgeSkips(planned: Planned, result: NodeResult, event: RunEvent, name: string): void {
		// A run that threw does not report any customer as up to date.
		const unchanged = unchangedBy(bannerOf(result));
		if (unchanged === undefined) {
			return;
		}
		const namedIds = new Set([
			...this.#service.log.map(({ CustomerId }) => CustomerId),
			...result.error.map((item) => errorOf(item)?.CustomerId),
			...result.success.flatMap(({ json }) => (json.Status === 'POSTPONED' ? [json.CustomerId] : [])),
		]);
		const unsent = [...planned.sets].filter(([id]) => !namedIds.has(id));
		const isHeld = (id: string, set: string) => this.#service.holds(planned.account, id, set);
		this.#totals.skipped += unchanged;
		// Postponed customers are named only by items per row, and customers that were not reached only by error items.
		const isPostponing = /left for the next run/.test(bannerOf(result)) && event.outputItemPer !== 'row';
		const isUnnamed = /\d not sent/.test(bannerOf(result)) && result.error.length === 0;
		if (isPostponing || isUnnamed) {
			const right = unsent.filter(([id, set]) => isHeld(id, set)).length;
			if (unchanged > right) {
				this.#wrongSkip(`${name} reports ${unchanged} unchanged, but ${right} are`);
			}
			return;
		}
		if (unsent.length !== unchanged) {
			this.violations.push(`${name} reports ${unchanged} unchanged, but skipped ${unsent.length}`);
		}
		for (const [id, set] of unsent) {
			if (isHeld(id, set)) {
				if (this.#memory.isDueOnly(id, planned)) {
					this.violations.push(`${name} skips ${id} although its re-push is overdue`);
				}
			} else {
				this.#wrongSkip(`${name} skips ${id}, whose devices at the service differ`);
			}
		}
	}

	#wrongSkip(text: string): void {
		this.#totals.wrongSkips++;
		this.violations.push(`wrong skip: ${text}`);
	}
}

function accountOf({ account }: Pick<RunEvent, 'account'>): string {
	const { appKey, path } = ACCOUNTS[account]!;
	return `${appKey} ${path}`;
}

function prefixOf(requestId: string): string {
	return requestId.slice(0, requestId.indexOf('-') + 1);
}

function bannerOf({ hints }: NodeResult): string {
	return hints.map(({ message }) => message).join('; ');
}

function failuresOf({ error, failure }: NodeResult): string {
	return [failure?.message, ...error.map((item) => errorOf(item)?.message)].join('; ');
}

/** How many customers were already up to date, according to the hint of a run; undefined if it does not say. */
function unchangedBy(hint: string): number | undefined {
	const none = /\b0 of (\d+) customers? needed a push/.exec(hint);
	if (none !== null) {
		return Number(none[1]);
	}
	const some = /(?:(\d+) of )?(\d+) customers? (?:is|are) up to date, (\d+) pushed now/.exec(hint);
	return some === null ? undefined : Number(some[1] ?? some[2]) - Number(some[3]);
}
