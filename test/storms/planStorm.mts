import { Chance } from './chance.mts';
import { planFaults, planDeeds, type FaultKind, FAULT_KINDS } from './planFaults.mts';
import {
	STORM_KINDS,
	type Change,
	type Fault,
	type ServicePlan,
	type Storm,
	type StormKind,
	type Trigger,
	type WorkerPlan,
} from './storm.mts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Storms begin within a week after this time, Unix milliseconds. */
const EPOCH_MS = 1_700_000_000_000;

/** How long the first run has before others start, so that most storms have a state to compare with. */
const PROLOGUE_MS = 15 * SECOND_MS;
/** The safety checks need 20 customers to compare, and some customers leave. */
const FEWEST = 24;
const MOST = 40;
const MANY = 5100;
/** Only these customers change, so right rows stay far below the threshold of the safety checks. */
const CHANGING = 4;
/** Customers with numbers from here on come and go. */
const FIRST_OTHER = 10_000;

/** The storm of a seed. */
export function planStorm(seed: number): Storm {
	const kind = STORM_KINDS[seed % STORM_KINDS.length] ?? 'calm';
	const chance = new Chance('storm', seed);
	const workers = kind === 'threeAtOnce' ? 3 : chance.integer(2, 3);
	const customers = planCustomers(chance, kind);
	const planned = planTriggers(chance, kind, workers);
	const lastMs = planned.at(-1)?.atMs ?? 0;
	const isFirstDisturbed = DISTURBED_FIRST.has(kind) || chance.is(0.4);
	const disturbed = isFirstDisturbed ? planned : planned.slice(1);
	const faults = planFaultsOf(chance, kind, disturbed, lastMs);
	const triggers = plantWrongJoins(chance, kind, planned, faults);
	const storm: Storm = {
		seed,
		kind,
		database: chance.pick(['sqlite', 'postgresql']),
		customers,
		nodes: kind === 'twoNodes' ? 2 : 1,
		concurrency: planConcurrency(chance, kind),
		workers: planWorkers(chance, kind, workers, faults, lastMs),
		triggers,
		changes: planChanges(chance, kind, customers, triggers, faults),
		faults,
		service: planService(chance, kind),
		statementMs: { min: 5, max: 50 },
		isRepeating: kind !== 'calm' && chance.is(0.4),
		healEveryMs: chance.pick([2, 5, 10, 15]) * SECOND_MS,
		...planOptions(seed),
	};
	if (triggers.some(({ limitMs }) => limitMs !== undefined)) {
		storm.healLimitMs = chance.integer(15, 20) * SECOND_MS;
	}
	return storm;
}

/** Most storms have the defaults, as most users do. With one day, a customer becomes due for a re-push every few minutes. */
function planOptions(
	seed: number,
): Pick<Storm, 'pushAgainAfterDays' | 'beginsMs' | 'hasReceipts' | 'asksAtFirstByte'> {
	// Drawn separately, so that these options do not change anything else in the storm of a seed.
	const chance = new Chance('options', seed);
	const pushAgainAfterDays = chance.pick([7, 7, 1]);
	const beginsMs = EPOCH_MS + chance.integer(0, 7 * DAY_MS);
	const hasReceipts = chance.is(0.7);
	return { pushAgainAfterDays, beginsMs, hasReceipts, asksAtFirstByte: chance.is(0.5) };
}

/** In these storms the first run always has a fault. */
const DISTURBED_FIRST: ReadonlySet<StormKind> = new Set<StormKind>([
	'smallFirstRuns',
	'killedFirstRuns',
	'killsInARow',
]);

function planCustomers(chance: Chance, kind: StormKind): number {
	switch (kind) {
		case 'manyCustomers':
			return MANY;
		case 'smallFirstRuns':
			return 3;
		default:
			return chance.integer(FEWEST, MOST);
	}
}

function planConcurrency(chance: Chance, kind: StormKind): number {
	switch (kind) {
		case 'crowd':
		case 'rePushes':
			return 1;
		case 'manyCustomers':
			return chance.pick([4, 16]);
		default:
			return chance.integer(1, 4);
	}
}

/** The share of requests that the service accepts late, in storms about late requests. */
const LATE_REQUESTS: Partial<Record<StormKind, number>> = { lateRequests: 0.7, lateInARow: 0.3 };

function planService(chance: Chance, kind: StormKind): ServicePlan {
	const isFaulty = chance.is(0.5) && kind !== 'manyCustomers';
	const shares = isFaulty
		? { refused: 0.04, responseLost: 0.04, requestLost: 0.02 }
		: { refused: 0, responseLost: 0, requestLost: 0 };
	return { ...shares, late: LATE_REQUESTS[kind] ?? 0, requestMs: planRequests(chance, kind) };
}

function planRequests(chance: Chance, kind: StormKind): ServicePlan['requestMs'] {
	switch (kind) {
		case 'crowd':
			return { min: 240, max: 3600 };
		case 'manyCustomers':
			return { min: 20, max: 60 };
		case 'people':
			return { min: 20, max: chance.pick([300, 3000]) };
		case 'killsInARow':
		case 'killedFirstRuns':
			return { min: 100, max: chance.pick([300, 1000, 3000]) };
		case 'rePushes':
			// So that a run has saved the customers it has re-pushed before it is killed.
			return { min: 1000, max: 3000 };
		default:
			return { min: 20, max: chance.pick([300, 300, 300, 2000]) };
	}
}

function planTriggers(chance: Chance, kind: StormKind, workers: number): Trigger[] {
	switch (kind) {
		case 'twins':
		case 'threeAtOnce':
		case 'slowTwins':
		case 'faultyTwins':
			return planGroups(chance, workers, kind === 'threeAtOnce');
		case 'firstTwins':
			return planFirstGroup(chance, workers);
		case 'crowd':
			return planCrowd(chance, workers);
		case 'manyCustomers':
			return planRuns(chance, workers, {
				first: 30 * SECOND_MS,
				everyMs: chance.pick([5, 30, 60]) * SECOND_MS,
				count: 5,
			});
		case 'killsInARow':
			return planRuns(chance, workers, {
				first: 10 * SECOND_MS,
				everyMs: chance.pick([20, 50, 65]) * SECOND_MS,
				count: 20,
			});
		case 'killedFirstRuns':
			return planRuns(chance, workers, {
				first: chance.pick([3, 20, 60]) * SECOND_MS,
				everyMs: 30 * SECOND_MS,
				count: 4,
			});
		case 'lateRequests':
			return planRuns(chance, workers, {
				first: PROLOGUE_MS,
				everyMs: chance.pick([2, 2, 5, 50]) * SECOND_MS,
				count: 20,
			});
		case 'frozenRequests':
			return planRuns(chance, workers, {
				first: PROLOGUE_MS,
				everyMs: chance.pick([5, 15, 50]) * SECOND_MS,
				count: 10,
			});
		case 'people':
			return planRuns(chance, workers, {
				first: 3000,
				everyMs: chance.pick([2, 5, 15, 60]) * SECOND_MS,
				count: 12,
			});
		case 'lateStarts':
			return planSchedule(chance, workers).map((trigger) => {
				const isLate = trigger.atMs > 0 && chance.is(0.4);
				return isLate ? { ...trigger, waitsMs: chance.integer(100, 120_000) } : trigger;
			});
		case 'rePushes':
			return planFarRuns(chance, workers);
		case 'twoNodes':
			return planSchedule(chance, workers).map((trigger) => ({ ...trigger, node: trigger.id % 2 }));
		case 'byHand':
			return planSchedule(chance, workers).map((trigger) => ({ ...trigger, isByHand: chance.is(0.5) }));
		case 'limits':
			return planSchedule(chance, workers).map((trigger) => withLimit(chance, trigger, [15, 70]));
		case 'shortLimits':
			return planSchedule(chance, workers).map((trigger) => withLimit(chance, trigger, [5, 18]));
		case 'mixed': {
			const isLimited = chance.is(0.3);
			const triggers = planSchedule(chance, workers);
			return isLimited ? triggers.map((trigger) => withLimit(chance, trigger, [15, 20])) : triggers;
		}
		default:
			return planSchedule(chance, workers);
	}
}

/** Runs of a schedule, some with a twin. */
function planSchedule(chance: Chance, workers: number): Trigger[] {
	const everyMs = chance.pick([2, 5, 5, 10, 10, 15, 15, 45, 900]) * SECOND_MS;
	const count = everyMs > MINUTE_MS ? chance.integer(4, 8) : chance.integer(6, 22);
	const twins = chance.pick([0, 0.1, 0.5]);
	const triggers: Trigger[] = [{ id: 0, atMs: 0, worker: 0, node: 0 }];
	const add = (atMs: number, worker: number) => triggers.push({ id: triggers.length, atMs, worker, node: 0 });
	for (let index = 0; index < count; index++) {
		const atMs = PROLOGUE_MS + index * everyMs + chance.integer(0, 200);
		const worker = chance.integer(0, workers - 1);
		add(atMs, worker);
		if (chance.is(twins)) {
			add(atMs + chance.integer(0, 150), (worker + 1) % workers);
		}
	}
	return triggers;
}

/** Runs at equal intervals. */
function planRuns(
	chance: Chance,
	workers: number,
	{ first, everyMs, count }: { first: number; everyMs: number; count: number },
): Trigger[] {
	const triggers: Trigger[] = [{ id: 0, atMs: 0, worker: 0, node: 0 }];
	for (let index = 0; index < count; index++) {
		const atMs = first + index * everyMs + chance.integer(0, 200);
		triggers.push({ id: index + 1, atMs, worker: chance.integer(0, workers - 1), node: 0 });
	}
	return triggers;
}

/** Runs with hours or days between them, each followed soon by another one. */
function planFarRuns(chance: Chance, workers: number): Trigger[] {
	const everyMs = chance.pick([2, 12, 48, 100, 200]) * HOUR_MS;
	const triggers = planRuns(chance, workers, { first: MINUTE_MS, everyMs, count: 5 });
	const soon = triggers.map(({ atMs }, index): Trigger => {
		const id = triggers.length + index;
		return { id, atMs: atMs + chance.integer(60, 120) * SECOND_MS, worker: id % workers, node: 0 };
	});
	return [...triggers, ...soon].toSorted((first, second) => first.atMs - second.atMs);
}

/** Most runs have n8n's time limit; some are stopped by a person at any time. */
function withLimit(chance: Chance, trigger: Trigger, [fewest, most]: [number, number]): Trigger {
	const isStopped = trigger.atMs > 0 && chance.is(0.2);
	const limitMs = isStopped ? chance.integer(100, 15_000) : chance.integer(fewest, most) * SECOND_MS;
	return { ...trigger, limitMs };
}

/** Two or three triggers within the time of a statement. */
function planGroups(chance: Chance, workers: number, isThree: boolean): Trigger[] {
	const everyMs = chance.pick([5, 15, 30, 45]) * SECOND_MS;
	const groups = chance.integer(4, 10);
	const triggers: Trigger[] = [{ id: 0, atMs: 0, worker: 0, node: 0 }];
	for (let id = 0; id < groups; id++) {
		const atMs = PROLOGUE_MS + id * everyMs + chance.integer(0, 200);
		const size = isThree || (workers === 3 && chance.is(0.4)) ? 3 : 2;
		const spreadMs = chance.pick([0, 5, 30, 60]);
		for (let worker = 0; worker < size; worker++) {
			const group = { id, beginMs: 100 + chance.integer(0, spreadMs) };
			triggers.push({ id: triggers.length, atMs, worker, node: 0, group });
		}
	}
	return triggers;
}

/** Two or three first runs within the time of a statement, and some after them. */
function planFirstGroup(chance: Chance, workers: number): Trigger[] {
	const size = chance.integer(2, workers);
	const together = Array.from({ length: size }, (_, worker): Trigger => {
		const group = { id: 0, beginMs: 100 + chance.integer(0, 60) };
		return { id: worker, atMs: 0, worker, node: 0, group };
	});
	const later = Array.from({ length: 4 }, (_, index): Trigger => {
		const atMs = 1000 + index * chance.pick([1, 10, 60]) * SECOND_MS;
		return { id: size + index, atMs, worker: chance.integer(0, workers - 1), node: 0 };
	});
	return [...together, ...later].toSorted((first, second) => first.atMs - second.atMs);
}

/** A run with long requests, and others that start every few seconds. */
function planCrowd(chance: Chance, workers: number): Trigger[] {
	const everyMs = chance.pick([1, 2, 3, 5]) * SECOND_MS;
	const otherTriggers = Array.from({ length: chance.integer(40, 80) }, (_, index) => ({
		id: index + 1,
		atMs: PROLOGUE_MS + index * everyMs + chance.integer(0, 900),
		worker: chance.integer(0, workers - 1),
		node: 0,
	}));
	return [{ id: 0, atMs: 0, worker: 0, node: 0 }, ...otherTriggers];
}

function planWorkers(
	chance: Chance,
	kind: StormKind,
	count: number,
	faults: readonly Fault[],
	lastMs: number,
): WorkerPlan[] {
	const areWrong = kind === 'clocks' || (kind === 'mixed' && chance.is(0.4));
	const amounts = [30 * SECOND_MS, 10 * MINUTE_MS];
	// Setting the wall clock back by more than the length of a pause would hide the pause from both clocks.
	const signs = faults.some((fault) => fault.kind === 'pause') ? [1] : [1, -1];
	const amount = () => chance.pick(amounts) * chance.pick(signs);
	return Array.from({ length: count }, () => {
		const corrections = areWrong ? chance.integer(0, 2) : 0;
		return {
			offsetMs: areWrong && chance.is(0.7) ? amount() : 0,
			steps: Array.from({ length: corrections }, () => ({
				atMs: chance.integer(PROLOGUE_MS, lastMs),
				byMs: amount(),
			})),
		};
	});
}

function planFaultsOf(
	chance: Chance,
	kind: StormKind,
	disturbed: readonly Trigger[],
	lastMs: number,
): Fault[] {
	const planEach = (kinds: readonly FaultKind[]) =>
		kinds.flatMap((faultKind) => planFaults(chance, faultKind, disturbed, lastMs));
	switch (kind) {
		case 'mixed':
			return planEach(chance.some(FAULT_KINDS, 0.4));
		case 'faultyTwins':
			return planEach(chance.some(FAULT_KINDS, 0.3));
		case 'twoNodes':
			return planEach(chance.some(['kills', 'stalls', 'rejections'], 0.5));
		case 'comingAndGoing':
		case 'byHand':
		case 'lateStarts':
			return planEach(chance.some(['kills', 'stalls'], 0.4));
		case 'manyCustomers':
			return planEach(chance.some(['kills', 'freezes'], 0.5));
		case 'shortLimits':
			return planEach(chance.some(['kills'], 0.5));
		case 'smallFirstRuns':
			return planEach([chance.pick(['kills', 'stalls', 'freezes', 'rejections', 'killedRequests'])]);
		case 'killedFirstRuns':
			return planKills(chance, disturbed.slice(0, 1));
		case 'killsInARow':
		case 'rePushes':
			return planKills(chance, disturbed);
		case 'slowTwins':
			return [planSlowDatabase(chance, lastMs, { min: 200, max: 1500, spread: 1500 })];
		case 'tenthOfACore':
			return [planSlowDatabase(chance, lastMs, { min: 300, max: 1500, spread: 2000 })];
		case 'firstTwins':
			return planEach(chance.some(['stalls', 'kills', 'rejections'], 0.4));
		case 'people':
			return planDeeds(chance, disturbed);
		case 'lateInARow':
		case 'frozenRequests':
		case 'kills':
		case 'freezes':
		case 'pauses':
		case 'slow':
		case 'stalls':
		case 'rejections':
		case 'restarts':
			return planEach([kind]);
		case 'lateRequests':
			return planEach(['killedRequests']);
		default:
			return [];
	}
}

/** Each of these runs is killed while it sends. */
function planKills(chance: Chance, triggers: readonly Trigger[]): Fault[] {
	return triggers.map(({ id }) => ({
		kind: 'kill',
		at: { trigger: id, meets: 'request', nth: chance.integer(1, 20), when: chance.pick(['before', 'after']) },
		backAfterMs: chance.integer(500, 3000),
	}));
}

function planSlowDatabase(
	chance: Chance,
	lastMs: number,
	{ min, max, spread }: { min: number; max: number; spread: number },
): Fault {
	const minMs = chance.integer(min, max);
	const maxMs = minMs + chance.integer(0, spread);
	return { kind: 'slow', fromMs: PROLOGUE_MS, untilMs: lastMs + MINUTE_MS, minMs, maxMs };
}

/** Adds wrong joins where they hurt most: to the run that has a fault, and to those after it. */
function plantWrongJoins(
	chance: Chance,
	kind: StormKind,
	triggers: readonly Trigger[],
	faults: readonly Fault[],
): Trigger[] {
	const planted = new Map<number, number>();
	const plant = (first: number, count: number) => {
		for (let index = first; index < first + count; index++) {
			planted.set(index, first);
		}
	};
	for (const fault of faults) {
		const near = triggerOf(fault, triggers);
		if (near !== undefined && chance.is(0.6)) {
			plant(near + chance.pick([0, 0, 1, 1, 1, 2]), chance.integer(1, 3));
		}
	}
	if (chance.is(0.3)) {
		plant(chance.integer(1, triggers.length), chance.integer(1, 2));
	}
	if (kind === 'killedFirstRuns') {
		plant(1, chance.integer(1, 2));
	}
	return triggers.map((trigger) => {
		const wrongJoin = planted.get(trigger.id);
		return wrongJoin === undefined ? trigger : { ...trigger, wrongJoin };
	});
}

/** The trigger whose run a fault meets, or the first trigger after the fault. */
function triggerOf(fault: Fault, triggers: readonly Trigger[]): number | undefined {
	if (fault.kind === 'slow') {
		return triggers.find(({ atMs }) => atMs >= fault.fromMs)?.id;
	}
	const { at } = fault;
	if ('trigger' in at) {
		return at.trigger;
	}
	return triggers.find(({ atMs }) => atMs >= at.atMs)?.id;
}

function planChanges(
	chance: Chance,
	kind: StormKind,
	customers: number,
	triggers: readonly Trigger[],
	faults: readonly Fault[],
): Change[] {
	const changes: Change[] = [];
	let latestDevices = 1;
	const pickCustomer = () => chance.integer(0, Math.min(CHANGING, customers) - 1);
	const change = (atMs: number, node: number, customer = pickCustomer()) => {
		// Half of the changes bring a former value back.
		if (chance.is(0.5)) {
			latestDevices += 1;
			changes.push({ atMs, node, customer, devices: latestDevices });
		} else {
			changes.push({ atMs, node, customer, devices: chance.integer(1, latestDevices) });
		}
		if (chance.is(0.15)) {
			changes.push({ atMs: atMs + 1, node, customer });
		}
	};
	for (const { atMs, node } of triggers.slice(1)) {
		// Before the run reads its rows, or while it is under way.
		for (let remaining = chance.pick([0, 0, 1, 1, 2]); remaining > 0; remaining--) {
			change(atMs + chance.integer(-1000, 1500), node);
		}
	}
	for (const fault of faults) {
		// The rows that the run has to send are out of date by the time it sends them.
		const trigger = triggers[triggerOf(fault, triggers) ?? 0];
		if (trigger === undefined) {
			continue;
		}
		const customer = pickCustomer();
		if (chance.is(0.7)) {
			change(trigger.atMs - 500, trigger.node, customer);
		}
		if (chance.is(0.7)) {
			change(trigger.atMs + chance.integer(1000, 15_000), trigger.node, customer);
		}
	}
	if (kind === 'lateRequests') {
		changes.push(...planNewerChanges(triggers, faults));
	}
	changes.push(...planComings(chance, kind, customers, triggers));
	return changes.toSorted((first, second) => first.atMs - second.atMs);
}

/** The customers of a run that dies change before it, and again before the next run reads its rows. */
function planNewerChanges(triggers: readonly Trigger[], faults: readonly Fault[]): Change[] {
	return faults.flatMap((fault, number) => {
		const { atMs = 0, node = 0 } = triggers[triggerOf(fault, triggers) ?? 0] ?? {};
		return Array.from({ length: CHANGING }, (_, customer): Change[] => [
			{ atMs: atMs - 400, node, customer, devices: 100 + number },
			{ atMs: atMs + 700, node, customer, devices: 200 + number },
		]).flat();
	});
}

/** Adds customers, some of which leave again. */
function planComings(
	chance: Chance,
	kind: StormKind,
	customers: number,
	triggers: readonly Trigger[],
): Change[] {
	const changes: Change[] = [];
	const come = (index: number) => {
		const { atMs, node } = chance.pick(triggers);
		changes.push({ atMs: atMs + 500, node, customer: FIRST_OTHER + index, devices: 1 });
		return { atMs, node, customer: FIRST_OTHER + index };
	};
	if (kind === 'smallFirstRuns') {
		// Many new customers appear at once after the first run.
		const atMs = (triggers[chance.integer(1, 3)]?.atMs ?? PROLOGUE_MS) - 500;
		for (let index = 0; index < MOST; index++) {
			changes.push({ atMs, node: 0, customer: FIRST_OTHER + index, devices: 1 });
		}
		return changes;
	}
	if (kind === 'comingAndGoing') {
		// Before each run a tenth leaves, and the tenth that left before returns.
		const share = Math.max(1, Math.floor(customers / 10));
		let away: number[] = [];
		for (const { atMs, node } of triggers.slice(1)) {
			for (const customer of away) {
				changes.push({ atMs: atMs - 2, node, customer, devices: 1 });
			}
			away = Array.from({ length: share }, () => CHANGING + chance.integer(0, customers - CHANGING - 1));
			for (const customer of away) {
				changes.push({ atMs: atMs - 1, node, customer });
			}
		}
	}
	for (let remaining = chance.pick([0, 0, 3, 6]); remaining > 0; remaining--) {
		const { atMs, node, customer } = come(remaining);
		changes.push({ atMs: atMs + chance.integer(1000, 90_000), node, customer });
	}
	return changes;
}
