import { describe, expect, test } from '@jest/globals';
import { askOnce, type HostAnswer } from '../../../nodes/TencentCloudIot/service/delivery/askOnce';
import { NotSendable } from '../../../nodes/TencentCloudIot/service/outcome';
import { NESTED_RULES } from '../../../nodes/TencentCloudIot/service/signature';
import { verifySignature } from '../../../simulator/verifySignature.mts';
import { refusal, REQUEST_ID, toBytes } from '../../support/httpAnswer.mts';

const endpoint = 'https://example.com/api';
const parameters = { Action: 'ServiceGetCustomerList', Limit: 1 };

/** Asks once, of a host that answers with this, and gives what the host was to post. */
async function ask(answer: Partial<HostAnswer>, changes: { endpoint?: string } = {}) {
	const posted: Array<{ href: string; body: string }> = [];
	const connection = { endpoint, appKey: 'key', appSecret: 'CANARY', ...changes };
	const outcome = await askOnce(
		async ({ href }, body) => {
			posted.push({ href, body });
			const { RequestId } = JSON.parse(body) as { RequestId: string };
			const said = answer.body?.toString().replace(REQUEST_ID, RequestId) ?? '';
			return { status: 200, headers: {}, ...answer, body: Buffer.from(said) };
		},
		{ connection, parameters, isDone: ({ Total }) => typeof Total === 'number' },
	);
	return { outcome, posted };
}

describe('Asking once', () => {
	test('posts one signed body to the endpoint, with no secret in it, right by every rule', async () => {
		const { posted } = await ask({});
		expect(posted).toHaveLength(1);
		const { href, body } = posted[0]!;
		expect(href).toBe(endpoint);
		expect(body).not.toContain('CANARY');
		const { Signature: signature, ...sent } = JSON.parse(body) as { Signature: string };
		expect(sent).toMatchObject({ ...parameters, AppKey: 'key' });
		for (const rule of NESTED_RULES) {
			expect(verifySignature({ bodyText: body, signature, secret: 'CANARY', rule })).toBe(true);
		}
	});

	test('is done when the answer proves it', async () => {
		const { outcome, posted } = await ask({
			body: toBytes({ Response: { Total: 0, RequestId: REQUEST_ID } }),
		});
		const { RequestId } = JSON.parse(posted[0]!.body) as { RequestId: string };
		expect(outcome).toEqual({ outcome: 'OK', data: { Total: 0, RequestId }, requestId: RequestId });
	});

	test.each<[what: string, answer: Partial<HostAnswer>, expected: object]>([
		[
			'a refusal',
			{ body: toBytes(refusal('InvalidParameterValue', 'Signature 无效')) },
			{ outcome: 'REFUSED', refused: 'signature' },
		],
		['a page', { body: Buffer.from('OK'), headers: { 'content-type': 'text/html' } }, { code: 'WEB_PAGE' }],
		['a redirect', { status: 302 }, { code: 'REDIRECT' }],
		[
			'the answer to another request',
			{ body: toBytes({ Response: { Total: 0, RequestId: 'another' } }) },
			{ outcome: 'UNKNOWN', code: 'UNCLEAR_ANSWER' },
		],
		['an empty answer', {}, { outcome: 'UNKNOWN', code: 'UNCLEAR_ANSWER' }],
		['an answer without the proof', { body: toBytes({ Response: {} }) }, { code: 'UNCLEAR_ANSWER' }],
	])('tells %s as a run does', async (_what, answer, expected) => {
		expect((await ask(answer)).outcome).toMatchObject(expected);
	});

	test.each<[headers: HostAnswer['headers'], serverTimeMs: number | undefined]>([
		[{ date: 'Thu, 29 Feb 2024 12:00:00 GMT' }, Date.UTC(2024, 1, 29, 12)],
		[{ date: 'Thu, 29 Feb 2024 12:00:00 GMT', age: '5' }, undefined],
		[{}, undefined],
	])('tells the clock of the server from the headers %j', async (headers, serverTimeMs) => {
		const { outcome } = await ask({
			body: toBytes(refusal('InvalidParameterValue', 'Timestamp 无效')),
			headers,
		});
		expect(outcome.outcome !== 'OK' && outcome.serverTimeMs).toBe(serverTimeMs);
	});

	test('posts nothing to an endpoint that cannot be used', async () => {
		await expect(ask({}, { endpoint: 'http://example.com/api' })).rejects.toThrow(NotSendable);
	});

	test('leaves to the host what the host throws', async () => {
		const thrown = new Error('no network');
		const connection = { endpoint, appKey: 'key', appSecret: 's' };
		const asking = askOnce(() => Promise.reject(thrown), { connection, parameters, isDone: () => true });
		await expect(asking).rejects.toBe(thrown);
	});
});
