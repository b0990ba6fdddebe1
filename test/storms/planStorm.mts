import { Chance } from './chance.mts';
import {
	STORM_KINDS,
	type AtStep,
	type AtTime,
	type Change,
	type Fault,
	type Meets,
	type Storm,
	type StormKind,
	type Trigger,
	type WorkerPlan,
} from './storm.mts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** Each storm begins with a run that nothing disturbs, for so long: later ones have something to compare with. */
const PROLOGUE_MS = 15 * SECOND_MS;
/** The safety checks compare from 20 customers on, and some customers go. */
const FEWEST = 24;
const MOST = 40;
/** Only these customers change, so that right rows stay far below the threshold of the safety checks. */
const CHANGING = 4;

const FAULT_KINDS = [
	'rejections',
	'restarts',
	'kills',
	'freezes',
	'pauses',
	'slow',
	'stalls',
] as const satisfies readonly StormKind[];
type FaultKind = (typeof FAULT_KINDS)[number];

/** Kinds of storms whose triggers come in groups. */
const TOGETHER: readonly StormKind[] = ['twins', 'threeAtOnce', 'slowTwins', 'faultyTwins'];

/** The storm of a seed. */
export function planStorm(seed: number): Storm {
	const chance = new Chance('storm', seed);
	const kind = STORM_KINDS[seed % STORM_KINDS.length]!;
	const has = (one: StormKind, probability: number) =>
		kind === one || (kind === 'mixed' && chance.is(probability));
	const workers = kind === 'threeAtOnce' ? 3 : chance.integer(2, 3);
	const customers = chance.integer(FEWEST, MOST);
	const isLimited = has('limits', 0.3);
	const triggers = TOGETHER.includes(kind)
		? planGroups(chance, workers, kind === 'threeAtOnce')
		: kind === 'crowd'
			? planCrowd(chance, workers)
			: planTriggers(chance, workers, isLimited);
	const lastMs = triggers.at(-1)!.atMs;
	// A first run that something disturbs has nothing to compare with.
	const disturbed = chance.is(0.4) ? triggers : triggers.slice(1);
	const faultKinds =
		kind === 'mixed'
			? chance.some(FAULT_KINDS, 0.4)
			: kind === 'faultyTwins'
				? chance.some(FAULT_KINDS, 0.3)
				: FAULT_KINDS.filter((one) => one === kind);
	const faults = faultKinds.flatMap((one) => planFaults(chance, one, disturbed, lastMs));
	if (kind === 'slowTwins') faults.push(planSlowDatabase(chance, lastMs));
	const isPaused = faults.some((fault) => fault.kind === 'pause');
	const isFaulty = chance.is(0.5);
	return {
		seed,
		kind,
		customers,
		concurrency: kind === 'crowd' ? 1 : chance.integer(1, 4),
		...(kind === 'crowd' && { slowness: 12 }),
		workers: planWorkers(chance, workers, has('clocks', 0.4), isPaused, lastMs),
		triggers: plantWrongJoins(chance, triggers, faults),
		changes: planChanges(chance, triggers, faults),
		faults,
		service: isFaulty
			? { refused: 0.04, responseLost: 0.04, requestLost: 0.02 }
			: { refused: 0, responseLost: 0, requestLost: 0 },
		...(isLimited && { limitMs: chance.integer(15, 20) * SECOND_MS }),
		...(kind !== 'calm' && chance.is(0.4) && { isRepeating: true }),
		healEveryMs: chance.pick([2, 5, 10, 15]) * SECOND_MS,
	};
}

function planTriggers(chance: Chance, workers: number, isLimited: boolean): Trigger[] {
	const everyMs = chance.pick([2, 5, 5, 10, 10, 15, 15, 45, 900]) * SECOND_MS;
	const count = everyMs > MINUTE_MS ? chance.integer(4, 8) : chance.integer(6, 22);
	const pairs = chance.pick([0, 0.1, 0.5]);
	const limitMs = chance.integer(15, 20) * SECOND_MS;
	const triggers: Trigger[] = [];
	const add = (atMs: number, worker: number) => {
		const isCancelled = isLimited && atMs > 0 && chance.is(0.2);
		const endMs = isCancelled ? chance.integer(100, 15_000) : limitMs;
		triggers.push({ id: triggers.length, atMs, worker, ...(isLimited && { limitMs: endMs }) });
	};
	add(0, 0);
	for (let index = 0; index < count; index++) {
		const atMs = PROLOGUE_MS + index * everyMs + chance.integer(0, 200);
		const worker = chance.integer(0, workers - 1);
		add(atMs, worker);
		if (chance.is(pairs)) add(atMs + chance.integer(0, 150), (worker + 1) % workers);
	}
	return triggers;
}

/** Two or three triggers within the time of a statement. */
function planGroups(chance: Chance, workers: number, isThree: boolean): Trigger[] {
	const everyMs = chance.pick([5, 15, 30, 45]) * SECOND_MS;
	const groups = chance.integer(4, 10);
	const triggers: Trigger[] = [{ id: 0, atMs: 0, worker: 0 }];
	for (let id = 0; id < groups; id++) {
		const atMs = PROLOGUE_MS + id * everyMs + chance.integer(0, 200);
		const size = isThree || (workers === 3 && chance.is(0.4)) ? 3 : 2;
		const spreadMs = chance.pick([0, 5, 30, 60]);
		for (let worker = 0; worker < size; worker++) {
			const group = { id, beginMs: 100 + chance.integer(0, spreadMs) };
			triggers.push({ id: triggers.length, atMs, worker, group });
		}
	}
	return triggers;
}

/** A run with long requests, and others that come every few seconds. */
function planCrowd(chance: Chance, workers: number): Trigger[] {
	const everyMs = chance.pick([1, 2, 3, 5]) * SECOND_MS;
	const others = Array.from({ length: chance.integer(40, 80) }, (_, index) => ({
		id: index + 1,
		atMs: PROLOGUE_MS + index * everyMs + chance.integer(0, 900),
		worker: chance.integer(0, workers - 1),
	}));
	return [{ id: 0, atMs: 0, worker: 0 }, ...others];
}

function planSlowDatabase(chance: Chance, lastMs: number): Fault {
	const minMs = chance.integer(200, 1500);
	const maxMs = minMs + chance.integer(0, 1500);
	return { kind: 'slow', fromMs: PROLOGUE_MS, untilMs: lastMs + MINUTE_MS, minMs, maxMs };
}

function planWorkers(
	chance: Chance,
	count: number,
	areWrong: boolean,
	isPaused: boolean,
	lastMs: number,
): WorkerPlan[] {
	const amounts = [30 * SECOND_MS, 10 * MINUTE_MS];
	// A clock that is set back by more than a paused machine has missed hides the pause from both clocks.
	const signs = isPaused ? [1] : [1, -1];
	const amount = () => chance.pick(amounts) * chance.pick(signs);
	return Array.from({ length: count }, () => ({
		offsetMs: areWrong && chance.is(0.7) ? amount() : 0,
		steps: Array.from({ length: areWrong ? chance.integer(0, 2) : 0 }, () => ({
			atMs: chance.integer(PROLOGUE_MS, lastMs),
			byMs: amount(),
		})),
	}));
}

function planFaults(chance: Chance, kind: FaultKind, later: readonly Trigger[], lastMs: number): Fault[] {
	const atStep = (meets: readonly Meets[]): AtStep => {
		const one = chance.pick(meets);
		return {
			trigger: chance.pick(later).id,
			meets: one,
			nth: chance.integer(1, MOST_STEPS[one]),
			when: chance.pick(WHEN),
		};
	};
	const at = (): AtStep | AtTime => {
		if (chance.is(0.25)) {
			const { meets, first, last } = chance.pick(BEFORE_SENDING);
			const nth = chance.integer(first, last);
			return { trigger: chance.pick(later).id, meets, nth, when: chance.pick(WHEN) };
		}
		if (chance.is(0.85)) return atStep(STEPS);
		const { atMs, worker } = chance.pick(later);
		return { atMs: atMs + chance.integer(0, 12 * SECOND_MS), worker };
	};
	const times = chance.integer(1, kind === 'slow' ? 1 : 3);
	return Array.from({ length: times }, (): Fault => {
		switch (kind) {
			case 'rejections': {
				const isLong = chance.is(0.25);
				return {
					kind: 'reject',
					at: { ...atStep(STATEMENTS), when: 'before' },
					takesEffect: chance.is(0.35),
					...(isLong ? { forMs: chance.integer(1, 8) * SECOND_MS } : { times: chance.pick([1, 1, 2, 3]) }),
				};
			}
			case 'restarts':
				return {
					kind: 'restart',
					at: chance.is(0.8) ? atStep(STATEMENTS) : { atMs: chance.integer(PROLOGUE_MS, lastMs) },
					forMs: chance.integer(2000, 8000),
				};
			case 'kills':
				return { kind: 'kill', at: at(), backAfterMs: chance.integer(500, 20_000) };
			case 'freezes':
				return {
					kind: 'freeze',
					at: at(),
					forMs: chance.integer(3000, 40_000),
					...(chance.is(0.4) && { killedAfterMs: chance.integer(1, 2000) }),
				};
			case 'pauses':
				return { kind: 'pause', at: at(), forMs: chance.integer(3000, 40_000) };
			case 'slow': {
				const fromMs = chance.integer(PROLOGUE_MS, Math.max(PROLOGUE_MS, lastMs));
				const minMs = chance.integer(200, 2000);
				const untilMs = fromMs + chance.integer(5, 90) * SECOND_MS;
				return { kind: 'slow', fromMs, untilMs, minMs, maxMs: minMs + chance.integer(0, 1000) };
			}
			case 'stalls':
				return {
					kind: 'stall',
					at: { ...atStep(STATEMENTS), when: 'before' },
					of: chance.pick(['effect', 'response']),
					forMs: chance.integer(2, 60) * SECOND_MS,
				};
		}
	});
}

const WHEN = ['before', 'after'] as const;
/** How many of them a run has, roughly. */
const MOST_STEPS: Readonly<Record<Meets, number>> = {
	step: 50,
	clock: 90,
	write: 14,
	SELECT: 6,
	UPDATE: 6,
	DELETE: 1,
	INSERT: 3,
	sleep: 5,
	request: 6,
};
const STATEMENTS: readonly Meets[] = ['write', 'write', 'write', 'SELECT', 'UPDATE', 'DELETE', 'INSERT'];
/** The steps after which a run sends are among these. */
const BEFORE_SENDING = [
	{ meets: 'SELECT', first: 1, last: 3 },
	{ meets: 'UPDATE', first: 1, last: 2 },
	{ meets: 'clock', first: 15, last: 50 },
] as const;
const STEPS: readonly Meets[] = [
	...STATEMENTS,
	'step',
	'step',
	'step',
	'sleep',
	'sleep',
	'request',
	'request',
	'clock',
];

/** Wrong joins where they hurt most: in the run that has a fault, and in those after it. */
function plantWrongJoins(chance: Chance, triggers: readonly Trigger[], faults: readonly Fault[]): Trigger[] {
	const planted = new Map<number, number>();
	const plant = (first: number, count: number) => {
		for (let index = first; index < first + count; index++) planted.set(index, first);
	};
	for (const fault of faults) {
		const near = triggerOf(fault, triggers);
		if (near === undefined || !chance.is(0.6)) continue;
		plant(near + chance.pick([0, 0, 1, 1, 1, 2]), chance.integer(1, 3));
	}
	if (chance.is(0.3)) plant(chance.integer(1, triggers.length), chance.integer(1, 2));
	return triggers.map((trigger) => {
		const wrongJoin = planted.get(trigger.id);
		return wrongJoin === undefined ? trigger : { ...trigger, wrongJoin };
	});
}

/** The trigger whose run a fault meets, or the first after it. */
function triggerOf(fault: Fault, triggers: readonly Trigger[]): number | undefined {
	if ('at' in fault && 'trigger' in fault.at) return fault.at.trigger;
	const atMs = fault.kind === 'slow' ? fault.fromMs : (fault.at as { atMs: number }).atMs;
	return triggers.find((trigger) => trigger.atMs >= atMs)?.id;
}

function planChanges(chance: Chance, triggers: readonly Trigger[], faults: readonly Fault[]): Change[] {
	const changes: Change[] = [];
	let devices = 1;
	const pickCustomer = () => chance.integer(0, CHANGING - 1);
	const change = (atMs: number, customer = pickCustomer()) => {
		// Half of the changes bring a former value back.
		const value = chance.is(0.5) ? ++devices : chance.integer(1, devices);
		changes.push({ atMs, customer, ...(chance.is(0.85) && { devices: value }) });
	};
	for (const { atMs } of triggers.slice(1)) {
		// Before the run reads its rows, or while it is under way.
		for (let left = chance.pick([0, 0, 1, 1, 2]); left > 0; left--)
			change(atMs + chance.integer(-1000, 1500));
	}
	for (const fault of faults) {
		// What the run is to send is old when it comes to it.
		const { atMs } = triggers[triggerOf(fault, triggers) ?? 0]!;
		const customer = pickCustomer();
		if (chance.is(0.7)) change(atMs - 500, customer);
		if (chance.is(0.7)) change(atMs + chance.integer(1000, 15_000), customer);
	}
	// Some more customers come and go.
	for (let left = chance.pick([0, 0, 3, 6]); left > 0; left--) {
		const customer = MOST + left;
		const { atMs } = chance.pick(triggers);
		changes.push({ atMs: atMs + 500, customer, devices: 1 });
		changes.push({ atMs: atMs + chance.integer(1000, 90_000), customer });
	}
	return changes.toSorted((a, b) => a.atMs - b.atMs);
}
