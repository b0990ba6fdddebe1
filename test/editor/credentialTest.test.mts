import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { ICredentialDataDecryptedObject, ICredentialTestFunctions } from 'n8n-workflow';
import { testTencentCloudIotApi } from '../../nodes/TencentCloudIot/editor/credentialTest';
import {
	SIGNATURE_SCHEMES,
	SIGNATURE_SCHEME_NAMES,
} from '../../nodes/TencentCloudIot/service/signing/signature';
import type { Simulator, SimulatorOptions } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';

/** The context of a credential test in the editor; only the network function is a stand-in. */
const editor = {
	logger: { debug: () => undefined },
	helpers: {
		request: async ({ uri, body, headers, method }: Record<string, unknown>) => {
			const answer = await fetch(String(uri), { method, body, headers } as RequestInit);
			return {
				statusCode: answer.status,
				headers: Object.fromEntries(answer.headers),
				body: Readable.from([Buffer.from(await answer.arrayBuffer())]),
			};
		},
	},
} as unknown as ICredentialTestFunctions;

async function testCredential(
	{ endpoint, appKey, appSecret }: Simulator,
	changes: ICredentialDataDecryptedObject = {},
) {
	const data = { platform: 'custom', endpoint, appKey, appSecret, nestedRule: 'automatic', ...changes };
	return await testTencentCloudIotApi.call(editor, {
		id: '1',
		name: 'Tencent',
		type: 'tencentCloudIotApi',
		data,
	});
}

describe('The credential test', () => {
	test.each(SIGNATURE_SCHEMES)(
		'names the signature scheme with which lists are accepted: %s',
		async (nestedRule) => {
			const simulator = await runSimulator({ nestedRule });
			const name = SIGNATURE_SCHEME_NAMES[nestedRule];
			expect(await testCredential(simulator, { allowedActions: 'readsOnly' })).toEqual({
				status: 'OK',
				message: `Tencent accepted App Key and App Secret, and lists that are signed by ${name}`,
			});
			const sent = simulator.requests.map(({ Action }) => Action);
			expect(new Set(sent)).toEqual(new Set(['ServiceGetCustomerList']));
			expect(sent.length).toBe(2 + SIGNATURE_SCHEMES.indexOf(nestedRule));
		},
	);

	test('sends two requests if the credential has the accepted scheme', async () => {
		const simulator = await runSimulator({ nestedRule: 'flattened' });
		expect(await testCredential(simulator, { nestedRule: 'flattened' })).toMatchObject({ status: 'OK' });
		expect(simulator.requests).toHaveLength(2);
	});

	test("says which scheme to set if the credential's scheme is refused", async () => {
		const simulator = await runSimulator({ nestedRule: 'goFmt' });
		const name = SIGNATURE_SCHEME_NAMES.goFmt;
		expect(await testCredential(simulator, { nestedRule: 'flattened' })).toEqual({
			status: 'Error',
			message: `Tencent accepted App Key and App Secret, but lists only if they are signed by ${name}: set 'Nested Value Signing' to Automatic or ${name}`,
		});
	});

	test.each<[string, SimulatorOptions]>([
		['refuses lists by every scheme', { habits: { refusesLists: true } }],
		['throttles', { rateLimit: { perSecond: 1 } }],
	])('accepts the key of a service that %s, and says that the scheme is unknown', async (_, options) => {
		const simulator = await runSimulator(options);
		expect(await testCredential(simulator)).toEqual({
			status: 'OK',
			message:
				'Tencent accepted App Key and App Secret; no response shows how it signs lists: run Account: Check',
		});
		expect(simulator.requests.length).toBeLessThanOrEqual(1 + SIGNATURE_SCHEMES.length);
	});

	test('names the refused field, after one request', async () => {
		const simulator = await runSimulator();
		const result = await testCredential(simulator, { appSecret: 'wrong' });
		const message = expect.stringMatching(
			/^Tencent did not accept the signature and responded with InvalidParameterValue: Signature 无效 \(Signature is not valid\)\. Check App Key and App Secret/,
		);
		expect(result).toMatchObject({ status: 'Error', message });
		expect(simulator.requests).toHaveLength(1);
	});

	test('sends nothing without a key, and reports a refused connection', async () => {
		const simulator = await runSimulator();
		expect(await testCredential(simulator, { appKey: ' ' })).toEqual({
			status: 'Error',
			message: "The credential has no App Key. Nothing was sent. Fill in 'App Key' in the credential",
		});
		expect(simulator.requests).toHaveLength(0);
		await simulator.close();
		expect(await testCredential(simulator)).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(
				/^The endpoint refused the connection. Nothing was sent. Check the endpoint/,
			),
		});
	});
});
