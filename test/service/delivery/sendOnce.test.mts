import { describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { TencentCloudIotApi } from '../../../credentials/TencentCloudIotApi.credentials';
import { sendOnce } from '../../../nodes/TencentCloudIot/service/delivery/attempt';
import type { RequestFailure, ResponseData } from '../../../nodes/TencentCloudIot/service/outcome';
import { SIGNATURE_SCHEMES } from '../../../nodes/TencentCloudIot/service/signing/signature';
import type { Clock } from '../../../nodes/TencentCloudIot/service/transport/clock';
import type { Host } from '../../../nodes/TencentCloudIot/service/transport/transport';
import { systemClock } from '../../../nodes/TencentCloudIot/host/systemClock';
import { verifySignature } from '../../../simulator/verifySignature.mts';
import { FakeClock } from '../../support/fakeClock.mts';
import { REQUEST_ID } from '../../support/httpResponse.mts';
import { englishOf } from '../../support/texts.mts';

const endpoint = 'https://example.com/api';
const debug = () => undefined;
const parameters = { Action: 'ServiceGetCustomerList', Limit: 1 };

interface HostAnswer {
	statusCode: number;
	headers: Record<string, string>;
	body: Uint8Array;
}

/** Sends once through a host that returns this response or throws this error; also returns what the host got to post. */
async function ask(answer: Partial<HostAnswer> | Error, clock: Clock = systemClock) {
	const posted: Array<Parameters<Host['httpRequest']>[0]> = [];
	const credential = { platform: 'custom', endpoint, appKey: 'key', appSecret: 'CANARY' };
	const httpRequest = async (request: Parameters<Host['httpRequest']>[0]) => {
		posted.push(request);
		if (answer instanceof Error) {
			throw answer;
		}
		const { RequestId } = JSON.parse(request.body) as { RequestId: string };
		const body = Buffer.from(answer.body ?? [])
			.toString()
			.replace(REQUEST_ID, RequestId);
		return { statusCode: 200, headers: {}, ...answer, body: Readable.from([Buffer.from(body)]) };
	};
	const proof = {
		isDone: ({ Total }: ResponseData) => typeof Total === 'number',
		reads: ['Total'],
	};
	return {
		outcome: await sendOnce(credential, parameters, proof, { host: { httpRequest, debug }, clock }),
		posted,
	};
}

describe('Sending once', () => {
	test('posts one signed body to the endpoint, without the secret, valid with every scheme', async () => {
		const { posted } = await ask({});
		expect(posted).toHaveLength(1);
		const { url, body } = posted[0]!;
		expect(url).toBe(endpoint);
		expect(body).not.toContain('CANARY');
		const { Signature: signature, ...sent } = JSON.parse(body) as { Signature: string };
		expect(sent).toMatchObject({ ...parameters, AppKey: 'key' });
		for (const rule of SIGNATURE_SCHEMES) {
			expect(verifySignature({ bodyText: body, signature, secret: 'CANARY', rule })).toBe(true);
		}
	});

	test('leaves no pending deadline', async () => {
		const clock = new FakeClock();
		await ask({}, clock);
		expect(clock.waiting).toBe(0);
	});

	/** Sends through a host that does not respond before the deadline. */
	async function sendTooLong(host: Omit<Host, 'debug'>) {
		let ring: () => void = () => undefined;
		const alarm: Clock['alarm'] = (_, onRing) => {
			ring = onRing;
			return () => undefined;
		};
		const clock: Clock = { ...systemClock, alarm };
		const credential = { platform: 'custom', endpoint, appKey: 'key', appSecret: 's' };
		const sending = sendOnce(
			credential,
			parameters,
			{ isDone: () => true, reads: [] },
			{ host: { debug, ...host }, clock },
		);
		await new Promise((resolve) => setImmediate(resolve));
		const { elapsedMs } = clock;
		clock.elapsedMs = () => elapsedMs() + 15_000;
		ring();
		return await sending;
	}

	test('ends in time, even if the host ignores the signal', async () => {
		const httpRequest = async () => await new Promise(() => undefined);
		expect(await sendTooLong({ httpRequest })).toMatchObject({
			outcome: 'UNKNOWN',
			code: 'RESPONSE_TIMEOUT',
		});
	});

	test('drops a body that continues after the deadline', async () => {
		const body = new Readable({ read: () => undefined });
		const httpRequest = async () => await Promise.resolve({ statusCode: 200, headers: {}, body });
		expect(await sendTooLong({ httpRequest })).toMatchObject({
			outcome: 'UNKNOWN',
			code: 'RESPONSE_TIMEOUT',
		});
		expect(body.destroyed).toBe(true);
	});
});

/** The fields in the form of the credential. */
const FIELDS_OF_CREDENTIAL = [
	'Tencent Cloud IoT API',
	...new TencentCloudIotApi().properties.map(({ displayName }) => displayName),
];

test.each<[string, Partial<HostAnswer> | Error]>([
	...[
		'RequestLimitExceeded',
		'LimitExceeded',
		'InvalidParameterValue',
		'InternalError',
		'UnauthorizedOperation',
	].map((Code): [string, Partial<HostAnswer>] => [
		Code,
		{
			body: Buffer.from(
				JSON.stringify({ Response: { Error: { Code, Message: '' }, RequestId: REQUEST_ID } }),
			),
		},
	]),
	...[302, 403, 413, 429, 500, 503].map((statusCode): [string, Partial<HostAnswer>] => [
		`status ${statusCode}`,
		{ statusCode },
	]),
	...[
		'ECONNABORTED',
		'ECONNRESET',
		'ENOTFOUND',
		'EAI_AGAIN',
		'EHOSTUNREACH',
		'EPROTO',
		'HPE_HEADER_OVERFLOW',
	].map((code): [string, Error] => [code, Object.assign(new Error(code), { code })]),
])(
	'The advice after %s mentions nothing that only a run has: no rows, no rate and no timeout',
	async (_, answer) => {
		const { outcome } = await ask(answer);
		const advice = englishOf((outcome as RequestFailure).advice);
		expect(advice).not.toBe('');
		const named = Array.from(advice.matchAll(/'([A-Z][^']*)'/g), ([, field]) => field);
		expect(FIELDS_OF_CREDENTIAL).toEqual(expect.arrayContaining(named));
	},
);
