import type { Chance } from './chance.mts';
import { DEEDS, type AtStep, type AtTime, type Fault, type Meets, type Trigger } from './storm.mts';

const SECOND_MS = 1000;
/** Most storms have only one run before this time. */
const PROLOGUE_MS = 15 * SECOND_MS;
/** Longer than any takeover wait. */
const LONG_FREEZE_MS = { min: 50, max: 75 };

export const FAULT_KINDS = [
	'rejections',
	'restarts',
	'kills',
	'freezes',
	'pauses',
	'slow',
	'stalls',
] as const;
export type FaultKind =
	| (typeof FAULT_KINDS)[number]
	/** Several successive statements of one run are late. */
	| 'lateInARow'
	/** The process is frozen just before a request, for longer than a takeover wait. */
	| 'frozenRequests'
	/** The process is killed while a request is under way. */
	| 'killedRequests';

/** Roughly how many steps of each kind a run has. */
const MOST_STEPS: Readonly<Record<Meets, number>> = {
	step: 50,
	statement: 18,
	call: 20,
	clock: 90,
	write: 10,
	SELECT: 8,
	UPDATE: 5,
	DELETE: 2,
	INSERT: 5,
	sleep: 5,
	request: 6,
};
const STATEMENTS: readonly Meets[] = ['write', 'write', 'write', 'SELECT', 'UPDATE', 'DELETE', 'INSERT'];
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
const WHEN = ['before', 'after'] as const;
/** Ranges of steps that include the last ones before a run sends. */
const BEFORE_SENDING = [
	{ meets: 'SELECT', first: 1, last: 5 },
	{ meets: 'UPDATE', first: 1, last: 2 },
	{ meets: 'clock', first: 10, last: 50 },
] as const;

/** One to three faults of a kind. @param disturbed the triggers whose runs the faults may meet */
export function planFaults(
	chance: Chance,
	kind: FaultKind,
	disturbed: readonly Trigger[],
	lastMs: number,
): Fault[] {
	const times = kind === 'slow' ? 1 : chance.integer(1, 3);
	return Array.from({ length: times }, () => planFault(chance, kind, disturbed, lastMs)).flat();
}

/** What a person does to the table, one to three times. */
export function planDeeds(chance: Chance, disturbed: readonly Trigger[]): Fault[] {
	return Array.from({ length: chance.integer(1, 3) }, () => ({
		kind: 'person',
		at: { atMs: chance.pick(disturbed).atMs + chance.integer(200, chance.pick([1000, 10_000, 60_000])) },
		deed: chance.is(0.3) ? 'write nobody as owner' : chance.pick(DEEDS),
	}));
}

function planFault(chance: Chance, kind: FaultKind, disturbed: readonly Trigger[], lastMs: number): Fault[] {
	const atStatement = (): AtStep => ({ ...atStep(chance, disturbed, STATEMENTS), when: 'before' });
	switch (kind) {
		case 'rejections':
			return [planRejection(chance, atStatement())];
		case 'restarts': {
			const at = chance.is(0.8) ? atStatement() : { atMs: chance.integer(PROLOGUE_MS, lastMs) };
			return [{ kind: 'restart', at, forMs: chance.integer(2000, 8000) }];
		}
		case 'kills':
			return [{ kind: 'kill', at: anywhere(chance, disturbed), backAfterMs: chance.integer(500, 20_000) }];
		case 'freezes':
			return [planFreeze(chance, anywhere(chance, disturbed), { min: 3, max: 100 })];
		case 'frozenRequests':
			return [planFreeze(chance, atRequest(chance, disturbed, 'before'), LONG_FREEZE_MS)];
		case 'killedRequests':
			return [
				{ kind: 'kill', at: atRequest(chance, disturbed, 'after'), backAfterMs: chance.integer(500, 5000) },
			];
		case 'pauses':
			return [{ kind: 'pause', at: anywhere(chance, disturbed), forMs: chance.integer(3000, 40_000) }];
		case 'slow': {
			const fromMs = chance.integer(PROLOGUE_MS, Math.max(PROLOGUE_MS, lastMs));
			const minMs = chance.integer(200, 2000);
			const untilMs = fromMs + chance.integer(5, 90) * SECOND_MS;
			return [{ kind: 'slow', fromMs, untilMs, minMs, maxMs: minMs + chance.integer(0, 1000) }];
		}
		case 'stalls':
			return [
				{
					kind: 'stall',
					at: atStatement(),
					of: chance.pick(['effect', 'response']),
					forMs: chance.integer(2, 60) * SECOND_MS,
				},
			];
		case 'lateInARow': {
			const { trigger } = chance.pick(disturbed.map(({ id }) => ({ trigger: id })));
			const first = chance.integer(1, MOST_STEPS.statement);
			const count = chance.integer(2, 5);
			return Array.from({ length: count }, (_, index) => ({
				kind: 'stall',
				at: { trigger, meets: 'statement', nth: first + index, when: 'before' },
				of: chance.pick(['effect', 'response', 'response']),
				forMs: chance.pick([7000, 9000, 9000, 60_000]),
			}));
		}
	}
}

function atStep(chance: Chance, disturbed: readonly Trigger[], kinds: readonly Meets[]): AtStep {
	const meets = chance.pick(kinds);
	return {
		trigger: chance.pick(disturbed).id,
		meets,
		nth: chance.integer(1, MOST_STEPS[meets]),
		when: chance.pick(WHEN),
	};
}

/** At one of the first requests of a run, because most runs have few. */
function atRequest(chance: Chance, disturbed: readonly Trigger[], when: AtStep['when']): AtStep {
	return { trigger: chance.pick(disturbed).id, meets: 'request', nth: chance.pick([1, 1, 1, 2, 3, 6]), when };
}

function anywhere(chance: Chance, disturbed: readonly Trigger[]): AtStep | AtTime {
	if (chance.is(0.25)) {
		const { meets, first, last } = chance.pick(BEFORE_SENDING);
		const nth = chance.integer(first, last);
		return { trigger: chance.pick(disturbed).id, meets, nth, when: chance.pick(WHEN) };
	}
	if (chance.is(0.85)) {
		return atStep(chance, disturbed, STEPS);
	}
	const { atMs, worker } = chance.pick(disturbed);
	return { atMs: atMs + chance.integer(0, 12 * SECOND_MS), worker };
}

function planRejection(chance: Chance, at: AtStep): Fault {
	const takesEffect = chance.is(0.35);
	const rejection: Fault = { kind: 'reject', at, takesEffect };
	if (chance.is(0.25)) {
		rejection.forMs = chance.integer(1, 8) * SECOND_MS;
	} else {
		rejection.times = chance.pick([1, 1, 2, 3]);
	}
	if (takesEffect && chance.is(0.4)) {
		rejection.effectAfterMs = chance.integer(1, 60) * SECOND_MS;
	}
	return rejection;
}

function planFreeze(chance: Chance, at: AtStep | AtTime, seconds: { min: number; max: number }): Fault {
	const forMs = chance.integer(seconds.min * SECOND_MS, seconds.max * SECOND_MS);
	const freeze: Fault = { kind: 'freeze', at, forMs };
	if (chance.is(0.4)) {
		freeze.killedAfterMs = chance.integer(1, 2000);
	}
	return freeze;
}
