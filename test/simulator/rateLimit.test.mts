import { expect, test } from '@jest/globals';
import { bindParameters, call, post, signedBody, success } from './callSimulator.mts';
import { RateLimiter } from '../../simulator/rateLimit.mts';
import { runSimulator } from './runningSimulator.mts';

test('No second, wherever it starts, has more requests than the limit', () => {
	const limiter = new RateLimiter({ perSecond: 20 });
	const admittedAtMs = Array.from({ length: 1000 }, (_, index) => index * 7.3).filter((nowMs, index) =>
		limiter.admits(index, nowMs),
	);
	const busiest = admittedAtMs.map(
		(start) => admittedAtMs.filter((ms) => ms >= start && ms < start + 1000).length,
	);
	expect(Math.max(...busiest)).toBe(20);
	expect(admittedAtMs.length).toBeGreaterThan(140);
});

test('A request above the limit does not use up its nonce', async () => {
	const simulator = await runSimulator({ rateLimit: { perSecond: 1 } });
	await call(simulator, bindParameters);
	const body = signedBody({ ...bindParameters, CustomerId: 'later' });
	expect((await post(simulator, body)).text).toContain('RequestLimitExceeded');
	simulator.setOptions({ rateLimit: null });
	expect(JSON.parse((await post(simulator, body)).text)).toEqual(success);
});

test.each(['2', 'Wed, 21 Oct 2026 07:28:00 GMT', 'soon', undefined])(
	'The response can be HTTP 429, with Retry-After %s',
	async (retryAfter) => {
		const rateLimit = { perSecond: 1, answer: 'http429', retryAfter } as const;
		const simulator = await runSimulator({ rateLimit });
		await call(simulator, bindParameters);
		const answer = await post(simulator, signedBody(bindParameters));
		expect(answer).toMatchObject({ status: 429, text: 'Too Many Requests' });
		expect(answer.headers.get('retry-after')).toBe(retryAfter ?? null);
		expect(simulator.requests[1]).toMatchObject({ outcome: 'RequestLimitExceeded', applied: false });
	},
);
