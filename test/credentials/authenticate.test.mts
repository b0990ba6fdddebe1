import { inspect } from 'node:util';
import type { IHttpRequestOptions } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TencentCloudIotApi } from '../../credentials/TencentCloudIotApi.credentials';
import { SIGNATURE_SCHEMES, type Parameters } from '../../nodes/TencentCloudIot/service/signing/signature';
import { verifySignature } from '../../simulator/verifySignature.mts';
import { deepFreeze } from '../support/deepFreeze.mts';
import { parameters } from '../support/parameterArbitraries.mts';
import { signedTextOf } from '../support/signedText.mts';

const { authenticate } = new TencentCloudIotApi();
const key = { appKey: 'key', appSecret: 'secret', platform: 'china' };
const credential = { ...key, nestedRule: 'json', allowedActions: 'everything' };
const url = 'https://iot.cloud.tencent.com/api/exploreropen/serviceapi';

async function sign(body: unknown, changes: Partial<IHttpRequestOptions> = {}, extraOptions: object = {}) {
	const options = deepFreeze({ method: 'POST' as const, url, ...changes, body } as IHttpRequestOptions);
	const signed = await authenticate(deepFreeze({ ...credential, ...extraOptions }), options);
	const text = signedTextOf(signed.body);
	return { signed, text, parsed: JSON.parse(text) as Parameters };
}

function isSigned(
	bodyText: string,
	rule: (typeof SIGNATURE_SCHEMES)[number] = 'json',
	secret = 'secret',
): boolean {
	const { Signature: signature } = JSON.parse(bodyText) as { Signature: string };
	return verifySignature({ bodyText, signature, secret, rule });
}

const call = { Action: 'ServiceGetDeviceList', ProductId: 'P', Offset: 0, Ids: ['a', { b: 1 }] };

describe('Signing a request of the HTTP Request node', () => {
	test.each<[what: string, body: unknown]>([
		['an object', call],
		['its JSON text', JSON.stringify(call)],
		['its JSON text with spaces', ` \n${JSON.stringify(call, undefined, 2)}\n`],
	])('accepts %s, and adds the common parameters and the signature', async (_what, body) => {
		const before = Math.floor(Date.now() / 1_000);
		const { text, parsed } = await sign(body);
		const { AppKey, RequestId, Timestamp, Nonce, Signature, ...parameters } = parsed;
		expect(parameters).toEqual(call);
		expect(AppKey).toBe('key');
		expect(RequestId).toMatch(/^[0-9a-f-]{36}$/);
		expect(Number(Timestamp)).toBeGreaterThanOrEqual(before);
		expect(Number(Timestamp)).toBeLessThanOrEqual(Date.now() / 1_000);
		expect(Number.isSafeInteger(Nonce) && Number(Nonce) > 0).toBe(true);
		expect(Signature).toMatch(/^.{27}=$/);
		expect(isSigned(text)).toBe(true);
	});

	test("keeps the caller's RequestId", async () => {
		const { text, parsed } = await sign({ ...call, RequestId: 'mine' });
		expect(parsed['RequestId']).toBe('mine');
		expect(isSigned(text)).toBe(true);
	});

	test.each([[''], [null], [7], [['mine']]])('makes a new RequestId in place of %j', async (RequestId) => {
		const { text, parsed } = await sign({ ...call, RequestId });
		expect(parsed['RequestId']).toMatch(/^[0-9a-f-]{36}$/);
		expect(isSigned(text)).toBe(true);
	});

	test('writes each common parameter once, with a new value, even if the body has it', async () => {
		const old = { AppKey: 'x', Timestamp: 1, Nonce: 1, Signature: 'x', RequestId: 'mine' };
		const { text, parsed } = await sign({ ...call, ...old });
		for (const name of Object.keys(old)) {
			expect(text.split(`"${name}":`)).toHaveLength(2);
		}
		expect(parsed).not.toMatchObject({ Timestamp: 1 });
		expect(parsed).toMatchObject({ AppKey: 'key', RequestId: 'mine' });
		expect(isSigned(text)).toBe(true);
	});

	test.each(['automatic', undefined, 'gone'])(
		'signs by JSON text when the rule is %j',
		async (nestedRule) => {
			expect(isSigned((await sign(call, {}, { nestedRule })).text, 'json')).toBe(true);
		},
	);

	test.each([
		['spaces', { appKey: ' key\n', appSecret: '\tsecret ' }],
		['invisible characters', { appKey: '\u200bkey', appSecret: 'sec\u00adret\u200b \u2060' }],
	])('strips %s from a pasted key and secret', async (_what, pasted) => {
		const { text, parsed } = await sign(call, {}, pasted);
		expect(parsed['AppKey']).toBe('key');
		expect(isSigned(text)).toBe(true);
	});

	test("posts JSON to the endpoint of the credential, and keeps the caller's timeout and response options", async () => {
		const kept = { timeout: 7, json: true, encoding: null, useStream: true, gzip: true, simple: false };
		const full = { returnFullResponse: true, resolveWithFullResponse: true, ignoreHttpStatusErrors: true };
		const { signed } = await sign(call, {
			...kept,
			...full,
			headers: { 'Content-Type': 'text/plain', 'X-TC-Action': 'y', Host: 'h', ACCEPT: 'z' },
			agentOptions: { ca: 'own' },
			proxy: { host: 'p', port: 1 },
			auth: { username: 'u', password: 'p' },
			rejectUnauthorized: false,
			skipSslCertificateValidation: true,
			maxRedirects: 9,
			sendCredentialsOnCrossOriginRedirect: true,
			form: { a: 1 },
			formData: { a: 1 },
			baseURL: url,
			arrayFormat: 'repeat',
			auditing: 'new',
		} as object);
		expect(signed).toEqual({
			...kept,
			...full,
			method: 'POST',
			url,
			disableFollowRedirect: true,
			followRedirect: false,
			followAllRedirects: false,
			body: expect.objectContaining({ isBody: true }),
			headers: { ACCEPT: 'z', 'content-type': 'application/json' },
		});
		expect((await sign(call)).signed.headers).toEqual({ 'content-type': 'application/json' });
	});

	test('does not expose the signed body in the options of a failed request', async () => {
		const { signed } = await sign(call);
		expect(inspect(signed, { showHidden: true, depth: null })).not.toMatch(/Signature|secret/);
	});

	test('returns a body that can be read only once, so nothing can read it after the request', async () => {
		const { signed, text } = await sign(call);
		expect(text).toContain('Signature');
		expect(() => signedTextOf(signed.body)).toThrow('has been read already');
	});

	test.each<[what: string, body: unknown]>([
		['no body', undefined],
		['null', null],
		['an empty text', ''],
		['text that is not JSON', 'a=1&b=2'],
		['cut JSON', '{"Action":"A"'],
		['a JSON list', '[{"Action":"A"}]'],
		['a JSON number', '7'],
		['JSON null', 'null'],
		['a list', [call]],
		['a number', 7],
		['true', true],
		['bytes', new Uint8Array([123, 125])],
		['form data', new FormData()],
		['search parameters', new URLSearchParams('a=1')],
		['a date', new Date(0)],
		['a Map', new Map([['Action', 'A']])],
	])('refuses %s, and says what it expects', async (_what, body) => {
		await expect(authenticate(credential, { url, body } as IHttpRequestOptions)).rejects.toThrow(
			new Error(
				"Nothing was sent: give the parameters as a JSON object in the request's body, " +
					'e.g. {"Action": "ServiceGetCustomerList"}',
			),
		);
	});
});

describe('A request that cannot be signed', () => {
	test.each([
		['App Key', { appKey: undefined }],
		['App Key', { appKey: ' ' }],
		['App Secret', { appSecret: undefined }],
		['App Secret', { appSecret: '' }],
	])('is refused: the credential has no %s, %j', async (name, changes) => {
		await expect(sign(call, {}, changes)).rejects.toThrow(
			`The credential has no ${name}. Nothing was sent. Fill in '${name}' in the credential`,
		);
	});

	test.each([
		'{"Action":"A","OrderNo":12345678901234567890}',
		'{"Action":"A","List":[{"n":-9007199254740993}]}',
		'{"a\\"b":"\\\\","n": 9007199254740993 }',
	])('is refused: text with a number that JavaScript would change, %s', async (body) => {
		await expect(sign(body)).rejects.toThrow(
			new Error(
				"Nothing was sent: the request's body has a whole number too large to be exact. " +
					'Write it in quotes, as text',
			),
		);
	});

	test.each<[string, object]>([
		['9007199254740992', { Action: 'A', OrderNo: Number('9007199254740993') }],
		['NaN', { Action: 'A', List: [{ n: NaN }] }],
		['Infinity', { Action: 'A', n: Infinity }],
	])('is refused: an object with the number %s, which JSON cannot represent', async (number, body) => {
		await expect(sign(body as never)).rejects.toThrow(
			new Error(
				`Nothing was sent: the request's body has the number ${number}, which JSON cannot hold exactly. Give it as text`,
			),
		);
	});

	test.each([
		['a number that JavaScript keeps exactly', '{"n":9007199254740992,"m":-100000000000000000000}'],
		['a number in a string', '{"n":"12345678901234567890","12345678901234567890\\"":1}'],
		[
			'a number with a point or an exponent',
			'{"n":1234567890123456789.5,"m":12345678901234567890e1,"k":0.98765432109876543}',
		],
	])('is not one with %s', async (_what, body) => {
		expect(isSigned((await sign(body)).text)).toBe(true);
	});
});

describe('A request that is not a POST to the endpoint of the credential is refused before it is signed', () => {
	const custom = (endpoint: string) => ({ platform: 'custom', endpoint });
	const loopback = custom('http://127.0.0.1:8080/api');
	type Address = { url?: string; uri?: string; baseURL?: string; qs?: object; method?: string };

	test.each<[Address, string, object?]>([
		[{ url: 'https://example.com/api' }, 'this is POST https://example.com/api.'],
		[{ url: url.replace('https', 'http') }, 'this is POST http://iot.cloud.tencent.com/'],
		[{ url: url.replace('.com/', '.com:8443/') }, 'this is POST https://iot.cloud.tencent.com:8443/'],
		[{ url: url.replace('.com/', '.com.example.com/') }, 'https://iot.cloud.tencent.com.example.com/'],
		[{ url: url.replace('iot.', 'iot.cloud.tencent.com@') }, 'this is POST https://cloud.tencent.com/'],
		[{ url: url.replace('iot.', 'login@iot.') }, 'this is POST https://iot.cloud.tencent.com/'],
		[{ url: 'https:\\\\example.com/' }, 'this is POST https://example.com/.'],
		[{ uri: 'https://example.com/api' }, 'this is POST https://example.com/api.'],
		[{ url: 'https://example.com/', uri: url }, 'this is POST https://example.com/.'],
		[{ url: '/api', baseURL: 'https://example.com' }, 'this is POST https://example.com/api.'],
		[{ url: '//example.com/api', baseURL: url }, 'this is POST https://example.com/api.'],
		[{ url: '/api' }, 'this is POST without a usable URL.'],
		[{}, 'this is POST without a usable URL.'],
		[{ url }, 'https://iot.cloud.tencent.com/', { platform: 'overseas' }],
		[{ url: 'http://127.0.0.1:8081/api' }, 'this is POST http://127.0.0.1:8081/api.', loopback],
		[{ url: 'http://localhost:8080/api' }, 'this is POST http://localhost:8080/api.', loopback],
		[{ url: `${url}/other` }, `this is POST ${url}/other.`],
		[{ url: `${url}?Action=ServiceControlDeviceData` }, `this is POST ${url}.`],
		[{ url, qs: { Action: 'ServiceControlDeviceData' } }, `this is POST ${url}.`],
		...['GET', 'PUT', 'DELETE', 'PATCH'].map((method): [Address, string] => [
			{ url, method },
			`this is ${method} ${url}.`,
		]),
	])('%j', async (address, problem, extraOptions = {}) => {
		const request = { body: call, ...address } as IHttpRequestOptions;
		const signing = authenticate({ ...credential, ...extraOptions }, request);
		await expect(signing).rejects.toThrow(
			/^Nothing was signed or sent: this credential signs for POST \S+ alone, without a query, and /,
		);
		await expect(signing).rejects.toThrow(problem);
	});

	test('refuses an endpoint in plain http on another machine, and says what to correct', async () => {
		const endpoint = 'http://example.com/api';
		await expect(sign(call, { url: endpoint }, custom(endpoint))).rejects.toThrow(
			"The endpoint does not start with https. Nothing was sent. Correct 'Endpoint' in the credential",
		);
	});

	test.each<[Address, object?]>([
		[{ url: url.replace('iot.cloud', 'IOT.cloud').replace('.com/', '.com:443/'), method: 'post' }],
		[{ uri: url, qs: {} }],
		[{ url: '/api/exploreropen/serviceapi', baseURL: 'https://iot.cloud.tencent.com' }],
		[{ url: 'http://127.0.0.1:8080/api' }, loopback],
	])('but not %j', async (address, extraOptions = {}) => {
		const request = { body: call, ...address } as IHttpRequestOptions;
		const { body } = await authenticate({ ...credential, ...extraOptions }, request);
		expect(isSigned(signedTextOf(body))).toBe(true);
	});
});

test('Every signed request is unique and verifies, whatever its parameters', async () => {
	const pairs = new Set<string>();
	const rules = fc.constantFrom(...SIGNATURE_SCHEMES);
	await fc.assert(
		fc.asyncProperty(parameters, rules, fc.boolean(), async (sentParameters, nestedRule, isText) => {
			// A number that an object cannot represent exactly is refused.
			fc.pre(isText || !/\d{16,}|e\+/.test(JSON.stringify(sentParameters)));
			const { text, parsed } = await sign(
				isText ? JSON.stringify(sentParameters) : sentParameters,
				{},
				{ nestedRule },
			);
			expect(isSigned(text, nestedRule)).toBe(true);
			const pair = `${String(parsed['Timestamp'])} ${String(parsed['Nonce'])}`;
			expect(pairs.has(pair)).toBe(false);
			pairs.add(pair);
		}),
	);
});
