import { setTimeout as sleep } from 'node:timers/promises';
import { runPush, type PushRun } from '../engine/pushRun.mts';
import { BUILD_FOLDERS, loadBuiltNode, type Build, type NodeResult } from '../../embedded/embeddedEngine.mts';
import { startSimulator, type Simulator } from '../../simulator/simulator.mts';
import { NodeProcess } from '../timelines/nodeProcess.mts';
import { TimelineClock } from '../timelines/timelineClock.mts';
import { Dice, seedFor } from './dice.mts';
import { planOf, type Plan } from './plan.mts';
import { violationsOf, type Witness } from './violations.mts';

/** Each build is loaded once, so that a new build does not affect a series of seeds. */
const builtNodes = new Map<Build, ReturnType<typeof loadBuiltNode>>();

function builtNodeOf(build: Build) {
	const loaded = builtNodes.get(build) ?? loadBuiltNode(BUILD_FOLDERS[build]);
	builtNodes.set(build, loaded);
	return loaded;
}

/** Rules to find and one corrected clock: this many requests may only serve to detect how to sign. */
const MAX_SIGNING_ATTEMPTS = 5;

/**
 * How long the other end of a connection may take to notice that it was closed, and short timers of Jest may run. The
 * node's own timers, such as the deadline of a request, are far longer. Milliseconds.
 */
const CLOSING_MS = 10_000;

/** The result of one seed. */
export interface SeedReport {
	seed: number;
	/** Sentences; empty when all invariants hold. */
	violations: string[];
	rows: number;
	requests: number;
	status: string;
}

/**
 * Runs the push of a seed and checks the invariants. To be called outside Jest's sandbox, one
 * run at a time: it replaces Math.random, the jitter of waits, by a seeded and short one.
 */
export async function runSeed(seed: number, build: Build = 'pool'): Promise<SeedReport> {
	const plan = planOf(seed);
	const clock = clockOf(plan);
	const simulator = await startSimulator(
		clock === undefined ? plan.simulator : { ...plan.simulator, clock: clock.ofService },
	);
	const restoreRandom = seedJitter(seed);
	const timersBefore = openTimers();
	try {
		const { result, cancelled } = await runPlan(
			plan,
			simulator,
			clock ? new NodeProcess(build, clock) : builtNodeOf(build),
		);
		const facts: NonNullable<Witness['facts']> = {
			mostRequestsPerCustomer: plan.options.maxAttempts * plan.maxTries,
			mostSigningTries: MAX_SIGNING_ATTEMPTS * plan.maxTries,
			outputItemPer: plan.options.outputItemPer,
			isClockRight: plan.simulator.clockSkewSeconds === 0,
			isRetried: plan.maxTries > 1,
			sendsValid: plan.rowHandling.invalidRows === 'sendValid',
			isSignedRight: plan.nestedRule !== 'automatic',
			adds: plan.simulator.bindMode === 'add',
			before: new Map(Object.entries(plan.simulator.bindings ?? {})),
		};
		if (cancelled !== undefined) {
			facts.cancelled = cancelled;
		}
		const violations = violationsOf({ rows: plan.rows, result, simulator, facts });
		violations.push(...(await leftOpen(simulator, timersBefore)));
		const { length: requests } = simulator.requests;
		return { seed, violations, rows: plan.rows.length, requests, status: result.status };
	} finally {
		restoreRandom();
		await simulator.close();
	}
}

/** A Sync waits for seconds until it owns its state: its waits take no time, and a push uses the real clock. */
function clockOf({ operation }: Plan): TimelineClock | undefined {
	if (operation !== 'sync') {
		return undefined;
	}
	const clock = new TimelineClock();
	clock.startMs = Date.now();
	return clock;
}

async function runPlan(
	plan: Plan,
	simulator: Simulator,
	{ nodeType, credentialType }: ReturnType<typeof builtNodeOf>,
): Promise<{ result: NodeResult; cancelled: Cancelled | undefined }> {
	const { rows, operation, onError, maxTries, nestedRule, cancelAfterMs, timeoutSeconds } = plan;
	const { options, rowHandling } = plan;
	const controller = new AbortController();
	let cancelled: Cancelled | undefined;
	const cancel = () => {
		cancelled = { arrived: simulator.requests.length, underWay: options.concurrency };
		controller.abort();
	};
	const timer = cancelAfterMs === undefined ? undefined : setTimeout(cancel, cancelAfterMs);
	const run: PushRun = {
		nodeType,
		credentialType,
		onError,
		operation,
		options,
		rowHandling,
		credential: { nestedRule },
		signal: controller.signal,
	};
	if (maxTries > 1) {
		run.retryOnFail = { maxTries, waitBetweenTries: 1 };
	}
	if (timeoutSeconds !== undefined) {
		run.executionTimeoutSeconds = timeoutSeconds;
	}
	const result = await runPush(rows, simulator, run);
	clearTimeout(timer);
	return { result, cancelled };
}

type Cancelled = { arrived: number; underWay: number };

function seedJitter(seed: number): () => void {
	const { random } = Math;
	const dice = new Dice(seedFor(seed, 'jitter'));
	Math.random = () => dice.next() / 20;
	return () => {
		Math.random = random;
	};
}

/** Invariant 9. The simulator's own latency timers are not ref'd and do not count. */
async function leftOpen({ connections }: Simulator, timersBefore: number): Promise<string[]> {
	const startMs = performance.now();
	const isOpen = () => connections.open > 0 || openTimers() > timersBefore;
	while (isOpen() && performance.now() - startMs < CLOSING_MS) {
		await sleep(2);
	}
	const timers = openTimers();
	const violations: string[] = [];
	if (connections.open > 0) {
		violations.push(`9: ${connections.open} sockets are open after the run`);
	}
	if (timers > timersBefore) {
		violations.push(`9: ${timers - timersBefore} timers are open after the run`);
	}
	return violations;
}

function openTimers(): number {
	return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
