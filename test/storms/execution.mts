import type { Failure } from '../../nodes/TencentCloudIot/service/outcome';
import type { Clock } from '../../nodes/TencentCloudIot/service/transport/clock';
import { StateHashes } from '../../nodes/TencentCloudIot/sync/state/hashes';
import { ALL_WELL } from '../../nodes/TencentCloudIot/sync/health';
import type { Began } from '../../nodes/TencentCloudIot/sync/began';
import { beginSync } from '../../nodes/TencentCloudIot/sync/state/run';
import { ALREADY_RUNNING, claimRun } from '../../nodes/TencentCloudIot/sync/state/settings';
import type { SyncTable } from '../../nodes/TencentCloudIot/sync/state/table';
import type { Standing } from '../../nodes/TencentCloudIot/sync/verdicts';
import type { Judge, JudgedRun } from './judge.mts';
import type { Service } from './service.mts';
import type { Steps } from './steps.mts';

const HASHES = new StateHashes({
	endpoint: new URL('https://service.example'),
	appKey: 'key',
	appSecret: 'secret',
});

/** What one execution of the workflow has of the world. */
export interface Host {
	readonly run: JudgedRun;
	readonly steps: Steps;
	readonly table: SyncTable;
	readonly service: Service;
	readonly judge: Judge;
	/** Names the node in its process. */
	readonly node: string;
	readonly concurrency: number;
	readonly limitMs: number | undefined;
	readonly approvedPlan: string;
	readonly isFaulty: boolean;
	/** Called when it is cancelled. */
	onCancel(): void;
}

/** How an execution ended. */
export interface Ended {
	/** Why it sent nothing. */
	stopped: Failure | undefined;
	/** How many customers it did not skip. */
	toSend: number;
	requests: number;
	/** Whether each customer was accepted or skipped. */
	isWell: boolean;
	/** Whether another run took over before it had sent all. */
	isCutShort: boolean;
}

/** Runs the node once, as the node does it: from its claim to the end of its run. */
export async function execute(host: Host): Promise<Ended> {
	const { run, steps, node } = host;
	const cancel = new AbortController();
	const turnOff =
		host.limitMs === undefined
			? undefined
			: steps.worker.ring(host.limitMs, () => {
					steps.log('cancelled');
					host.onCancel();
					steps.isTimedOut = steps.chance.is(0.5);
					cancel.abort();
				});
	const customers = [...run.rows].map(([customerId, devices]) => ({
		customerId,
		fingerprint: fingerprintOf(customerId, devices),
		devices: DEVICES,
	}));
	const clock = clockOf(host);
	const settings = {
		node,
		hashes: HASHES,
		customers,
		withheld: [],
		leftOut: [],
		inPart: new Set<string>(),
		sendAll: false,
		rows: { devices: customers.length, products: new Map([['Lock', customers.length]]) },
		checks: { stopAbovePercent: 50, stopWhenDevicesDropPercent: 3, approvedPlan: host.approvedPlan },
		pushAgainAfterDays: 0,
		dryRun: false,
		clock,
		signal: cancel.signal,
		isManual: false,
		newStamp: () => `${steps.name} ${steps.chance.integer(0, 2 ** 30)}`,
		random: (min: number, max: number) => steps.chance.integer(min, max - 1),
		onWait: () => steps.log('waits to take over'),
	};
	const release = claimRun(node);
	if (release === undefined) {
		turnOff?.();
		steps.log('another run of the node is under way in this process');
		return { stopped: ALREADY_RUNNING, toSend: 0, requests: 0, isWell: false, isCutShort: false };
	}
	try {
		return await send(host, await beginSync(host.table, settings), cancel.signal);
	} finally {
		turnOff?.();
		release();
	}
}

/** Sends who is to be sent, and ends the run. */
async function send(
	{ run, steps, service, judge, concurrency, isFaulty }: Host,
	began: Began,
	signal: AbortSignal,
): Promise<Ended> {
	const { verdicts, stopped, state } = began.begun;
	const customers = [...run.rows.keys()];
	const left =
		stopped === undefined
			? customers.flatMap((_, index) => (verdicts[index] === 'unchanged' ? [] : index))
			: [];
	const toSend = left.length;
	steps.log(
		stopped === undefined
			? `begins (${state}), to send: ${toSend} of ${customers.length}`
			: `stopped (${state}): ${stopped.code}${stopped.planId === undefined ? '' : ` plan ${stopped.planId}`}`,
	);
	const standings = verdicts.map((verdict): Standing => {
		if (verdict === 'unchanged') return 'accepted';
		return verdict === 'failed' ? 'failed' : 'waiting';
	});
	if (stopped === undefined) {
		for (const [index, customer] of customers.entries()) {
			if (verdicts[index] === 'unchanged') judge.skipped(run, customer);
		}
	}
	let requests = 0;
	const sendSome = async () => {
		for (let index = left.shift(); index !== undefined; index = left.shift()) {
			const customer = customers[index]!;
			for (let attempt = 0; attempt < 2; attempt++) {
				const askedMs = steps.worker.nowMs;
				if (signal.aborted || began.kind !== 'sending' || !(await began.mayStart())) return;
				// What is answered at once has looked at the clock when it was asked.
				const checkedMs = Math.min(Math.max(askedMs, steps.worker.arrivedMs), steps.worker.nowMs);
				const response = await new Promise<'accepted' | 'refused' | 'none'>((resolve) => {
					steps.take('request', () => {
						requests++;
						judge.requestStarts(run, customer, steps.worker.wasStoppedSince(checkedMs));
						service.send(steps, customer, run.rows.get(customer)!, isFaulty, resolve);
					});
				});
				standings[index] = response === 'accepted' ? 'accepted' : 'failed';
				if (response === 'accepted') began.accepted(index);
				// What got no response is sent once more at times: to push is idempotent.
				if (response !== 'none' || steps.chance.is(0.5)) break;
			}
		}
	};
	await Promise.all(Array.from({ length: concurrency }, sendSome));
	const isWell = stopped === undefined && standings.every((standing) => standing === 'accepted');
	const reported = { ...ALL_WELL, health: isWell ? 'ok' : 'degraded' } as const;
	if (began.kind === 'sending') await began.end(standings, reported);
	if (began.kind === 'unchanged') await began.end(reported);
	steps.log(`ends, ${requests} requests${isWell ? '' : ', not all accepted'}`);
	return { stopped, toSend, requests, isWell, isCutShort: began.kind === 'sending' && began.isTakenOver };
}

export function isBesideOther(stopped: Failure | undefined): boolean {
	return stopped?.code === ALREADY_RUNNING.code;
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
		sleep: async (ms, signal) =>
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
					if (signal?.aborted) resolve();
				});
			}),
		alarm: (ms, ring) => worker.ring(ms, ring),
	};
}

/** What every customer has, but for one member that differs from set to set. */
const DEVICES = [{ DeviceId: 'P/1', CustomerDeviceNo: '1', ProductName: 'Lock' }];
const fingerprints = new Map<string, string>();

function fingerprintOf(customer: string, devices: string): string {
	const key = `${customer} ${devices}`;
	let fingerprint = fingerprints.get(key);
	if (fingerprint === undefined) {
		fingerprint = HASHES.fingerprint(customer, [{ ...DEVICES[0]!, CustomerDeviceNo: devices }]);
		fingerprints.set(key, fingerprint);
	}
	return fingerprint;
}
