import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { CANCELLED as CANCELLED_FAILURE } from '../../../nodes/TencentCloudIot/service/transportError';
import { runSimulator } from '../../simulator/runningSimulator.mts';
import { withoutProxies } from '../../support/environment.mts';
import { eventually } from '../../support/eventually.mts';
import { FakeClock } from '../../support/fakeClock.mts';
import { failureOf, failureWith } from '../../support/failures.mts';
import { doneTo, httpBytes, runRawServer } from '../../support/rawServer.mts';
import {
	deliver,
	endOf,
	outcomesOf,
	pushes,
	sendingTo,
	type SendingChanges,
} from '../../support/sending.mts';
import { expectReadable } from '../../support/wording.mts';

withoutProxies();

const NOT_TRIED = 'NOT_SENT NOT_TRIED';
const CANCELLED = 'NOT_SENT CANCELLED';
const refuseC5 = { refuseCustomers: { c5: { Code: 'MissingParameter', Message: 'm' } } };

describe('A run that stops at the first failure', () => {
	test('starts no request after it', async () => {
		const simulator = await runSimulator(refuseC5);
		const settings = sendingTo(simulator, { stopAtFailure: true, concurrency: 1 });
		const report = await deliver(pushes(9), settings);
		const expected = [
			...new Array(5).fill('OK'),
			'REFUSED MissingParameter',
			NOT_TRIED,
			NOT_TRIED,
			NOT_TRIED,
		];
		expect(outcomesOf(report)).toEqual(expected);
		expect(simulator.requests).toHaveLength(6);
		expect(report.delivered[8]).toMatchObject({ kind: 'notTried', why: { scope: 'run' } });
	});

	test('lets requests in flight finish', async () => {
		const simulator = await runSimulator({ ...refuseC5, latencyMs: 30 });
		const settings = sendingTo(simulator, { stopAtFailure: true, concurrency: 4 });
		const report = await deliver(pushes(60), settings);
		const words = outcomesOf(report);
		expect(words[5]).toBe('REFUSED MissingParameter');
		expect(words.filter((word) => word === 'OK')).toHaveLength(simulator.bindings.size);
		expect(words.filter((word) => word === NOT_TRIED)).toHaveLength(60 - simulator.requests.length);
		expect(simulator.requests.length).toBeLessThan(20);
	});

	test('starts no request that waits for the rate limiter', async () => {
		const simulator = await runSimulator({
			refuseCustomers: { c1: { Code: 'MissingParameter', Message: 'm' } },
		});
		const clock = new FakeClock(Date.now());
		const changes = { stopAtFailure: true, concurrency: 3, requestsPerSecond: 1, clock };
		const report = deliver(pushes(6), sendingTo(simulator, changes));
		while (simulator.requests.length < 2) {
			await clock.advance(1);
		}
		expect(outcomesOf(await report)).toEqual([
			'OK',
			'REFUSED MissingParameter',
			...new Array(4).fill(NOT_TRIED),
		]);
		expect(simulator.requests).toHaveLength(2);
	});
});

test('The first reason for the end of a run is kept, whatever happens later', async () => {
	const simulator = await runSimulator({
		refuseCustomers: { c1: { Code: 'MissingParameter', Message: 'm' } },
	});
	let tell = () => {};
	const refused = new Promise<void>((resolve) => {
		tell = resolve;
	});
	const whyBlocked = async (index: number | undefined) => {
		if (index !== 2) {
			return undefined;
		}
		await refused;
		return failureWith({ code: 'TIME_OVER' });
	};
	const settings = sendingTo(simulator, { stopAtFailure: true, concurrency: 2, whyBlocked });
	const report = await deliver(pushes(5), settings, (index) => {
		if (index === 1) {
			tell();
		}
	});
	expect(outcomesOf(report)).toEqual(['OK', 'REFUSED MissingParameter', ...new Array(3).fill(NOT_TRIED)]);
});

test('A run whose earlier attempt has ended sends nothing and reports why', async () => {
	const simulator = await runSimulator();
	const halt = failureWith({ reason: 'Tencent responded with Code.', advice: 'Do this' });
	const report = await deliver(pushes(3), sendingTo(simulator, { halt }));
	expect(outcomesOf(report)).toEqual([NOT_TRIED, NOT_TRIED, NOT_TRIED]);
	expect(endOf(report.delivered[0]!).outcome).toMatchObject({
		reason: 'Not sent, because an earlier request failed. Tencent responded with Code.',
		advice: 'Do this',
	});
	expect(simulator.connections.total).toBe(0);
});

test.each([
	[429, 'REFUSED HTTP_429'],
	[503, 'UNKNOWN HTTP_503'],
])('A run that has ended does not wait for a retry, after HTTP %d', async (status, word) => {
	const refused = JSON.stringify({ Response: { Error: { Code: 'MissingParameter', Message: 'm' } } });
	const server = await runRawServer((socket, index) => {
		if (index === 0) {
			socket.write(httpBytes(200, doneTo(server.requests[0])));
		} else if (index === 1) {
			socket.write(httpBytes(status, '', ['retry-after: 30']));
		} else {
			setTimeout(() => socket.write(httpBytes(200, refused)), 50);
		}
	});
	const settings = sendingTo(server, {
		stopAtFailure: true,
		concurrency: 2,
		clock: new FakeClock(Date.now()),
	});
	const report = await deliver(pushes(4), settings);
	// The order of the two in flight depends on the network.
	expect(outcomesOf(report).slice(0, 3).sort()).toEqual(['OK', word, 'REFUSED MissingParameter'].sort());
	expect(report.delivered[3]).toMatchObject({ kind: 'notTried', why: { code: 'NOT_TRIED' } });
	expect(server.requests).toHaveLength(3);
});

describe('A cancelled run', () => {
	/** Cancels when the n-th request has arrived, and never responds to later ones. */
	async function cancelAt(count: number, changes: SendingChanges = {}) {
		const controller = new AbortController();
		const server = await runRawServer((socket, index) => {
			if (index + 1 < count) {
				socket.write(httpBytes(200, doneTo(server.requests[index])));
			}
			if (index + 1 === count) {
				controller.abort();
			}
		});
		const settings = sendingTo(server, { signal: controller.signal, ...changes });
		const report = await deliver(pushes(20), settings);
		return { server, report, words: outcomesOf(report) };
	}

	test.each([1, 2, 7])('at request %d ends at once and reports what may have been applied', async (count) => {
		const { server, words } = await cancelAt(count, { concurrency: 1 });
		expect(words).toEqual([
			...new Array(count - 1).fill('OK'),
			'UNKNOWN CANCELLED',
			...new Array(20 - count).fill(CANCELLED),
		]);
		expect(server.requests).toHaveLength(count);
		await eventually(() => server.sockets.size, 0);
	});

	test('with many requests in flight ends all of them and starts no others', async () => {
		const { server, report, words } = await cancelAt(10, { concurrency: 8 });
		const isNamed = new Set(['OK', 'UNKNOWN CANCELLED', CANCELLED]);
		expect(words.filter((word) => !isNamed.has(word))).toEqual([]);
		// A request that reached the server is never reported as not sent.
		const unsure = words.filter((word) => word !== CANCELLED).length;
		expect(server.requests.length).toBeLessThanOrEqual(unsure);
		expect(report.delivered.filter((fate) => endOf(fate).requestIds.length > 1)).toEqual([]);
		await eventually(() => server.sockets.size, 0);
	});

	test('before its start sends nothing', async () => {
		const { server, report, words } = await cancelAt(1, { signal: AbortSignal.abort() });
		expect(words).toEqual(new Array(20).fill(CANCELLED));
		const [first] = report.delivered;
		expectReadable(failureOf(endOf(first!).outcome));
		expect(server.requests).toHaveLength(0);
		expect(server.sockets.size).toBe(0);
	});

	test('during the wait for a retry does not retry, and the sent request stays UNKNOWN', async () => {
		const controller = new AbortController();
		const simulator = await runSimulator({ faults: [{ on: 'c0', kind: 'reset' }] });
		const clock = new FakeClock(Date.now());
		clock.sleep = async () => controller.abort();
		const settings = sendingTo(simulator, { signal: controller.signal, random: () => 0.999, clock });
		expect(outcomesOf(await deliver(pushes(2), settings))).toEqual(['UNKNOWN CONNECTION_RESET', CANCELLED]);
		expect(simulator.requests).toHaveLength(1);
	});

	test.each([200, 503])(
		'that was not cancelled leaves no listeners on its signal, after HTTP %d',
		async (status) => {
			const { signal } = new AbortController();
			const simulator = await runSimulator({ faults: [{ on: 'c1', kind: 'status', status }] });
			await deliver(pushes(3), sendingTo(simulator, { signal, requestsPerSecond: 200, random: () => 0.01 }));
			expect(getEventListeners(signal, 'abort')).toEqual([]);
		},
	);
});

describe('A run that has reached its time limit', () => {
	const why = failureWith({ code: 'TIME_OVER', outcome: 'NOT_SENT' });

	test('sends no more requests', async () => {
		const simulator = await runSimulator();
		const whyBlocked = async () => (simulator.requests.length < 2 ? undefined : why);
		const { delivered } = await deliver(pushes(4), sendingTo(simulator, { whyBlocked, concurrency: 1 }));
		expect(delivered.map(({ kind }) => kind)).toEqual(['answered', 'answered', 'postponed', 'postponed']);
	});

	test.each([
		['for its next attempt', { kind: 'error', Code: 'RequestLimitExceeded', Message: 'slow' }, 'postponed'],
		['for its next attempt, though it may have been applied', { kind: 'applyThenReset' }, 'answered'],
	] as const)('lets no call wait %s', async (_, fault, kind) => {
		const simulator = await runSimulator({ faults: [{ on: 1, ...fault }] });
		const ends = new AbortController();
		const settings = sendingTo(simulator, {
			concurrency: 1,
			timeOver: ends.signal,
			whyBlocked: async () => (ends.signal.aborted ? why : undefined),
			// A wait ends only with the run: nothing advances this clock.
			clock: new FakeClock(Date.now()),
			random: () => 1,
		});
		const report = deliver(pushes(3), settings);
		await eventually(() => simulator.requests.length, 2);
		ends.abort();
		const { delivered } = await report;
		expect(delivered.map((fate) => fate.kind)).toEqual(['answered', kind, 'postponed']);
		expect(delivered[1]).toMatchObject({ requestIds: [expect.any(String)] });
		expect(simulator.requests).toHaveLength(2);
	});
});

test('A run that is cancelled while a request waits for its permission tries no further call', async () => {
	const simulator = await runSimulator();
	const { delivered } = await deliver(
		pushes(2),
		sendingTo(simulator, { whyBlocked: async () => CANCELLED_FAILURE }),
	);
	const notTried = { kind: 'notTried', why: CANCELLED_FAILURE };
	expect(delivered).toMatchObject([notTried, notTried]);
	expect(simulator.requests).toEqual([]);
});

describe('A request that was allowed to start but may no longer leave', () => {
	const heldBackOnce = () => {
		const answers = [false, true];
		return () => answers.shift() ?? true;
	};

	test('checks again whether it may start, and is sent once', async () => {
		const simulator = await runSimulator();
		const asked: Array<number | undefined> = [];
		const settings = sendingTo(simulator, {
			mayLeave: heldBackOnce(),
			whyBlocked: async (index) => {
				asked.push(index);
				return undefined;
			},
		});
		const { delivered } = await deliver(pushes(1), settings);
		expect(asked).toEqual([0, 0]);
		expect(delivered).toMatchObject([{ kind: 'answered', requestIds: [expect.any(String)] }]);
		expect(simulator.requests).toHaveLength(1);
	});

	test('is postponed if it may no longer start', async () => {
		const simulator = await runSimulator();
		const why = failureWith({ code: 'TAKEN_OVER', outcome: 'NOT_SENT' });
		const answers = [undefined, why];
		const settings = sendingTo(simulator, {
			mayLeave: heldBackOnce(),
			whyBlocked: async () => answers.shift(),
		});
		const { delivered } = await deliver(pushes(2), settings);
		expect(delivered.map(({ kind }) => kind)).toEqual(['postponed', 'postponed']);
		expect(delivered[0]).not.toHaveProperty('requestIds');
		expect(simulator.requests).toEqual([]);
	});
});
