import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../nodes/TencentCloudIot/host/systemClock';

/** By another clock, timers may fire a millisecond early. */
const SLACK_MS = 2;
const LONG_MS = 60_000;

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** The number of timers after unrelated ones have ended: a leaked one remains. */
async function timersAfter(before: number): Promise<number> {
	for (let look = 0; look < 20 && timers() > before; look++) {
		await sleep(50);
	}
	return timers();
}

async function elapsedDuring(wait: () => Promise<void>): Promise<number> {
	const startMs = systemClock.elapsedMs();
	await wait();
	return systemClock.elapsedMs() - startMs;
}

describe('The system clock', () => {
	test('sleeps for the requested time', async () => {
		expect(await elapsedDuring(() => systemClock.sleep(20))).toBeGreaterThanOrEqual(20 - SLACK_MS);
	});

	test('wakes up soon after the signal is aborted, and leaves no timer behind', async () => {
		const before = timers();
		const controller = new AbortController();
		const slept = elapsedDuring(() => systemClock.sleep(LONG_MS, controller.signal));
		controller.abort();
		expect(await slept).toBeLessThan(LONG_MS / 10);
		expect(await timersAfter(before)).toBeLessThanOrEqual(before);
	});

	test('does not sleep at all if the signal is already aborted', async () => {
		const slept = await elapsedDuring(() => systemClock.sleep(LONG_MS, AbortSignal.abort()));
		expect(slept).toBeLessThan(LONG_MS / 10);
	});

	test('rings an alarm once, at its time', async () => {
		const rings: number[] = [];
		const startMs = systemClock.elapsedMs();
		systemClock.alarm(20, () => rings.push(systemClock.elapsedMs() - startMs));
		await sleep(60);
		expect(rings).toEqual([expect.any(Number)]);
		expect(rings[0]).toBeGreaterThanOrEqual(20 - SLACK_MS);
	});

	test('never rings an alarm that was turned off, and leaves no timer behind', async () => {
		const before = timers();
		let rings = 0;
		const turnOff = systemClock.alarm(10, () => {
			rings++;
		});
		turnOff();
		turnOff();
		expect(timers()).toBe(before);
		await sleep(30);
		expect(rings).toBe(0);
	});
});
