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
	known(
		'twoSenders',
		'The DELETE of the end is rejected after it took effect, and the next two runs begin together',
		'rejections',
		101927,
		[start(10, 105030, 0), start(11, 120168, 1), start(12, 120317, 0)],
		{
			faults: [{ kind: 'reject', at: at(10, 'before', 'DELETE'), takesEffect: true, times: 3 }],
			service: { refused: 0.04, responseLost: 0.04, requestLost: 0.02 },
		},
	),
	known(
		'twoSenders',
		'A process is frozen at the first SELECT of its run, and sends its old rows after the next run has ended',
		'freezes',
		103822,
		[start(3, 30134, 0), start(7, 90106, 0)],
		{
			changes: [{ atMs: 90400, customer: 3, devices: 6 }],
			faults: [{ kind: 'freeze', at: at(7, 'after', 'SELECT'), forMs: 23358 }],
		},
	),
	known(
		'twoSenders',
		'Each statement takes two seconds, and a run waits while another one takes over',
		'slow',
		1227,
		[start(2, 20040, 0), start(4, 30014, 1), start(5, 35082, 0), start(9, 45108, 1)],
		{
			customers: 38,
			changes: [{ atMs: 24187, customer: 0, devices: 3 }],
			faults: [{ kind: 'slow', fromMs: 45551, untilMs: 78551, minMs: 1600, maxMs: 2095 }],
			healEveryMs: 10_000,
		},
	),
	known(
		'lost',
		'A run is cancelled while a statement is slow, just before it may send: it shows for ever that it is alive',
		'mixed',
		702250,
		[
			...[start(11, 120027, 1), start(17, 180068, 0), start(18, 195170, 0)],
			start(19, 195249, 1, { limitMs: 16000, wrongJoin: 18 }),
			start(20, 210077, 0, { limitMs: 16000, wrongJoin: 18 }),
		],
		{
			concurrency: 2,
			changes: [
				{ atMs: 119838, customer: 0 },
				{ atMs: 158390, customer: 0, devices: 20 },
			],
			faults: [
				{ kind: 'kill', at: at(18, 'before', 'INSERT'), backAfterMs: 18420 },
				{ kind: 'pause', at: at(17, 'before', 'clock', 76), forMs: 7875 },
				{ kind: 'slow', fromMs: 186141, untilMs: 230141, minMs: 533, maxMs: 769 },
			],
			healEveryMs: 5000,
		},
	),
	known(
		'neverHealed',
		'Runs in three processes that start every two seconds take turns at waiting for one another',
		'mixed',
		700138,
		[
			...[start(0, 0, 0), start(1, 15063, 2), start(2, 30161, 1)],
			...[start(3, 45197, 2, { wrongJoin: 2 }), start(4, 60055, 0)],
		],
		{
			workers: [
				{
					offsetMs: 0,
					steps: [
						{ atMs: 152209, byMs: 30000 },
						{ atMs: 104586, byMs: 30000 },
					],
				},
				{ offsetMs: -30000, steps: [] },
				RIGHT_CLOCK,
			],
			faults: [
				{ kind: 'reject', at: at(1, 'before', 'write', 2), takesEffect: true, times: 3 },
				{ kind: 'kill', at: { atMs: 16555, worker: 2 }, backAfterMs: 3546 },
			],
			healEveryMs: 2000,
		},
	),
	known(
		'sentAgain',
		'A run waits for one that ends, and writes while the next one looks at the state that it has opened',
		'slow',
		331392,
		[start(9, 75005, 1), start(17, 165010, 0), start(18, 180188, 1, { wrongJoin: 18 })],
		{
			customers: 36,
			concurrency: 2,
			changes: [{ atMs: 164772, customer: 0, devices: 13 }],
			faults: [{ kind: 'slow', fromMs: 161615, untilMs: 192615, minMs: 1025, maxMs: 1838 }],
			healEveryMs: 2000,
		},
	),
	// Before it leaves; and before its first look.
	...[1, 3].map((nth) =>
		known(
			'twoSenders',
			`A process is frozen at sleep ${nth} of its run, which watches another one, and takes over with old rows`,
			'freezes',
			901157,
			[start(0, 0, 0), start(5, 21139, 2), start(12, 33070, 1), start(13, 33152, 2)],
			{
				workers: [RIGHT_CLOCK, RIGHT_CLOCK, RIGHT_CLOCK],
				changes: [{ atMs: 42914, customer: 0, devices: 18 }],
				faults: [
					{ kind: 'freeze', at: at(5, 'before', 'SELECT', 2), forMs: 37902, killedAfterMs: 1193 },
					{ kind: 'freeze', at: at(13, 'before', 'sleep', nth), forMs: 24366 },
				],
			},
		),
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
