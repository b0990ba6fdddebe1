import { expect, test } from '@jest/globals';
import { standingOf } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { fateOf } from '../../support/fates.mts';
import type { SyncSettings } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { storeOn } from './rows.mts';
import { integersOf, randomOf, slowTable } from './slowTable.mts';
import { endOf, manyCustomers, mayStart, NO_CHECKS, Node, type Contents } from './syncRuns.mts';

const PAIRS = 300;
const AFTER_KILLS = 100;
/** Where n8n's table loses what one of two runs writes, both leave; then the next trigger mends it. */
const FEW = AFTER_KILLS / 20;
/** Where both write at the same moment one may bring back what the other removed: then one run pushes everybody. */
const FEW_NEEDLESS = PAIRS / 50;
/** Where each finds the claim of the other, both leave. */
const FEW_LEFT = PAIRS / 200;
const FEW_NEEDLESS_IF_SLOW = PAIRS / 20;
const CUSTOMERS = 40;
const CHANGED = 3;
const REQUEST_MS = 5;

/** Two processes of a node whose statements take some milliseconds, before and after they take effect. */
class Pairs {
	readonly node = new Node();
	readonly service = new Map<string, string>();
	readonly random: () => number;
	readonly #mostMs: number;
	readonly #settings: Partial<SyncSettings>;
	#tokens = 0;

	/** @param mostMs how long a statement takes to take effect, and again to return, at most */
	constructor(seed: number, mostMs: number, settings: Partial<SyncSettings> = {}) {
		this.random = randomOf(seed);
		this.#mostMs = mostMs;
		this.#settings = {
			newToken: () => `${seed}.${this.#tokens++}`,
			random: integersOf(this.random),
			...settings,
		};
	}

	/** @returns why it sent nothing; else how many customers it sent, and the condition of the state */
	async run(contents: Contents): Promise<string> {
		const { clock, table } = this.node;
		const wait = async () => await clock.sleep(1 + Math.floor(this.random() * this.#mostMs));
		const ofProcess = new Node(table);
		ofProcess.store = storeOn(slowTable(table, wait));
		const run = await ofProcess.start(contents, { ...this.#settings, clock });
		const { verdicts, stopped, state } = run.begun;
		if (stopped !== undefined) return stopped.code;
		const outcomes: Array<'OK' | undefined> = [];
		for (const [index, [id, content]] of Object.entries(contents).entries()) {
			if (verdicts[index] === 'unchanged' || !(await mayStart(run))) continue;
			await clock.sleep(REQUEST_MS);
			this.service.set(id, content);
			outcomes[index] = 'OK';
		}
		await endOf(
			run,
			verdicts.map((verdict, index) => standingOf(verdict, fateOf(verdict, outcomes[index]))),
		);
		return `${state}: ${outcomes.filter((outcome) => outcome === 'OK').length}`;
	}

	/** Lets one run come to its end. */
	async runAlone(contents: Contents): Promise<string> {
		let end: string | undefined;
		void this.run(contents).then((ended) => (end = ended));
		while (end === undefined) await this.node.clock.advance(5);
		return end;
	}

	/** Begins two runs, at most three statements apart, and lets both come to their end. */
	async runTwice(contents: Contents): Promise<string[]> {
		const { clock } = this.node;
		const ends: string[] = [];
		const begin = () => void this.run(contents).then((end) => ends.push(end));
		begin();
		await clock.advance(Math.floor(this.random() * 3 * this.#mostMs));
		begin();
		for (let step = 0; ends.length < 2 && step < 10_000; step++) await clock.advance(5);
		await clock.advance(20_000);
		return ends.sort();
	}
}

test('Of two runs that begin together one sends what changed, in a few pairs everybody, or both leave it to the next run, whatever the statements take', async () => {
	const pairs = new Pairs(1, 20);
	let needless = 0;
	let left = 0;
	for (let pair = 0; pair < PAIRS; pair++) {
		const contents = { ...manyCustomers(CUSTOMERS, 'same'), ...manyCustomers(CHANGED, String(pair)) };
		const [stopped, one] = await pairs.runTwice(contents);
		const all = `interrupted: ${CUSTOMERS}`;
		expect([pair, stopped]).toEqual([pair, 'ALREADY_RUNNING']);
		if (one === stopped) left++;
		const sent = one === stopped ? await pairs.runAlone(contents) : one;
		if (sent === all) needless++;
		expect([pair === 0 ? `empty: ${CUSTOMERS}` : `used: ${CHANGED}`, all]).toContain(sent);
		for (const [id, content] of Object.entries(contents)) {
			expect([id, pairs.service.get(id)]).toEqual([id, content]);
		}
	}
	expect(needless).toBeLessThanOrEqual(FEW_NEEDLESS);
	expect(left).toBeLessThanOrEqual(FEW_LEFT);
}, 600_000);

test.each([
	[20, FEW_NEEDLESS],
	[100, FEW_NEEDLESS_IF_SLOW],
])(
	'Of two runs that begin together where nothing has changed none sends anything but in a few pairs, with statements of up to %i ms',
	async (mostMs, few) => {
		const pairs = new Pairs(1, mostMs);
		const contents = manyCustomers(CUSTOMERS, 'same');
		await pairs.node.run(contents);
		let needless = 0;
		for (let pair = 0; pair < PAIRS; pair++) {
			const ends = await pairs.runTwice(contents);
			if (ends.some((end) => end !== 'ALREADY_RUNNING' && end !== 'used: 0')) needless++;
		}
		expect(needless).toBeLessThanOrEqual(few);
	},
	600_000,
);

test.each([
	['was killed', 20],
	['was killed', 100],
	['waited, and was killed as well', 20],
	['waited, and was killed as well', 100],
])(
	'Of two runs that come together after one that %s, with statements of up to %i ms, one pushes everybody',
	async (killed, mostMs) => {
		const contents = manyCustomers(CUSTOMERS, 'changed');
		let without = 0;
		for (let seed = 1; seed <= AFTER_KILLS; seed++) {
			const pairs = new Pairs(seed * 7919, mostMs, { checks: NO_CHECKS });
			await pairs.node.run(manyCustomers(CUSTOMERS, 'same'));
			await pairs.node.die(contents, { checks: NO_CHECKS });
			if (killed !== 'was killed') await pairs.node.die(contents, { checks: NO_CHECKS });
			if (!(await isOnePushing(pairs, contents, seed))) without++;
		}
		expect(without).toBeLessThanOrEqual(FEW);
	},
	600_000,
);

test.each([
	[5000, 20],
	[5000, 100],
	[9500, 20],
])(
	'Of two runs that come together %i ms after one has opened the state that was killed while it sent, with statements of up to %i ms, one pushes everybody',
	async (passedMs, mostMs) => {
		const contents = manyCustomers(CUSTOMERS, 'changed');
		let without = 0;
		for (let seed = 1; seed <= AFTER_KILLS; seed++) {
			const pairs = new Pairs(seed * 7919, mostMs, { checks: NO_CHECKS });
			await pairs.node.run(manyCustomers(CUSTOMERS, 'same'));
			const killed = await pairs.node.dieNow(contents, { checks: NO_CHECKS });
			await killed.advance(4600);
			await pairs.node.clock.advance(passedMs);
			if (!(await isOnePushing(pairs, contents, seed))) without++;
		}
		expect(without).toBeLessThanOrEqual(FEW);
	},
	600_000,
);

test.each([20, 100])(
	'The same after one that was killed before it sent anything, ten seconds after it had opened the state, with statements of up to %i ms',
	async (mostMs) => {
		const contents = manyCustomers(CUSTOMERS, 'changed');
		let without = 0;
		for (let seed = 1; seed <= AFTER_KILLS; seed++) {
			const pairs = new Pairs(seed * 7919, mostMs, { checks: NO_CHECKS });
			await pairs.node.run(manyCustomers(CUSTOMERS, 'same'));
			await pairs.node.dieNow(contents, { checks: NO_CHECKS });
			await pairs.node.clock.advance(10_000);
			if (!(await isOnePushing(pairs, contents, seed))) without++;
		}
		expect(without).toBeLessThanOrEqual(FEW);
	},
	600_000,
);

/** Begins two runs of which one at most pushes everybody. @returns whether one did */
async function isOnePushing(pairs: Pairs, contents: Contents, seed: number): Promise<boolean> {
	const ends = await pairs.runTwice(contents);
	if (ends.every((end) => end === 'ALREADY_RUNNING')) return false;
	expect([seed, ...ends]).toEqual([seed, 'ALREADY_RUNNING', `interrupted: ${CUSTOMERS}`]);
	return true;
}
