import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { ICredentialDataDecryptedObject, ICredentialTestFunctions } from 'n8n-workflow';
import { testTencentCloudIotApi } from '../../nodes/TencentCloudIot/editor/credentialTest';
import type { Simulator } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';

/** What the editor offers to a credential test; only the network function is not n8n's own. */
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
	test.each(['automatic', 'flattened'])(
		'accepts key and secret by one read that every scheme signs alike, also with %s',
		async (nestedRule) => {
			const simulator = await runSimulator({ nestedRule: 'json' });
			expect(await testCredential(simulator, { nestedRule, allowedActions: 'readsOnly' })).toEqual({
				status: 'OK',
				message: 'Tencent accepted App Key and App Secret',
			});
			expect(simulator.requests.map(({ Action }) => Action)).toEqual(['ServiceGetCustomerList']);
		},
	);

	test('says plainly what is refused, by one request', async () => {
		const simulator = await runSimulator();
		const result = await testCredential(simulator, { appSecret: 'wrong' });
		const message = expect.stringMatching(
			/^Tencent responded with InvalidParameterValue: Signature 无效 \(Signature is not valid\)\. Check App Key and App Secret/,
		);
		expect(result).toMatchObject({ status: 'Error', message });
		expect(simulator.requests).toHaveLength(1);
	});

	test('sends nothing without a key, and says when nobody listens', async () => {
		const simulator = await runSimulator();
		expect(await testCredential(simulator, { appKey: ' ' })).toEqual({
			status: 'Error',
			message:
				"The credential has no App Key. Nothing was sent. Fill in 'App Key' in the credential 'Tencent Cloud IoT API'",
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
