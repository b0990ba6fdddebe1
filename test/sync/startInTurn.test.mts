import { setImmediate as settle } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startInTurn } from '../../nodes/TencentCloudIot/sync/startInTurn';
import { FakeClock } from '../support/fakeClock.mts';

/** Runs of one process, and in which order they start. */
function runsOfProcess() {
	const clock = new FakeClock();
	const waiting: string[] = [];
	const starting: string[] = [];
	const ends = new Map<string, () => void>();
	return {
		clock,
		waiting,
		starting,
		/** A run asks to start. */
		begin: async (name: string, signal?: AbortSignal) => {
			const onWait = () => waiting.push(name);
			void startInTurn({ clock, signal, onWait }).then((hasStarted) => {
				starting.push(name);
				ends.set(name, hasStarted);
			});
			await settle();
		},
		/** A run has finished starting. */
		end: async (name: string) => {
			ends.get(name)?.();
			await settle();
		},
	};
}

test('Syncs of one process start one after the other, and one that has started does not hold up the others', async () => {
	const { begin, end, starting, waiting } = runsOfProcess();
	await begin('first');
	await begin('second');
	await begin('third');
	expect(starting).toEqual(['first']);
	await end('first');
	expect(starting).toEqual(['first', 'second']);
	await end('first');
	expect(starting).toEqual(['first', 'second']);
	await end('second');
	await end('third');
	await begin('fourth');
	expect(starting).toEqual(['first', 'second', 'third', 'fourth']);
	expect(waiting).toEqual(['second', 'third']);
	await end('fourth');
});

test('A cancelled run stops waiting, and later runs still wait for the runs before it', async () => {
	const { begin, end, starting } = runsOfProcess();
	const cancelled = new AbortController();
	await begin('first');
	await begin('second', cancelled.signal);
	await begin('third');
	cancelled.abort();
	await settle();
	expect(starting).toEqual(['first', 'second']);
	await end('second');
	expect(starting).toEqual(['first', 'second']);
	await begin('fourth', cancelled.signal);
	expect(starting).toEqual(['first', 'second', 'fourth']);
	await end('fourth');
	await end('first');
	expect(starting).toEqual(['first', 'second', 'fourth', 'third']);
	await end('third');
});

test('A run that takes more than two minutes to start does not hold up the others', async () => {
	const { begin, end, starting, clock } = runsOfProcess();
	await begin('first');
	await begin('second');
	await begin('third');
	await clock.advance(119_999);
	expect(starting).toEqual(['first']);
	await clock.advance(1);
	expect(starting).toEqual(['first', 'second']);
	await clock.advance(119_999);
	expect(starting).toEqual(['first', 'second']);
	await clock.advance(1);
	expect(starting).toEqual(['first', 'second', 'third']);
	await end('third');
	expect(clock.waiting).toBe(0);
});
