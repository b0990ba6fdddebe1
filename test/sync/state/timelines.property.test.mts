import { fateOf } from '../../support/fates.mts';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OutcomeName } from '../../../nodes/TencentCloudIot/service/outcome';
import type { Clock } from '../../../nodes/TencentCloudIot/service/transport/clock';
import { ALL_WELL } from '../../../nodes/TencentCloudIot/sync/health';
import { StateEntries } from '../../../nodes/TencentCloudIot/sync/state/entries';
import { sendingOrder, standingOf } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { Node, STOP_ABOVE_50, type Contents } from './syncRuns.mts';

const CUSTOMERS = 120;
const DAY_MS = 86_400_000;
const ACCOUNTS = ['one', 'two'] as const;

/** What may become of one request: applied or not, and what its sender knows of it; `none` when it was never begun. */
type Fate = 'ok' | 'refused' | 'answerLost' | 'requestLost' | 'none';

const OUTCOMES: Readonly<Record<Fate, OutcomeName | undefined>> = {
	ok: 'OK',
	refused: 'REFUSED',
	answerLost: 'UNKNOWN',
	requestLost: 'UNKNOWN',
	none: undefined,
};

/** A run, or what happens to the rows before the next one. */
type Event =
	| { kind: 'edit'; customers: number[]; content: string }
	| { kind: 'edit all'; content: string }
	| { kind: 'remove'; customers: number[] }
	| { kind: 'days'; days: number }
	| {
			kind: 'run';
			fates: Fate[];
			diesAfter: number | undefined;
			stopAbove: number;
			sendAll: boolean;
			dryRun: boolean;
			account: (typeof ACCOUNTS)[number];
			pushAgainAfterDays: number;
	  };

const content = fc.constantFrom('A', 'B', 'C');
const customers = fc.array(fc.nat(CUSTOMERS - 1), { minLength: 1, maxLength: 8 });
const rarely = <T,>(value: fc.Arbitrary<T>, otherwise: T) =>
	fc.oneof({ weight: 5, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary: value });

const events: fc.Arbitrary<Event[]> = fc.array(
	fc.oneof(
		{ weight: 4, arbitrary: fc.record({ kind: fc.constant('edit' as const), customers, content }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant('edit all' as const), content }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), customers }) },
		{
			weight: 1,
			arbitrary: fc.record({ kind: fc.constant('days' as const), days: fc.integer({ min: 1, max: 9 }) }),
		},
		{
			weight: 6,
			arbitrary: fc.record({
				kind: fc.constant('run' as const),
				fates: fc.array(
					fc.constantFrom<Fate>('ok', 'ok', 'ok', 'refused', 'answerLost', 'requestLost', 'none'),
					{
						minLength: 1,
						maxLength: 12,
					},
				),
				diesAfter: rarely<number | undefined>(fc.nat(CUSTOMERS), undefined),
				stopAbove: rarely(fc.constant(100), 50),
				sendAll: rarely(fc.boolean(), false),
				dryRun: rarely(fc.boolean(), false),
				account: rarely(fc.constantFrom(...ACCOUNTS), 'one'),
				pushAgainAfterDays: rarely(fc.constantFrom(0, 1), 7),
			}),
		},
	),
	{ minLength: 5, maxLength: 40 },
);

/** A CRM, a service with two accounts, and a node between them. */
class Timeline {
	readonly node = new Node();
	readonly rows = new Map(Array.from({ length: CUSTOMERS }, (_, index) => [`user_${index}`, 'A']));
	readonly service = { one: new Map<string, string>(), two: new Map<string, string>() };

	change(event: Exclude<Event, { kind: 'run' }>): void {
		if (event.kind === 'days') this.node.clock.startMs += event.days * DAY_MS;
		else if (event.kind === 'edit all') for (const id of this.rows.keys()) this.rows.set(id, event.content);
		else if (event.kind === 'remove') for (const index of event.customers) this.rows.delete(`user_${index}`);
		else for (const index of event.customers) this.rows.set(`user_${index}`, event.content);
	}

	/** The next run comes some time later. */
	async died(): Promise<string> {
		await this.node.clock.advance(15_000);
		return 'DIED';
	}

	/** @returns how many requests there were, or why there were none */
	async run(event: Omit<Extract<Event, { kind: 'run' }>, 'kind'>): Promise<number | string> {
		const { fates, diesAfter = Infinity, account, stopAbove, ...others } = event;
		const settings = { ...others, checks: { ...STOP_ABOVE_50, stopAbovePercent: stopAbove } };
		const service = this.service[account];
		const contents: Contents = Object.fromEntries(this.rows);
		const ids = Object.keys(contents);
		const entries = new StateEntries({
			endpoint: 'https://service.example/',
			appKey: account,
			appSecret: 'secret',
		});
		const { clock } = this.node;
		let isDead = false;
		const ofProcess: Clock = {
			nowMs: () => clock.nowMs(),
			elapsedMs: () => clock.elapsedMs(),
			sleep: async (ms, signal) => await clock.sleep(ms, signal),
			alarm: (ms, ring) => clock.alarm(ms, () => isDead || ring()),
		};
		const run = await this.node.begin(contents, { ...settings, entries, clock: ofProcess });
		const { verdicts, stopped } = run.begun;
		if (event.dryRun) return 'DRY_RUN';
		if (stopped !== undefined) return stopped.code;
		for (const [index, id] of ids.entries()) {
			if (verdicts[index] === 'unchanged') expect([id, service.get(id)]).toEqual([id, contents[id]]);
		}
		const outcomes: Array<OutcomeName | undefined> = [];
		const order = sendingOrder(
			verdicts,
			event.sendAll,
			(index) => run.hasTurn(index),
			() => 0,
		);
		for (const [position, index] of order.entries()) {
			isDead = position === diesAfter;
			if (isDead) return await this.died();
			const fate = fates[position % fates.length]!;
			if (fate === 'ok' || fate === 'answerLost') service.set(ids[index]!, contents[ids[index]!]!);
			outcomes[index] = OUTCOMES[fate];
		}
		isDead = diesAfter < Infinity;
		if (isDead) return await this.died();
		const standings = verdicts.map((verdict, index) =>
			standingOf(verdict, fateOf(verdict, outcomes[index], event.sendAll)),
		);
		await this.node.until(run.end(standings, ALL_WELL));
		return order.length;
	}
}

const WELL = {
	fates: ['ok' as const],
	diesAfter: undefined,
	stopAbove: 100,
	sendAll: false,
	dryRun: false,
	account: 'one' as const,
	pushAgainAfterDays: 0,
};

test('Whatever happens to rows, requests and processes, no run skips a customer of whom the service has something else; and in the end all is there, and nothing is sent twice', async () => {
	await fc.assert(
		fc.asyncProperty(events, async (all) => {
			const timeline = new Timeline();
			for (const event of all) {
				if (event.kind === 'run') await timeline.run(event);
				else timeline.change(event);
			}
			expect(await timeline.run(WELL)).toEqual(expect.any(Number));
			for (const [id, expected] of timeline.rows) expect(timeline.service.one.get(id)).toBe(expected);
			expect(await timeline.run(WELL)).toBe(0);
		}),
		{ numRuns: 200 },
	);
});

test('Such timelines meet what they are for', async () => {
	const met = new Map<number | string, number>();
	for (const all of fc.sample(events, { numRuns: 100, seed: 1 })) {
		const timeline = new Timeline();
		for (const event of all) {
			if (event.kind !== 'run') timeline.change(event);
			else {
				const result = await timeline.run(event);
				const key =
					typeof result === 'string' ? result : result === 0 ? 'NONE' : result < 60 ? 'SOME' : 'MOST';
				met.set(key, (met.get(key) ?? 0) + 1);
			}
		}
	}
	for (const key of ['DIED', 'DRY_RUN', 'TOO_MANY_CHANGES', 'NONE', 'SOME', 'MOST']) {
		expect([key, (met.get(key) ?? 0) > 5]).toEqual([key, true]);
	}
});
