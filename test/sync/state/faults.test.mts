import { describe, expect, test } from '@jest/globals';
import { ALL_WELL } from '../../../nodes/TencentCloudIot/sync/health';
import type { StateStore } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { expectReadable } from '../../support/wording.mts';
import { createProcessedData } from '../../../embedded/processedData.mts';
import { storeOn } from './rows.mts';
import { manyCustomers, Node, STOP_ABOVE_50, type Contents } from './syncRuns.mts';

const busy = async (): Promise<never> => await Promise.reject(new Error('SQLITE_BUSY'));
const never = new Promise<never>(() => {});

const good = manyCustomers(40, 'good');
const changed = { ...good, user_3: 'changed', user_40: 'new' };
const wrong = manyCustomers(41, 'wrong');

/** What becomes of one write of a run. */
const FATES = [
	'rejected without its effect',
	'rejected after its effect',
	'the last thing that the process does',
] as const;

/** A node of which n8n keeps a note. */
async function nodeThatKnows(contents: Contents): Promise<Node> {
	const node = new Node();
	node.ofWorkflow = storeOn(createProcessedData());
	await node.run(contents);
	return node;
}

/** A run in a process of its own. @returns whom it sent, and whether it has written as often as that */
async function runWithFault(node: Node, contents: Contents, nth: number, fate: (typeof FATES)[number]) {
	const ofProcess = new Node(node.table);
	ofProcess.ofWorkflow = node.ofWorkflow;
	ofProcess.clock.startMs = node.clock.nowMs();
	let writes = 0;
	let isDead = false;
	let die = () => {};
	const death = new Promise<void>((resolve) => (die = resolve));
	const faulty =
		<Parameters extends unknown[], Result>(write: (...parameters: Parameters) => Promise<Result>) =>
		async (...parameters: Parameters): Promise<Result> => {
			if (isDead) return await never;
			if (++writes !== nth) return await write(...parameters);
			if (fate !== 'rejected without its effect') await write(...parameters);
			if (fate !== 'the last thing that the process does') return await busy();
			isDead = true;
			die();
			return await never;
		};
	ofProcess.replace(({ count, record, forget, clear }) => ({
		count: async () => (isDead ? await never : await count()),
		record: faulty(record),
		forget: faulty(forget),
		clear: faulty(clear),
	}));
	const result = await Promise.race([ofProcess.run(contents), death]);
	node.clock.startMs += ofProcess.clock.elapsedMs() + 15_000;
	return { sent: result?.sent ?? [], isMet: writes >= nth };
}

/** Runs with these rows until nobody is to be sent; where the state is lost, somebody approves the plan. */
async function heal(node: Node, contents: Contents): Promise<string[]> {
	const ends: string[] = [];
	let approvedPlan = '';
	for (let run = 0; run < 4 && ends.at(-1) !== 'used: 0'; run++) {
		const checks = { ...STOP_ABOVE_50, approvedPlan };
		const { state, sent, stopped } = await node.run(contents, { settings: { checks } });
		approvedPlan = stopped?.planId ?? '';
		ends.push(stopped?.code ?? `${state}: ${sent.length}`);
		node.clock.startMs += 15_000;
	}
	return ends;
}

describe.each(FATES)('Where a write of a run is %s,', (fate) => {
	describe.each([
		['a closed state', async (_: Node) => {}],
		['a state that an interrupted run has left', async (node: Node) => await node.dieAfter(6000, good)],
	])('in %s,', (_, prepare) => {
		test.each<[string, Contents, number]>([
			['that run', wrong, 4],
			['the next one', changed, 8],
		])(
			'a wrong join in %s sends nobody, whichever write it is, and right rows are sent soon after',
			async (__, contents, fewestWrites) => {
				let lost = 0;
				for (let nth = 1; ; nth++) {
					const node = await nodeThatKnows(good);
					await prepare(node);
					const { sent, isMet } = await runWithFault(node, contents, nth, fate);
					if (contents === wrong) expect([nth, sent]).toEqual([nth, []]);
					expect([nth, (await node.run(wrong)).sent]).toEqual([nth, []]);
					node.clock.startMs += 15_000;
					const ends = await heal(node, changed);
					expect([nth, ends]).toEqual([nth, expect.arrayContaining(['used: 0'])]);
					if (ends.includes('STATE_LOST')) lost++;
					if (isMet) continue;
					expect(nth).toBeGreaterThan(fewestWrites);
					break;
				}
				// Only between its deletion and its insertion a process that dies takes the state with it.
				expect(lost).toBe(contents === changed && fate === 'the last thing that the process does' ? 1 : 0);
			},
		);
	});
});

/** Rejects so many times, without having done anything or after it has, and works from then on. */
function failing<Parameters extends unknown[], Result>(
	work: (...parameters: Parameters) => Promise<Result>,
	{ times, isDone }: { times: number; isDone: boolean },
) {
	let left = times;
	return async (...parameters: Parameters): Promise<Result> => {
		if (left-- <= 0) return await work(...parameters);
		if (isDone) await work(...parameters);
		return await busy();
	};
}

describe('When the database rejects', () => {
	test.each(['count', 'record'] as const)('%s once, the sync state is used all the same', async (name) => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace((store) => ({
			[name]: failing(store[name].bind(store) as never, { times: 1, isDone: false }),
		}));
		expect(await node.run({ a: '1' })).toMatchObject({ state: 'used', sent: [], isKept: true });
	});

	test('a first record that it has done, nothing counts as unchanged', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace((store) => ({ record: failing(store.record.bind(store), { times: 1, isDone: true }) }));
		const run = await node.begin({ a: '1' });
		expect(run.begun).toMatchObject({ state: 'interrupted', verdicts: ['changed'], stopped: undefined });
	});

	test.each<[string, Partial<StateStore>]>([
		['each count', { count: busy }],
		['each record', { record: busy }],
		['everything', { count: busy, record: busy, clear: busy, forget: busy }],
	])('%s, nothing is sent, and the state is as it was', async (_, rejecting) => {
		for (const known of [{ a: '1' }, undefined]) {
			const node = new Node();
			if (known !== undefined) await node.run(known);
			const before = await node.row();
			const { store } = node;
			node.replace(() => rejecting);
			const { stopped, sent, isKept } = await node.run({ a: '2' });
			expect(stopped?.code).toBe('STATE_NOT_USABLE');
			expectReadable(stopped!);
			expect({ sent, isKept, row: await node.row() }).toEqual({ sent: [], isKept: false, row: before });
			node.store = store;
			expect((await node.run({ a: '1' })).sent).toEqual(known === undefined ? ['a'] : []);
		}
	});

	test('while a run waits whether another one is alive, nothing is sent', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.die({ a: '2' });
		let counts = 0;
		node.replace((store) => ({ count: async () => (++counts === 3 ? await busy() : await store.count()) }));
		const { begun } = await node.begin({ a: '1' });
		expect(begun).toMatchObject({ state: 'interrupted', stopped: { code: 'STATE_NOT_USABLE' } });
	});

	describe.each([
		['without having done it', false],
		['after having done it', true],
	])('at the end, %s', (_, isDone) => {
		test.each(['count', 'record', 'clear'] as const)('%s, up to three times, all is kept', async (name) => {
			for (const times of [1, 2, 3]) {
				const node = new Node();
				await node.run({ a: '1', b: '1' });
				const run = await node.begin({ a: '2', b: '1' });
				const { store } = node;
				const work = (store![name] as (...of: unknown[]) => Promise<unknown>).bind(store);
				Object.assign(store!, { [name]: failing(work, { times, isDone }) });
				expect([times, await node.end(run, ['accepted', 'accepted'])]).toEqual([times, true]);
				expect((await node.run({ a: '2', b: '1' })).sent).toEqual([]);
			}
		});
	});
});

test('A host without a sync state sends everything, every time', async () => {
	const node = new Node();
	node.store = undefined;
	for (let round = 0; round < 2; round++) {
		expect(await node.run({ a: '1' })).toMatchObject({
			state: 'none',
			healthBefore: undefined,
			stopped: undefined,
			sent: ['a'],
			isKept: false,
		});
	}
});

test('A customer of whom the end is told nothing had to wait', async () => {
	const node = new Node();
	const run = await node.begin({ a: '1', b: '1' });
	await node.until(run.end(['accepted'], ALL_WELL));
	expect((await node.run({ a: '1', b: '1' })).verdictOf).toEqual({ a: 'unchanged', b: 'waiting' });
});
