import type { Violation } from './judge.mts';
import type { AtStep, Fault, Storm, StormKind, Trigger, WorkerPlan } from './storm.mts';

/** A storm that has broken a promise, as small as it could be made. */
export interface KnownStorm {
	what: string;
	breaks: Violation['kind'];
	storm: Storm;
}

const RIGHT_CLOCK: WorkerPlan = { offsetMs: 0, steps: [] };

const NOTHING = {
	customers: 24,
	concurrency: 1,
	workers: [RIGHT_CLOCK, RIGHT_CLOCK],
	changes: [],
	faults: [],
	service: { refused: 0, responseLost: 0, requestLost: 0 },
	healEveryMs: 15_000,
} as const;

/** @param seed the storm that it was found in: what is drawn while it runs follows from this */
const known = (
	breaks: Violation['kind'],
	what: string,
	kind: StormKind,
	seed: number,
	triggers: Trigger[],
	others: Partial<Storm> = {},
): KnownStorm => ({ what, breaks, storm: { ...NOTHING, seed, kind, triggers, ...others } });

const start = (id: number, atMs: number, worker: number, others: Partial<Trigger> = {}): Trigger => ({
	...{ id, atMs, worker },
	...others,
});

const THREE = [RIGHT_CLOCK, RIGHT_CLOCK, RIGHT_CLOCK];

const at = (trigger: number, when: AtStep['when'], meets: AtStep['meets'], nth = 1): AtStep => ({
	...{ trigger, meets, nth, when },
});

const reject = (trigger: number, meets: AtStep['meets'], nth: number, times: number): Fault => ({
	...{ kind: 'reject', at: at(trigger, 'before', meets, nth), takesEffect: false, times },
});

export const KNOWN_STORMS: readonly KnownStorm[] = [
	known(
		'unchecked',
		'A run dies between the DELETE and the INSERT of its end, and the rows of the next one are wrong',
		'kills',
		100697,
		[start(0, 0, 0), start(14, 145141, 0), start(15, 155031, 0, { wrongJoin: 15 })],
		{
			changes: [{ atMs: 144641, customer: 5, devices: 23 }],
			faults: [{ kind: 'kill', at: at(14, 'after', 'DELETE'), backAfterMs: 15612 }],
		},
	),
	known(
		'unchecked',
		'The INSERT of the end is rejected once, and the rows of the next run are wrong',
		'rejections',
		100310,
		[start(0, 0, 0), start(6, 65190, 1), start(7, 75046, 0, { wrongJoin: 7 })],
		{
			changes: [{ atMs: 64690, customer: 1, devices: 9 }],
			faults: [reject(6, 'INSERT', 1, 1)],
			healEveryMs: 5000,
		},
	),
	// Between its two looks at the clocks, before its claim, and right before that.
	...[2, 15, 19].map((nth) =>
		known(
			'twoSenders',
			`A machine is paused at look ${nth} at a clock, between the count and the claim of a run`,
			'pauses',
			52037989,
			[start(0, 0, 0), start(19, 175098, 0), start(20, 185198, 1)],
			{
				changes: [{ atMs: 184698, customer: 3, devices: 14 }],
				faults: [{ kind: 'pause', at: at(19, 'before', 'clock', nth), forMs: 19606 }],
			},
		),
	),
	known(
		'twoSenders',
		'A machine is paused before the first count of its run, which then takes over from one that is newer',
		'pauses',
		70000693,
		[start(2, 25023, 2), start(3, 25105, 0), start(4, 35039, 2)],
		{
			workers: THREE,
			changes: [
				{ atMs: 24924, customer: 2 },
				{ atMs: 34292, customer: 0 },
				{ atMs: 66071, customer: 1, devices: 5 },
			],
			faults: [
				{ kind: 'pause', at: { atMs: 36552, worker: 2 }, forMs: 7029 },
				{ kind: 'pause', at: at(3, 'before', 'clock', 2), forMs: 15279 },
			],
		},
	),
	known(
		'twoSenders',
		'A process is frozen when it has found the claim of another one, and watches a state that has been closed meanwhile',
		'freezes',
		52043476,
		[start(0, 0, 0), start(25, 175196, 1), start(26, 175250, 0)],
		{
			faults: [{ kind: 'freeze', at: at(26, 'before', 'clock', 26), forMs: 33416 }],
			healEveryMs: 2000,
		},
	),
	known(
		'unchecked',
		'Two runs claim a state that looks closed by its number, and one takes back the mark of what the other one has asked',
		'faultyTwins',
		63212382,
		[
			start(4, 45137, 1, { group: { id: 1, beginMs: 100 } }),
			start(7, 75112, 2, { group: { id: 2, beginMs: 100 }, wrongJoin: 7 }),
			start(8, 105109, 0, { group: { id: 3, beginMs: 103 } }),
			start(9, 105109, 1, { group: { id: 3, beginMs: 101 }, wrongJoin: 9 }),
		],
		{
			customers: 32,
			workers: THREE,
			changes: [{ atMs: 74612, customer: 0, devices: 13 }],
			faults: [{ kind: 'stall', at: at(7, 'before', 'write', 2), of: 'response', forMs: 4000 }],
			healEveryMs: 5000,
		},
	),
	known(
		'lost',
		'A dead claim of as many entries as there are makes each run watch twice, and n8n ends each after 16 s',
		'mixed',
		52018986,
		[start(0, 0, 0), start(5, 3615167, 0, { limitMs: 17000, wrongJoin: 4 }), start(6, 4515138, 1)],
		{
			customers: 29,
			workers: [
				{
					offsetMs: 0,
					steps: [
						{ atMs: 368994, byMs: -30000 },
						{ atMs: 3618375, byMs: 600000 },
					],
				},
				{
					offsetMs: 30000,
					steps: [
						{ atMs: 3660009, byMs: -600000 },
						{ atMs: 3669005, byMs: 30000 },
					],
				},
			],
			changes: [
				{ atMs: 1829073, customer: 0, devices: 11 },
				{ atMs: 2715783, customer: 2, devices: 7 },
				{ atMs: 3616525, customer: 1, devices: 8 },
				{ atMs: 4514638, customer: 3, devices: 12 },
			],
			faults: [{ kind: 'kill', at: at(6, 'after', 'UPDATE', 5), backAfterMs: 5668 }],
			limitMs: 16000,
		},
	),
];
