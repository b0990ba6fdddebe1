import { describe, expect, test } from '@jest/globals';
import { ALL_WELL } from '../../../nodes/TencentCloudIot/sync/health';
import { standingOf } from '../../../nodes/TencentCloudIot/sync/verdicts';
import type { Clock } from '../../../nodes/TencentCloudIot/service/transport/clock';
import { fateOf } from '../../support/fates.mts';
import { integersOf, randomOf, slowTable } from './slowTable.mts';
import { manyCustomers, NO_CHECKS, Node, type Contents } from './syncRuns.mts';

/** A statement takes so long before it takes effect, where a test does not say, and a request takes so long. Milliseconds. */
const STATEMENT_MS = 15;
const REQUEST_MS = 200;

const never = new Promise<never>(() => {});

/** A node that triggers start, each run in a process of its own, and the service that it pushes to. */
class Triggered {
	readonly node = new Node();
	readonly service = new Map<string, string>();
	contents: Contents = manyCustomers(40, '1');
	readonly #statementMs: () => number;
	#tokens = 0;
	readonly #random = integersOf(randomOf(1));
	readonly #runs: Array<Promise<void>> = [];
	/** Why runs sent nothing; `ended` when they did. */
	readonly ends: string[] = [];

	/** @param statementMs how long a statement takes to take effect, and again to return */
	constructor(statementMs: () => number = () => STATEMENT_MS) {
		this.#statementMs = statementMs;
	}

	/** @param dieAfterMs when its process is killed @param limitMs n8n's time limit: then it is cancelled */
	trigger({ dieAfterMs, limitMs }: { dieAfterMs?: number; limitMs?: number } = {}): void {
		this.#runs.push(this.#run(dieAfterMs, limitMs));
	}

	async pass(ms: number): Promise<void> {
		for (let step = 0; step < ms; step += 50) await this.node.clock.advance(50);
	}

	/** Everybody has what the rows say. */
	isServed(): boolean {
		return Object.entries(this.contents).every(([id, content]) => this.service.get(id) === content);
	}

	/** The same, and the next run knows. */
	async isRight(): Promise<boolean> {
		const { state, sent } = await this.node.run(this.contents, { settings: { dryRun: true } });
		return this.isServed() && state === 'used' && sent.length === 0;
	}

	async #run(dieAfterMs = Infinity, limitMs = Infinity): Promise<void> {
		const { clock } = this.node;
		let isDead = false;
		const cancel = new AbortController();
		if (dieAfterMs < Infinity) clock.alarm(dieAfterMs, () => (isDead = true));
		if (limitMs < Infinity) clock.alarm(limitMs, () => cancel.abort());
		const wait = async (ms: number, signal?: AbortSignal) => {
			await clock.sleep(ms, signal);
			if (isDead) await never;
		};
		const own: Clock = {
			nowMs: () => clock.nowMs(),
			elapsedMs: () => clock.elapsedMs(),
			sleep: wait,
			alarm: (ms, ring) => clock.alarm(ms, () => isDead || ring()),
		};
		const { table } = this.node;
		const ofProcess = new Node(slowTable(table, async () => await wait(this.#statementMs())));
		const contents = this.contents;
		const run = await ofProcess.start(contents, {
			checks: NO_CHECKS,
			clock: own,
			signal: cancel.signal,
			newToken: () => String(this.#tokens++),
			random: this.#random,
		});
		const { verdicts, stopped } = run.begun;
		if (stopped !== undefined) return void this.ends.push(stopped.code);
		const outcomes: Array<'OK' | undefined> = [];
		for (const [index, [id, content]] of Object.entries(contents).entries()) {
			const isSent = verdicts[index] !== 'unchanged' && !cancel.signal.aborted && (await run.mayStart());
			if (!isSent) continue;
			await wait(REQUEST_MS);
			this.service.set(id, content);
			outcomes[index] = 'OK';
		}
		await run.end(
			verdicts.map((verdict, index) => standingOf(verdict, fateOf(verdict, outcomes[index]))),
			ALL_WELL,
		);
		this.ends.push('ended');
	}
}

/** A run that was killed while it sent. */
async function afterKill(statementMs?: () => number): Promise<Triggered> {
	const triggered = new Triggered(statementMs);
	triggered.trigger();
	await triggered.pass(20_000);
	triggered.contents = manyCustomers(40, '2');
	triggered.trigger({ dieAfterMs: 5000 });
	await triggered.pass(6000);
	expect(await triggered.isRight()).toBe(false);
	return triggered;
}

describe('Pairs of triggers, each 45 seconds', () => {
	test.each([0, 5, 20, 100, 700, 3000])(
		'%i ms apart: of each pair one goes on, 20 times',
		async (apartMs) => {
			const triggered = new Triggered();
			for (let pair = 0; pair < 20; pair++) {
				triggered.contents = manyCustomers(40, String(pair));
				triggered.trigger();
				await triggered.pass(apartMs);
				triggered.trigger();
				await triggered.pass(45_000 - apartMs);
				expect([pair, await triggered.isRight()]).toEqual([pair, true]);
			}
		},
	);

	test.each([0, 5, 20, 100, 700, 3000])(
		'%i ms apart, after a kill: right within two minutes',
		async (apartMs) => {
			const triggered = await afterKill();
			for (let pair = 0; pair < 3; pair++) {
				triggered.trigger();
				await triggered.pass(apartMs);
				triggered.trigger();
				await triggered.pass(40_000 - apartMs);
			}
			expect(await triggered.isRight()).toBe(true);
		},
	);
});

describe('After a run that was killed', () => {
	test.each([
		...[2000, 5000, 10_000, 31_000].flatMap((periodMs) =>
			[15_000, 20_000, Infinity].map((limitMs) => [periodMs, limitMs] as const),
		),
	])(
		'a trigger each %i ms with a time limit of %i ms: right within two minutes',
		async (periodMs, limitMs) => {
			const triggered = await afterKill();
			for (let ms = 0; ms < 120_000 - 15_000; ms += periodMs) {
				triggered.trigger({ limitMs });
				await triggered.pass(periodMs);
			}
			await triggered.pass(15_000);
			expect(await triggered.isRight()).toBe(true);
		},
	);

	/** Triggers runs for two minutes, with five orders of statements. @returns the seeds of those in which somebody is not served */
	async function unserved(
		mostMs: number,
		periodMs: number,
		atOnce: number,
		limitMs: number,
	): Promise<number[]> {
		const seeds: number[] = [];
		for (let seed = 1; seed <= 5; seed++) {
			const random = randomOf(seed * 7919);
			const triggered = await afterKill(() => 1 + Math.floor(random() * mostMs));
			for (let ms = 0; ms < 120_000 - 15_000; ms += periodMs) {
				for (let run = 0; run < atOnce; run++) triggered.trigger({ limitMs });
				await triggered.pass(periodMs);
			}
			await triggered.pass(15_000);
			if (!triggered.isServed()) seeds.push(seed);
		}
		return seeds;
	}

	test.each([
		[20, 2000, 1, 15_000],
		...[20, 60].flatMap((mostMs) =>
			[
				[2000, 1, Infinity],
				[5000, 2, Infinity],
				[10_000, 2, 20_000],
				[45_000, 2, Infinity],
				[45_000, 3, Infinity],
			].map(([periodMs, atOnce, limitMs]) => [mostMs, periodMs!, atOnce!, limitMs!] as const),
		),
	] as const)(
		'with statements of up to %i ms, a trigger each %i ms with %i runs and a time limit of %i ms: everybody is served within two minutes, 5 times',
		async (mostMs, periodMs, atOnce, limitMs) => {
			expect(await unserved(mostMs, periodMs, atOnce, limitMs)).toEqual([]);
		},
	);

	// Each run that is cut off in its wait leaves an announcement, which the next one watches before it waits itself.
	test('the same with up to 60 ms, each 2000 ms, and a time limit of 15 seconds', async () => {
		expect(await unserved(60, 2000, 1, 15_000)).toEqual([]);
	});

	test.each([2000, 5000, 10_000])(
		'also when the run that waits is killed again and again: a trigger each %i ms',
		async (periodMs) => {
			const triggered = await afterKill();
			for (let ms = 0; ms < 60_000; ms += periodMs) {
				triggered.trigger({ dieAfterMs: 3000 + (ms % 4000) });
				await triggered.pass(periodMs);
			}
			for (let ms = 0; ms < 120_000; ms += periodMs) {
				triggered.trigger();
				await triggered.pass(periodMs);
			}
			await triggered.pass(15_000);
			expect(await triggered.isRight()).toBe(true);
		},
	);
});
