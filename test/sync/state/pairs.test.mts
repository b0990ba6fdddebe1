import { expect, test } from '@jest/globals';
import type { ProcessedDataTable } from '../../../embedded/processedData.mts';
import { ALL_WELL } from '../../../nodes/TencentCloudIot/sync/reported';
import { standingOf } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { fateOf } from '../../support/fates.mts';
import { storeOn } from './rows.mts';
import { manyCustomers, Node, type Contents } from './syncRuns.mts';

const PAIRS = 300;
const CUSTOMERS = 40;
const CHANGED = 3;
const REQUEST_MS = 5;

/** Numbers from 0 to 1, the same ones each time. */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/** Two processes of a node whose statements take some milliseconds, before and after they take effect. */
class Pairs {
	readonly node = new Node();
	readonly service = new Map<string, string>();
	readonly random = randomOf(1);

	/** @returns why it sent nothing; else how many customers it sent, and the condition of the state */
	async run(contents: Contents): Promise<string> {
		const { clock } = this.node;
		const ofProcess = new Node(this.node.table);
		ofProcess.store = storeOn(this.#slowTable());
		const run = await ofProcess.start(contents, { clock });
		const { verdicts, stopped, state } = run.begun;
		if (stopped !== undefined) return stopped.code;
		const outcomes: Array<'OK' | undefined> = [];
		for (const [index, [id, content]] of Object.entries(contents).entries()) {
			if (verdicts[index] === 'unchanged' || !(await run.mayStart())) continue;
			await clock.sleep(REQUEST_MS);
			this.service.set(id, content);
			outcomes[index] = 'OK';
		}
		await run.end(
			verdicts.map((verdict, index) => standingOf(verdict, fateOf(verdict, outcomes[index]))),
			ALL_WELL,
		);
		return `${state}: ${outcomes.filter((outcome) => outcome === 'OK').length}`;
	}

	/** Begins two runs, some milliseconds apart, and lets both come to their end. */
	async runTwice(contents: Contents): Promise<string[]> {
		const { clock } = this.node;
		const ends: string[] = [];
		const begin = () => void this.run(contents).then((end) => ends.push(end));
		begin();
		await clock.advance(Math.floor(this.random() * 60));
		begin();
		for (let step = 0; ends.length < 2 && step < 10_000; step++) await clock.advance(5);
		await clock.advance(20_000);
		return ends.sort();
	}

	#slowTable(): ProcessedDataTable {
		const { table, clock } = this.node;
		const wait = async () => await clock.sleep(1 + Math.floor(this.random() * 20));
		const slow = async <Result,>(work: () => Promise<Result>): Promise<Result> => {
			await wait();
			const result = await work();
			await wait();
			return result;
		};
		return {
			find: async (key) => await slow(async () => await table.find(key)),
			insert: async (key, row) => await slow(async () => await table.insert(key, row)),
			update: async (key, row) => await slow(async () => await table.update(key, row)),
			delete: async (key) => await slow(async () => await table.delete(key)),
		};
	}
}

test('Of two runs that begin together one sends what changed and nothing else, and the other one nothing, whatever the statements take', async () => {
	const pairs = new Pairs();
	for (let pair = 0; pair < PAIRS; pair++) {
		const contents = { ...manyCustomers(CUSTOMERS, 'same'), ...manyCustomers(CHANGED, String(pair)) };
		const isFirst = pair === 0;
		expect([pair, ...(await pairs.runTwice(contents))]).toEqual([
			pair,
			'ALREADY_RUNNING',
			isFirst ? `empty: ${CUSTOMERS}` : `used: ${CHANGED}`,
		]);
		for (const [id, content] of Object.entries(contents)) {
			expect([id, pairs.service.get(id)]).toEqual([id, content]);
		}
	}
}, 600_000);
