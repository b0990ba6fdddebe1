import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { ICredentialDataDecryptedObject, ICredentialTestFunctions } from 'n8n-workflow';
import { testTencentCloudIotApi } from '../../nodes/TencentCloudIot/editor/credentialTest';
import type { Simulator } from '../../simulator/simulator.mts';
import { signatureSchemes } from '../../simulator/verifySignature.mts';
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

const actionsOf = ({ requests }: Simulator) => new Set(requests.map(({ Action }) => Action));
const NAMES = {
	json: 'JSON Text',
	goFmt: 'Go Format',
	flattened: 'Flattened',
	jsString: 'JavaScript String',
};

describe('The credential test', () => {
	test.each(Object.entries(NAMES))(
		'with Automatic proves that nested values are signed as %s',
		async (rule, name) => {
			const simulator = await runSimulator({ nestedRule: rule as keyof typeof NAMES });
			const allowedActions = 'readsOnly';
			expect(await testCredential(simulator, { allowedActions })).toEqual({
				status: 'OK',
				message: `Tencent accepted App Key and App Secret, and nested values signed as '${name}'`,
			});
			expect(actionsOf(simulator)).toEqual(new Set(['ServiceGetCustomerList']));
			expect(simulator.requests).toHaveLength(2 + signatureSchemes.indexOf(rule as keyof typeof NAMES));
		},
	);

	test.each(Object.entries(NAMES))(
		'proves that %s was chosen rightly, by two requests',
		async (nestedRule, name) => {
			const simulator = await runSimulator({ nestedRule: nestedRule as keyof typeof NAMES });
			expect(await testCredential(simulator, { nestedRule })).toEqual({
				status: 'OK',
				message: `Tencent accepted App Key and App Secret, and nested values signed as '${name}'`,
			});
			expect(simulator.requests).toHaveLength(2);
		},
	);

	test.each([
		['flattened', 'json'],
		['json', 'goFmt'],
		['scalarsOnly', 'json'],
		['jsString', 'flattened'],
	] as const)(
		'says that %s was chosen wrongly where it is %s, before a push is refused',
		async (nestedRule, right) => {
			const simulator = await runSimulator({ nestedRule: right });
			expect(await testCredential(simulator, { nestedRule })).toEqual({
				status: 'Error',
				message:
					`Tencent accepted App Key and App Secret, but nested values only when signed as '${NAMES[right]}'. ` +
					"Choose that or Automatic in 'Nested Value Signing'",
			});
			expect(actionsOf(simulator)).toEqual(new Set(['ServiceGetCustomerList']));
		},
	);

	// The list of a push may still be signed in another way: nothing is claimed.
	test.each(['automatic', ...signatureSchemes])(
		'names no rule to who chose %s where a list of which the Action knows nothing is not signed at all',
		async (nestedRule) => {
			const simulator = await runSimulator({ nestedRule: 'scalarsOnly' });
			expect(await testCredential(simulator, { nestedRule })).toEqual({
				status: 'OK',
				message: 'Tencent accepted App Key and App Secret',
			});
		},
	);

	test('names no rule where a parameter of which the Action knows nothing is refused', async () => {
		const simulator = await runSimulator({
			faults: ({ parameters }) =>
				parameters.has('DeviceInfos') ? { kind: 'error', Code: 'UnknownParameter', Message: 'x' } : undefined,
		});
		expect(await testCredential(simulator)).toEqual({
			status: 'OK',
			message: 'Tencent accepted App Key and App Secret',
		});
	});

	test('says when no rule is accepted, though key and secret are', async () => {
		const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: 'Signature 无效' } as const;
		const simulator = await runSimulator({
			faults: ({ parameters }) => (parameters.has('DeviceInfos') ? refused : undefined),
		});
		expect(await testCredential(simulator)).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/^Tencent accepted App Key and App Secret, but no signature of a list/),
		});
		expect(simulator.requests).toHaveLength(1 + signatureSchemes.length);
	});

	test.each([
		[
			{ appSecret: 'wrong' },
			/^Tencent responded with InvalidParameterValue: Signature 无效 \(Signature is not valid\)\. Check App Key and App Secret/,
		],
		[
			{ appKey: 'wrong' },
			/^Tencent responded with InvalidParameterValue: AppKey 无效 \(AppKey is not valid\)\. Check App Key and App Secret/,
		],
	])('says plainly what is refused, by one request: %j', async (changes, message) => {
		const simulator = await runSimulator();
		const result = await testCredential(simulator, changes);
		expect(result).toMatchObject({ status: 'Error', message: expect.stringMatching(message) });
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
