import { describe, expect, test } from '@jest/globals';
import {
	answer,
	done,
	exchangesIn,
	NOW_MS,
	probeScripted,
	purposesIn,
	type Reply,
	refused,
	type Sent,
	type Service,
	usual,
} from './scriptedProbe.mts';

/** The usual service, except for the replies to some requests, counted from 0. */
function except(replies: Readonly<Record<number, (sent: Sent) => Reply>>): Service {
	return (sent, index) => (replies[index] ?? ((other: Sent) => usual(other, index)))(sent);
}

const throttled = (sent: Sent) => refused(sent, 'RequestLimitExceeded');

describe('A request without a response', () => {
	test.each<[scene: string, service: Service, asked: number, pausesMs: number[]]>([
		['is made again', except({ 1: () => 'CONNECTION_RESET' }), 12, []],
		['twice ends the probe', except({ 1: () => 'CONNECTION_RESET', 2: () => 'CONNECTION_RESET' }), 3, []],
		[
			'now and then does not end the probe',
			except({ 1: () => 'CONNECTION_RESET', 3: () => 'CONNECTION_RESET' }),
			12,
			[],
		],
		['is not repeated if a retry cannot help', except({ 1: () => 'NOT_HTTP' }), 12, []],
		['is repeated after a pause if the service throttles', except({ 1: throttled }), 12, [5000]],
		[
			'twice ends the probe, even if the service throttles',
			except({ 1: throttled, 2: throttled }),
			3,
			[5000],
		],
		['is never sent if no more requests may start', () => 'held', 0, []],
		['is not repeated if the run ends during the pause', except({ 2: () => 'held' }), 2, []],
	])('%s', async (_scene, service, asked, pausesMs) => {
		const probed = await probeScripted(service);
		expect([probed.sent.length, probed.pausesMs]).toEqual([asked, pausesMs]);
	});

	test('is the same one', async () => {
		const { report } = await probeScripted(except({ 0: throttled, 2: () => 'UNREACHABLE' }));
		expect(purposesIn(report).slice(0, 4)).toEqual([
			'key ServiceGetCustomerList',
			'key ServiceGetCustomerList',
			'scheme ServiceGetCustomerList json',
			'scheme ServiceGetCustomerList json',
		]);
		expect(report.Unanswered).toBe(2);
	});
});

describe('What a response shows', () => {
	const members = { Customers: [], Total: 0 };
	test.each<[scene: string, first: (sent: Sent) => Reply, isAccepted: boolean]>([
		['a success', (sent) => done(sent, members), true],
		[
			'a success of status 204',
			(sent) => answer({ Response: { ...sent, ...members } }, { status: 204 }),
			true,
		],
		[
			'a success of status 299',
			(sent) => answer({ Response: { ...sent, ...members } }, { status: 299 }),
			true,
		],
		[
			'a success of status 300',
			(sent) => answer({ Response: { ...sent, ...members } }, { status: 300 }),
			false,
		],
		[
			'a success of status 500',
			(sent) => answer({ Response: { ...sent, ...members } }, { status: 500 }),
			false,
		],
		['a success that also reports a failure', (sent) => done(sent, { ...members, ErrMsg: 'no' }), false],
		['a success and an error', (sent) => done(sent, { ...members, Status: 'OK', Error: {} }), false],
		['a success of another request', () => done({ RequestId: 'other' }, members), true],
		['no JSON', () => answer('<html>'), false],
		['nothing', () => answer(''), false],
	])('%s', async (_scene, first, isAccepted) => {
		expect((await probeScripted(except({ 0: first }))).report.Accepted).toBe(isAccepted);
	});

	test.each<[scene: string, first: (sent: Sent) => Reply, isEchoed: boolean | undefined]>([
		['its request', (sent) => done(sent, { Total: 'none' }), true],
		['another request', () => done({ RequestId: 'other' }, { Total: 'none' }), false],
		['no request', () => answer({ Response: { Total: 'none' } }), false],
		['nothing', () => answer(''), undefined],
	])('It names %s', async (_scene, first, isEchoed) => {
		const { report } = await probeScripted((sent, index) => (index === 0 ? first(sent) : 'held'));
		// A success without a list is readable.
		expect(report.RequestIdEchoed).toBe(isEchoed);
	});
});

describe('The checks that repeat a request', () => {
	test('send a Timestamp of an hour ago, and a used nonce', async () => {
		const { sent, report } = await probeScripted(usual);
		const purposes = purposesIn(report);
		const requestFor = (purpose: string) => sent[purposes.indexOf(`${purpose} ServiceGetCustomerList`)]!;
		const [key, old, repeated] = ['key', 'oldTimestamp', 'repeatedNonce'].map(requestFor);
		expect(old!.Timestamp).toBe(NOW_MS / 1000 - 3600);
		expect([repeated!.Timestamp, repeated!.Nonce]).toEqual([key!.Timestamp, key!.Nonce]);
		expect(repeated!.RequestId).not.toBe(key!.RequestId);
		const nonces = sent.map(({ Nonce }) => Nonce);
		expect(new Set(nonces).size).toBe(nonces.length - 1);
	});

	test('repeat the last accepted request, not the first one', async () => {
		const { sent, report } = await probeScripted(except({ 0: throttled }));
		const repeated = sent[purposesIn(report).indexOf('repeatedNonce ServiceGetCustomerList')]!;
		expect([repeated.Timestamp, repeated.Nonce]).toEqual([sent[1]!.Timestamp, sent[1]!.Nonce]);
	});
});

describe('The outcome of a probe', () => {
	test('of an accepted key has all RequestIds, and the last request of the key', async () => {
		const { delivered, outcome, sent, requestIds } = await probeScripted(except({ 0: throttled }));
		expect(outcome).toMatchObject({ outcome: 'OK', requestId: sent[1]!.RequestId });
		expect(requestIds).toEqual(sent.map(({ RequestId }) => RequestId));
		expect(delivered).toMatchObject({ kind: 'answered', pages: 12 });
	});

	test('of a refused key is the refusal of a request that only reads, with the report', async () => {
		const { delivered, outcome, report } = await probeScripted((sent) =>
			refused(sent, 'InvalidParameterValue', 'AppKey not found'),
		);
		expect(delivered).toMatchObject({ kind: 'answered', pages: 1 });
		expect(outcome).toMatchObject({ outcome: 'REFUSED', code: 'InvalidParameterValue', onlyReads: true });
		expect(report.Accepted).toBe(false);
	});

	test.each<[scene: string, service: Service, delivered: object]>([
		[
			'before its first request is "nothing was tried"',
			() => 'held',
			{ kind: 'notTried', why: expect.objectContaining({ code: 'CANCELLED' }) as unknown },
		],
		[
			'later is "cancelled"',
			except({ 2: () => 'held' }),
			{ kind: 'answered', outcome: expect.objectContaining({ code: 'CANCELLED' }) as unknown },
		],
	])('that is cancelled %s', async (_scene, service, delivered) => {
		const signal = AbortSignal.abort();
		expect((await probeScripted(service, { signal })).delivered).toMatchObject(delivered);
	});

	test('that was not cancelled does not say so', async () => {
		const { signal } = new AbortController();
		expect((await probeScripted(usual, { signal })).outcome.outcome).toBe('OK');
	});

	test('without any response keeps what was sent', async () => {
		const { report } = await probeScripted(() => 'UNREACHABLE');
		expect(exchangesIn(report.Transcript).map(({ error }) => error)).toEqual(['UNREACHABLE', 'UNREACHABLE']);
	});
});
