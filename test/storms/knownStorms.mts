import type { Violation } from './judge.mts';
import type { Storm } from './storm.mts';

/** A storm that has broken a promise, as small as it could be made. */
export interface KnownStorm {
	what: string;
	breaks: Violation['kind'];
	storm: Storm;
}

const NOTHING = {
	customers: 24,
	concurrency: 1,
	workers: [
		{ offsetMs: 0, steps: [] },
		{ offsetMs: 0, steps: [] },
		{ offsetMs: 0, steps: [] },
	],
	changes: [],
	faults: [],
	service: { refused: 0, responseLost: 0, requestLost: 0 },
} as const;

export const KNOWN_STORMS: readonly KnownStorm[] = [
	{
		what: 'The query of a sample is rejected once, and the rows are wrong',
		breaks: 'unchecked',
		storm: {
			...NOTHING,
			seed: 100926,
			kind: 'rejections',
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 0, atMs: 0, worker: 0 },
				{ id: 12, atMs: 125152, worker: 1, wrongJoin: 11 },
			],
			faults: [
				{
					kind: 'reject',
					at: { trigger: 12, meets: 'write', nth: 2, when: 'before' },
					takesEffect: false,
					times: 1,
				},
			],
			healEveryMs: 15000,
		},
	},
	{
		what: 'The second query is rejected twice, and the rows are wrong',
		breaks: 'unchecked',
		storm: {
			...NOTHING,
			seed: 102048,
			kind: 'rejections',
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 0, atMs: 0, worker: 0 },
				{ id: 22, atMs: 210033, worker: 0, wrongJoin: 22 },
			],
			faults: [
				{
					kind: 'reject',
					at: { trigger: 22, meets: 'write', nth: 3, when: 'before' },
					takesEffect: false,
					times: 2,
				},
			],
			healEveryMs: 15000,
		},
	},
	{
		what: 'The opening is rejected twice, and the rows of the next run are wrong',
		breaks: 'unchecked',
		storm: {
			...NOTHING,
			seed: 101707,
			kind: 'rejections',
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 0, atMs: 0, worker: 0 },
				{ id: 4, atMs: 60189, worker: 0 },
				{ id: 5, atMs: 75030, worker: 1, wrongJoin: 5 },
			],
			faults: [
				{
					kind: 'reject',
					at: { trigger: 4, meets: 'UPDATE', nth: 1, when: 'before' },
					takesEffect: false,
					times: 2,
				},
			],
			healEveryMs: 5000,
		},
	},
	{
		what: 'A run dies between the DELETE and the INSERT of its end, and the rows of the next one are wrong',
		breaks: 'unchecked',
		storm: {
			...NOTHING,
			seed: 100697,
			kind: 'kills',
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 0, atMs: 0, worker: 0 },
				{ id: 14, atMs: 145141, worker: 0 },
				{ id: 15, atMs: 155031, worker: 0, wrongJoin: 15 },
			],
			changes: [{ atMs: 144641, customer: 5, devices: 23 }],
			faults: [
				{ kind: 'kill', at: { trigger: 14, meets: 'DELETE', nth: 1, when: 'after' }, backAfterMs: 15612 },
			],
			healEveryMs: 15000,
		},
	},
	{
		what: 'The INSERT of the end is rejected once, and the rows of the next run are wrong',
		breaks: 'unchecked',
		storm: {
			...NOTHING,
			seed: 100310,
			kind: 'rejections',
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 0, atMs: 0, worker: 0 },
				{ id: 6, atMs: 65190, worker: 1 },
				{ id: 7, atMs: 75046, worker: 0, wrongJoin: 7 },
			],
			changes: [{ atMs: 64690, customer: 1, devices: 9 }],
			faults: [
				{
					kind: 'reject',
					at: { trigger: 6, meets: 'INSERT', nth: 1, when: 'before' },
					takesEffect: false,
					times: 1,
				},
			],
			healEveryMs: 5000,
		},
	},
	{
		what: 'The DELETE of the end is rejected after it took effect, and the next two runs begin together',
		breaks: 'twoSenders',
		storm: {
			...NOTHING,
			seed: 101927,
			kind: 'rejections',
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 10, atMs: 105030, worker: 0 },
				{ id: 11, atMs: 120168, worker: 1 },
				{ id: 12, atMs: 120317, worker: 0 },
			],
			faults: [
				{
					kind: 'reject',
					at: { trigger: 10, meets: 'DELETE', nth: 1, when: 'before' },
					takesEffect: true,
					times: 3,
				},
			],
			service: { refused: 0.04, responseLost: 0.04, requestLost: 0.02 },
			healEveryMs: 15000,
		},
	},
	{
		what: 'A process is frozen at the first SELECT of its run, and sends its old rows after the next run has ended',
		breaks: 'twoSenders',
		storm: {
			...NOTHING,
			seed: 103822,
			kind: 'freezes',
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 3, atMs: 30134, worker: 0 },
				{ id: 7, atMs: 90106, worker: 0 },
			],
			changes: [{ atMs: 90400, customer: 3, devices: 6 }],
			faults: [{ kind: 'freeze', at: { trigger: 7, meets: 'SELECT', nth: 1, when: 'after' }, forMs: 23358 }],
			healEveryMs: 15000,
		},
	},
	{
		what: 'A process is frozen while it compares, and goes on beside the run that took over',
		breaks: 'twoSenders',
		storm: {
			...NOTHING,
			seed: 105318,
			kind: 'freezes',
			triggers: [
				{ id: 4, atMs: 45124, worker: 2 },
				{ id: 6, atMs: 55141, worker: 2 },
			],
			changes: [
				{ atMs: 46716, customer: 3, devices: 7 },
				{ atMs: 54183, customer: 4 },
			],
			faults: [{ kind: 'freeze', at: { trigger: 6, meets: 'clock', nth: 19, when: 'before' }, forMs: 30787 }],
			healEveryMs: 15000,
		},
	},
	{
		what: 'Each statement takes two seconds, and a run waits while another one takes over',
		breaks: 'twoSenders',
		storm: {
			...NOTHING,
			seed: 1227,
			kind: 'slow',
			customers: 38,
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 2, atMs: 20040, worker: 0 },
				{ id: 4, atMs: 30014, worker: 1 },
				{ id: 5, atMs: 35082, worker: 0 },
				{ id: 9, atMs: 45108, worker: 1 },
			],
			changes: [{ atMs: 24187, customer: 0, devices: 3 }],
			faults: [{ kind: 'slow', fromMs: 45551, untilMs: 78551, minMs: 1600, maxMs: 2095 }],
			healEveryMs: 10000,
		},
	},
	{
		what: 'Two runs begin together with the same wrong rows: each finds what the other one has queried',
		breaks: 'unchecked',
		storm: {
			...NOTHING,
			seed: 1188,
			kind: 'calm',
			customers: 38,
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 0, atMs: 0, worker: 0 },
				{ id: 13, atMs: 150067, worker: 0, wrongJoin: 13 },
				{ id: 14, atMs: 150088, worker: 1, wrongJoin: 13 },
			],
			healEveryMs: 5000,
		},
	},
	{
		what: 'A run opens the state between the DELETE and the INSERT of another one, and takes back too much',
		breaks: 'unchecked',
		storm: {
			...NOTHING,
			seed: 100159,
			kind: 'freezes',
			customers: 33,
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 4, atMs: 25248, worker: 1 },
				{ id: 12, atMs: 65193, worker: 1 },
				{ id: 13, atMs: 70094, worker: 0 },
				{ id: 15, atMs: 75190, worker: 0, wrongJoin: 15 },
			],
			changes: [{ atMs: 64795, customer: 0, devices: 9 }],
			healEveryMs: 5000,
		},
	},
	{
		what: 'A process is frozen before it sends, and sends old rows after the run that took over has ended',
		breaks: 'wrongSkip',
		storm: {
			...NOTHING,
			seed: 100533,
			kind: 'freezes',
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 3, atMs: 35188, worker: 1 },
				{ id: 4, atMs: 45031, worker: 0 },
				{ id: 5, atMs: 55171, worker: 1 },
				{ id: 7, atMs: 75099, worker: 1 },
			],
			changes: [
				{ atMs: 34225, customer: 0 },
				{ atMs: 44531, customer: 2, devices: 11 },
				{ atMs: 48043, customer: 2, devices: 10 },
			],
			faults: [{ kind: 'freeze', at: { trigger: 4, meets: 'SELECT', nth: 8, when: 'before' }, forMs: 30226 }],
			healEveryMs: 5000,
		},
	},
	{
		what: 'A run is cancelled while a statement is slow, just before it may send: it shows for ever that it is alive',
		breaks: 'lost',
		storm: {
			...NOTHING,
			seed: 702250,
			kind: 'mixed',
			concurrency: 2,
			workers: [
				{ offsetMs: 0, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 11, atMs: 120027, worker: 1 },
				{ id: 17, atMs: 180068, worker: 0 },
				{ id: 18, atMs: 195170, worker: 0 },
				{ id: 19, atMs: 195249, worker: 1, limitMs: 16000, wrongJoin: 18 },
				{ id: 20, atMs: 210077, worker: 0, limitMs: 16000, wrongJoin: 18 },
			],
			changes: [
				{ atMs: 119838, customer: 0 },
				{ atMs: 158390, customer: 0, devices: 20 },
			],
			faults: [
				{ kind: 'kill', at: { trigger: 18, meets: 'INSERT', nth: 1, when: 'before' }, backAfterMs: 18420 },
				{ kind: 'pause', at: { trigger: 17, meets: 'clock', nth: 76, when: 'before' }, forMs: 7875 },
				{ kind: 'slow', fromMs: 186141, untilMs: 230141, minMs: 533, maxMs: 769 },
			],
			healEveryMs: 5000,
		},
	},
	{
		what: 'Runs in three processes that start every two seconds take turns at waiting for one another',
		breaks: 'neverHealed',
		storm: {
			...NOTHING,
			seed: 700138,
			kind: 'mixed',
			workers: [
				{
					offsetMs: 0,
					steps: [
						{ atMs: 152209, byMs: 30000 },
						{ atMs: 104586, byMs: 30000 },
					],
				},
				{ offsetMs: -30000, steps: [] },
				{ offsetMs: 0, steps: [] },
			],
			triggers: [
				{ id: 0, atMs: 0, worker: 0 },
				{ id: 1, atMs: 15063, worker: 2 },
				{ id: 2, atMs: 30161, worker: 1 },
				{ id: 3, atMs: 45197, worker: 2, wrongJoin: 2 },
				{ id: 4, atMs: 60055, worker: 0 },
			],
			faults: [
				{
					kind: 'reject',
					at: { trigger: 1, meets: 'write', nth: 2, when: 'before' },
					takesEffect: true,
					times: 3,
				},
				{ kind: 'kill', at: { atMs: 16555, worker: 2 }, backAfterMs: 3546 },
			],
			healEveryMs: 2000,
		},
	},
];
