import { expect } from '@jest/globals';
import { deliver } from '../../nodes/TencentCloudIot/service/delivery/delivery';
import type { Delivered } from '../../nodes/TencentCloudIot/service/delivery/sender';
import { describe as sentence, NotSendable } from '../../nodes/TencentCloudIot/service/outcome';
import { endOf, pushes, sendingTo, type SendingChanges } from '../support/sending.mts';
import { expectReadable } from '../support/wording.mts';
import { eventually } from '../support/eventually.mts';
import { within } from '../support/within.mts';
import type { FaultRow } from './faultRow.mts';
import { runFaultServer } from './faultServer.mts';

/** How long an answer may take: where it is never whole, not longer than the test has to wait. Milliseconds. */
const timeoutFor = ({ word }: FaultRow) => (word.endsWith('_TIMEOUT') ? 400 : 5_000);

const ATTEMPTS = 2;

/** Waits between attempts are left out; on a machine with much to do a run may still be late by this. */
const SLACK_MS = 20_000;

/** Pushes one customer over real sockets into a fault and checks all that its row says. */
export async function expectOutcome(row: FaultRow, isIdempotent: boolean): Promise<void> {
	const server = await runFaultServer(row.wire ?? {});
	const endpoint = (await row.endpoint?.(server.port)) ?? server.endpoint;
	const restore = await bringAbout(row, server.port);
	const controller = new AbortController();
	const timeoutMs = timeoutFor(row);
	try {
		// One connection at a time, so that they can be counted.
		const settings = { maxAttempts: ATTEMPTS, timeoutMs, isIdempotent, concurrency: 1 };
		const { delivered, run } = start(
			{ endpoint },
			{ ...settings, ...row.settings, signal: controller.signal },
		);
		const { outcome, requestIds } = endOf(await within(ATTEMPTS * timeoutMs + SLACK_MS, delivered));
		const all = await within(SLACK_MS, run);
		if (outcome.outcome === 'OK') throw new Error('The push was told to be done.');
		expect(all).toHaveLength(1);
		expect(`${outcome.outcome} ${outcome.code}`).toBe(row.word);
		expect(sentence(outcome)).toBe(row.says);
		expect(outcome.advice.slice(0, row.advice.length)).toBe(row.advice);
		expectReadable(outcome);
		expect(requestIds).toHaveLength(row.attempts ?? requestIds.length);
		const mayRepeat = isIdempotent || outcome.outcome !== 'UNKNOWN';
		expect(server.requests).toHaveLength(mayRepeat ? row.requests : Math.min(1, row.requests));
		// A connection that broke is replaced at once, also after the last attempt.
		expect(server.connections).toBeGreaterThanOrEqual(Math.min(1, row.connections));
		expect(server.connections).toBeLessThanOrEqual(
			mayRepeat ? row.connections : Math.min(2, row.connections),
		);
		await eventually(() => server.sockets.size, 0);
	} finally {
		controller.abort();
		restore();
	}
}

/** All that a row needs around the run; returns how to end it. */
async function bringAbout({ around, environment }: FaultRow, port: number): Promise<() => void> {
	const variables = Object.entries(environment?.(port) ?? {});
	for (const [name, value] of variables) process.env[name] = value;
	const restore = await around?.(port);
	return () => {
		restore?.();
		for (const [name] of variables) delete process.env[name];
	};
}

function start(target: { endpoint: string }, settings: SendingChanges) {
	let tell: (delivered: Delivered) => void;
	const delivered = new Promise<Delivered>((resolve) => (tell = resolve));
	const run = deliver(pushes(1), sendingTo(target, settings), (_, result) => tell(result))
		.then((report) => report.delivered)
		.catch((cause: unknown) => {
			// Known before the run: every call has this outcome.
			if (!(cause instanceof NotSendable)) throw cause;
			return [{ kind: 'notTried' as const, why: cause.failure, digest: '' }];
		});
	return { run, delivered: Promise.race([delivered, run.then(([first]) => first!)]) };
}
