import { describe, expect, test } from '@jest/globals';
import { ALL_WELL } from '../../../nodes/TencentCloudIot/sync/health';
import { StateEntries } from '../../../nodes/TencentCloudIot/sync/state/entries';
import { endOf, manyCustomers, mayStart, Node } from './syncRuns.mts';

const busy = async (): Promise<never> => await Promise.reject(new Error('SQLITE_BUSY'));
const all = manyCustomers(200, '1');
const accepted = Object.keys(all).map(() => 'accepted' as const);

/** A node that knows 200 customers, and a run that sends one of them. */
async function sending() {
	const node = new Node();
	await node.run(all);
	const run = await node.begin({ ...all, user_1: '2' });
	return { node, run, store: { ...node.store! } };
}

describe('What a run says that it has left is what it has left', () => {
	test('nothing, where each insertion is rejected; and what is inserted when the database is back, while the process lives', async () => {
		const { node, run, store } = await sending();
		Object.assign(node.store!, { record: busy });
		expect(await node.until(endOf(run, accepted))).toMatchObject({ left: 'empty', isTakenOver: false });
		expect(await node.row()).toBeUndefined();
		Object.assign(node.store!, store);
		await node.clock.advance(30_000);
		expect(await node.run({ ...all, user_1: '2' })).toMatchObject({
			state: 'interrupted',
			stopped: undefined,
			sent: { length: 200 },
		});
	});

	test.each([
		['as it was, where a statement was rejected after the claim', 'kept', {}],
		['in progress, where that cannot be taken back', 'inProgress', { forget: busy }],
	])('the state %s', async (_, left, rejecting) => {
		const node = new Node();
		await node.run(all);
		const before = (await node.row())!.toSorted();
		let writes = 0;
		node.replace((store) => ({
			record: async (...of) => (++writes > 1 ? await busy() : await store.record(...of)),
			...rejecting,
		}));
		const run = await node.begin({ ...all, user_1: '2' });
		const begun = { stopped: { code: 'STATE_NOT_USABLE' } };
		expect(run).toMatchObject({ kind: 'stopped', begun, kept: { left } });
		if (left === 'kept') expect((await node.row())!.toSorted()).toEqual(before);
	});

	test('a closed state, however slow its end was, if nobody can have owned it since it was cleared', async () => {
		const { node, run, store } = await sending();
		const slowly = <Name extends 'count' | 'clear' | 'record'>(name: Name) => ({
			[name]: async (...of: never[]) => {
				await node.clock.sleep(1500);
				return await (store[name] as (...all: never[]) => Promise<unknown>)(...of);
			},
		});
		Object.assign(node.store!, slowly('count'), slowly('clear'), slowly('record'));
		expect(await node.until(endOf(run, accepted))).toMatchObject({ left: 'kept' });
		Object.assign(node.store!, store);
		expect(await node.run({ ...all, user_1: '2' })).toMatchObject({ state: 'used', sent: [] });
	});
});

test('A state of another account stays until somebody of this one was accepted', async () => {
	const other = {
		entries: new StateEntries({
			endpoint: new URL('https://service.example'),
			appKey: 'key',
			appSecret: 'new',
		}),
	};
	for (const isAccepted of [false, true]) {
		const node = new Node();
		await node.run(all);
		const run = await node.begin(all, other);
		expect([run.begun.state, await mayStart(run)]).toEqual(['otherSecret', true]);
		if (isAccepted && run.kind === 'sending') run.accepted();
		expect(await node.until(mayStart(run))).toBe(true);
		// If it died here, the next run of the first account would know what was accepted before, or send everybody.
		const standings = accepted.map((_, index) => (isAccepted && index === 0 ? 'accepted' : 'failed'));
		expect(await node.until(endOf(run, standings, { ...ALL_WELL, health: 'failing' }))).toMatchObject({
			left: 'kept',
		});
		const next = await node.run(all);
		expect(next).toMatchObject(
			isAccepted
				? { state: 'otherSecret', sent: { length: 200 } }
				: { state: 'used', healthBefore: 'failing', sent: [] },
		);
	}
});

test('A run of 20,000 customers, 8,000 of them changed, that is cancelled holds up n8n for less than a second, and the next one sends those', async () => {
	const many = manyCustomers(20_000, '1');
	const changed = { ...many, ...manyCustomers(8000, '2') };
	const node = new Node();
	await node.run(many);
	const cancel = new AbortController();
	let writes = 0;
	let mostPairs = 0;
	node.replace((store) => ({
		forget: async (entries) => {
			mostPairs = Math.max(mostPairs, entries.length * (await store.count()));
			await store.forget(entries);
		},
		record: async (...of) => {
			const there = await store.record(...of);
			// All are compared.
			if (++writes === 3) cancel.abort();
			return there;
		},
	}));
	const { begun } = await node.begin(changed, { signal: cancel.signal });
	expect(begun.stopped?.code).toBe('CANCELLED');
	await node.clock.advance(20_000);
	expect((await node.run(changed)).sent).toHaveLength(8000);
	// n8n compares each entry to remove with each that is there, some 30 ns each.
	expect(mostPairs).toBeLessThan(20_000_000);
});
