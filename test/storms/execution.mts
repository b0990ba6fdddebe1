import { asStop } from '../../nodes/TencentCloudIot/sync/stop';
import { type Failure, notSent } from '../../nodes/TencentCloudIot/service/outcome';
import type { Clock } from '../../nodes/TencentCloudIot/service/transport/clock';
import type { SyncRun } from '../../nodes/TencentCloudIot/sync/syncRun';
import { ALL_WELL } from '../../nodes/TencentCloudIot/sync/lastReport';
import { StateHashes } from '../../nodes/TencentCloudIot/sync/state/hashes';
import { claimInProcess } from '../../nodes/TencentCloudIot/sync/lock/claimInProcess';
import type { SyncTable } from '../../nodes/TencentCloudIot/sync/lock/table';
import { beginSync } from '../../nodes/TencentCloudIot/sync/state/run';
import type { EndStatus } from '../../nodes/TencentCloudIot/sync/verdicts';
import type { JudgedRun } from './judge.mts';
import type { Response } from './service.mts';
import type { Delay, Steps } from './steps.mts';

/** Caches the hashes of customers, because storms have few customers and thousands of runs. */
class CachedHashes extends StateHashes {
	readonly #customers = new Map<string, string>();

	override customerHash(customerId: string): string {
		let hash = this.#customers.get(customerId);
		if (hash === undefined) {
			hash = super.customerHash(customerId);
			this.#customers.set(customerId, hash);
		}
		return hash;
	}
}

const HASHES = new CachedHashes({
	endpoint: new URL('https://service.example'),
	appKey: 'key',
	appSecret: 'secret',
});

/** *Timeout* of the node: how long a client waits for a response, milliseconds. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** How long it takes until the receipt of a customer is written, as receipts are written every 8 s. Milliseconds. */
export const RECEIPT_MS = { min: 100, max: 9000 };

/** Compares what runs do with what the service has. */
export interface Observer {
	skipped(run: JudgedRun, customer: string): void;
	sendingBegins(run: JudgedRun): void;
	/** @param isInWindow whether its process was stopped after the check, so that the request could not be held back any more */
	requestStarts(run: JudgedRun, customer: string, isInWindow: boolean): void;
	runEnds(run: JudgedRun, isKept: boolean): void;
}

/** The surroundings of one execution of the workflow. */
export interface Host {
	readonly run: JudgedRun;
	readonly steps: Steps;
	/** The tables of the Sync node, as an execution with this signal has them. */
	readonly tableFor: (signal: AbortSignal) => SyncTable;
	readonly observer: Observer;
	/** Sends a request to the service. @param delay what a fault adds to its times */
	send(customer: string, devices: string, delay: Delay, respond: (response: Response) => void): void;
	/** Names the node in one process; what the node keeps in memory ends with the process. */
	readonly nodeInProcess: string;
	/** When it got its rows, by the clock of its process, Unix milliseconds. */
	readonly beganMs: number;
	readonly concurrency: number;
	readonly pushAgainAfterDays: number;
	readonly hasReceipts: boolean;
	/** See `Storm`. */
	readonly asksAtFirstByte: boolean;
	readonly limitMs: number | undefined;
	readonly approvedPlan: string;
	readonly isByHand: boolean;
	/** Called when the execution is cancelled. */
	onCancel(): void;
}

/** How an execution ended. */
export interface ExecutionEnd {
	/** Why it sent nothing. */
	stopped: Failure | undefined;
	/** How many customers it had to send, not counting due re-pushes, whose requests are judged one by one. */
	toSend: number;
	requests: number;
	/** Whether it found nothing to change in the state. */
	isUnchanged: boolean;
	/** Whether each customer was accepted or skipped. */
	isWell: boolean;
	/** Whether another run took over before it had sent all customers. */
	isCutShort: boolean;
}

/** Runs the node once, from its claim to the end of its run, as the node itself does. */
export async function execute(host: Host): Promise<ExecutionEnd> {
	const { steps, limitMs } = host;
	const cancel = new AbortController();
	const onLimit = () => {
		// By n8n's time limit, or by a person.
		steps.isTimedOut = steps.chance.is(0.5);
		steps.log(steps.isTimedOut ? 'n8n ends it' : 'a person stops it');
		host.onCancel();
		cancel.abort();
	};
	const turnOff = limitMs === undefined ? undefined : steps.worker.ring(limitMs, onLimit);
	const release = claimInProcess(host.nodeInProcess);
	if (release === undefined) {
		turnOff?.();
		steps.log('another run of the node is under way in this process');
		return {
			stopped: notSent('ALREADY_RUNNING'),
			toSend: 0,
			requests: 0,
			isUnchanged: false,
			isWell: false,
			isCutShort: false,
		};
	}
	try {
		return await beginAndSend(host, cancel.signal);
	} finally {
		turnOff?.();
		release();
	}
}

async function beginAndSend(host: Host, signal: AbortSignal): Promise<ExecutionEnd> {
	const { run, steps } = host;
	const customers = [...run.rows].map(([customerId, devices]) => ({
		customerId,
		key: HASHES.customerHash(customerId),
		fingerprint: fingerprintOf(customerId, devices),
		fullSet: { devices: DEVICES },
	}));
	const settings = {
		nodeKey: host.nodeInProcess,
		hashes: HASHES,
		customers,
		withheldIds: [],
		leftOutIds: [],
		partlyWithheldIds: new Set<string>(),
		sendAll: false,
		namedDevices: {
			deviceCount: customers.length,
			deviceCountByProduct: new Map([['Lock', customers.length]]),
		},
		checks: { stopAbovePercent: 50, stopWhenDevicesDropPercent: 3, approvedPlan: host.approvedPlan },
		pushAgainAfterDays: host.pushAgainAfterDays,
		writesReceipts: host.hasReceipts,
		dryRun: false,
		clock: clockOf(host),
		rowsReceivedMs: host.beganMs,
		signal,
		isManual: host.isByHand,
		timeoutMs: REQUEST_TIMEOUT_MS,
		makeId: () => `${steps.name} ${steps.chance.integer(0, 2 ** 30)}`,
		random: (min: number, max: number) => steps.chance.integer(min, max - 1),
		onWait: (ms: number) => steps.log(`waits to take over, ${ms} ms`),
	};
	return await send(host, await beginSync(host.tableFor(signal), settings), signal);
}

/** Sends the customers that have to be sent, and ends the run. */
async function send(host: Host, startedRun: SyncRun, signal: AbortSignal): Promise<ExecutionEnd> {
	const { run, steps, observer, concurrency } = host;
	const { verdicts, sendOrder, whyStopped, stateCondition } = startedRun.facts;
	const customers = [...run.rows.keys()];
	const indexes = whyStopped === undefined ? [...customers.keys()] : [];
	const remainingIndexes = whyStopped === undefined && startedRun.kind === 'sending' ? [...sendOrder] : [];
	const toSend = remainingIndexes.filter((index) => verdicts[index] !== 'due').length;
	const planId = asStop(whyStopped)?.planId;
	steps.log(
		whyStopped === undefined
			? `begins (${stateCondition}), to send: ${toSend} of ${customers.length}`
			: `stopped (${stateCondition}): ${whyStopped.code}${planId === undefined ? '' : ` plan ${planId}`}`,
	);
	const endStatuses = verdicts.map((verdict): EndStatus => {
		if (verdict === 'unchanged') {
			return 'accepted';
		}
		return verdict === 'failed' ? 'failed' : 'waiting';
	});
	for (const index of indexes) {
		const customer = customers[index];
		if (customer !== undefined && verdicts[index] === 'unchanged') {
			observer.skipped(run, customer);
		}
	}
	if (startedRun.kind === 'sending') {
		observer.sendingBegins(run);
	}
	let requests = 0;
	const settle = (index: number, attempts: number) => {
		if (attempts > 0 && startedRun.kind === 'sending') {
			startedRun.noteOutcome(index, endStatuses[index] === 'accepted' ? 'OK' : 'REFUSED');
			if (host.hasReceipts) {
				steps.worker.ring(steps.chance.integer(RECEIPT_MS.min, RECEIPT_MS.max), () =>
					startedRun.noteReceiptsWritten([index]),
				);
			}
		}
	};
	const sendSome = async () => {
		for (let index = remainingIndexes.shift(); index !== undefined; index = remainingIndexes.shift()) {
			const customer = customers[index] ?? '';
			let attempts = 0;
			while (attempts < 2) {
				const askedMs = steps.worker.nowMs;
				if (signal.aborted || startedRun.kind !== 'sending' || !(await startedRun.mayStart(index))) {
					settle(index, attempts);
					return;
				}
				const response = await request(host, customer, askedMs, () => startedRun.mayLeave);
				if (response === 'held back') {
					continue;
				}
				attempts += 1;
				requests += 1;
				endStatuses[index] = response === 'accepted' ? 'accepted' : 'failed';
				// Without a response a request is sometimes repeated, because a push is idempotent.
				if (response !== 'none' || steps.chance.is(0.5)) {
					break;
				}
			}
			settle(index, 1);
		}
	};
	await Promise.all(Array.from({ length: concurrency }, sendSome));
	const isWell = whyStopped === undefined && endStatuses.every((endStatus) => endStatus === 'accepted');
	const reported = { ...ALL_WELL, health: isWell ? 'ok' : 'degraded' } as const;
	if (startedRun.kind === 'sending') {
		const kept = await startedRun.end(endStatuses, reported);
		observer.runEnds(run, kept?.kind === 'kept');
		steps.log(`its state is ${kept?.kind ?? 'none'}`);
	}
	if (startedRun.kind === 'unchanged') {
		await startedRun.end(endStatuses, reported);
		observer.runEnds(run, true);
	}
	steps.log(`ends, ${requests} requests${isWell ? '' : ', not all accepted'}`);
	const isCutShort = startedRun.kind === 'sending' && startedRun.isLockTakenByOther;
	return {
		stopped: whyStopped,
		toSend,
		requests,
		isUnchanged: startedRun.kind === 'unchanged',
		isWell,
		isCutShort,
	};
}

/**
 * @param askedMs when the run asked whether it may start
 * @param mayLeave whether it still may
 */
async function request(host: Host, customer: string, askedMs: number, mayLeave: () => boolean) {
	const { run, steps, observer, asksAtFirstByte } = host;
	const { worker } = steps;
	// If the answer came at once, the clock was read at the moment of the question.
	let checkedMs = Math.min(Math.max(askedMs, worker.arrivedMs), worker.nowMs);
	return await new Promise<Response | 'held back'>((resolve) => {
		steps.take('request', (delay) => {
			if (asksAtFirstByte) {
				checkedMs = worker.turnMs;
				if (!mayLeave()) {
					steps.log(`holds the request of ${customer} back`);
					resolve('held back');
					return;
				}
			}
			observer.requestStarts(run, customer, worker.wasStoppedSince(checkedMs));
			host.send(customer, run.rows.get(customer) ?? '', delay, resolve);
		});
	});
}

export function isBlockedByOther(stopped: Failure | undefined): boolean {
	return stopped?.code === 'ALREADY_RUNNING';
}

function clockOf({ run, steps }: Host): Clock {
	const { worker } = steps;
	const look = () => {
		steps.look();
		run.sinceMs = Math.min(run.sinceMs, worker.nowMs);
	};
	return {
		nowMs: () => {
			look();
			return worker.wallMs;
		},
		elapsedMs: () => {
			look();
			return worker.elapsedMs;
		},
		sleep: async (ms, signal) => {
			await new Promise<void>((resolve) => {
				steps.take('sleep', () => {
					const turnOff = worker.ring(Math.max(0, ms), () => {
						signal?.removeEventListener('abort', wake);
						resolve();
					});
					const wake = () => {
						turnOff();
						// n8n's sleep looks at the signal ten times a second.
						worker.ring(steps.chance.integer(0, 100), resolve);
					};
					signal?.addEventListener('abort', wake, { once: true });
					if (signal?.aborted) {
						resolve();
					}
				});
			});
		},
		alarm: (ms, ring) => worker.ring(ms, ring),
	};
}

/** The device that every customer has; only its CustomerDeviceNo differs from set to set. */
const DEVICE = { DeviceId: 'P/1', CustomerDeviceNo: '1', ProductName: 'Lock' };
const DEVICES = [DEVICE];
const fingerprints = new Map<string, string>();

export function fingerprintOf(customer: string, devices: string): string {
	const key = `${customer} ${devices}`;
	let fingerprint = fingerprints.get(key);
	if (fingerprint === undefined) {
		fingerprint = HASHES.fingerprint(customer, [{ ...DEVICE, CustomerDeviceNo: devices }]);
		fingerprints.set(key, fingerprint);
	}
	return fingerprint;
}
