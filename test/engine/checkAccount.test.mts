import { describe, expect, test } from '@jest/globals';
import manifest from '../../package.json' with { type: 'json' };
import { countWrites } from '../../simulator/snapshot.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNoSecrets } from './invariants.mts';
import { runOperation } from './operationRun.mts';
import { linksOf } from './pushRun.mts';

const operation = 'account.check';
const automatic = { nestedRule: 'automatic' };
const customers = [{ CustomerId: 'c1', CountryCode: '86', PhoneNumber: '13800138000' }];

describe('Account: Check', () => {
	test('outputs one item for all rows and sends 12 requests that only read.', async () => {
		const simulator = await runSimulator({ nestedRule: 'goFmt', customers });
		const rows = [{ a: 1 }, { a: 2 }, { a: 3 }];
		const result = await runOperation(simulator, { operation, rows, credential: automatic });
		expect(result.success.map(linksOf)).toEqual([[0, 1, 2]]);
		expect(result.success[0]?.json).toMatchObject({
			Accepted: true,
			SignatureScheme: 'goFmt',
			Customers: 1,
			Requests: 12,
			PackageVersion: `${manifest.version}-undici.0`,
			Summary: expect.stringMatching(
				/^Tencent accepted App Key and App Secret \(12 requests\)\. Nothing needs to be changed\. No read shows whether a push replaces /,
			),
		});
		expect(`${result.hints[0]?.message}.`).toBe(result.success[0]?.json.Summary);
		expect(simulator.requests.length).toBe(12);
		expect(countWrites(simulator.requests)).toBe(0);
		expectNoSecrets(result, simulator);
	});

	test('fails like any operation if the secret is wrong, and its error item has the transcript.', async () => {
		const simulator = await runSimulator();
		const credential = { appSecret: 'CanarySecret' };
		const run = { operation, credential, onError: 'continueErrorOutput' } as const;
		const { success, error } = await runOperation(simulator, run);
		expect(success).toEqual([]);
		expect(error[0]?.json['error']).toMatchObject({
			code: 'InvalidParameterValue',
			outcome: 'REFUSED',
			advice: 'Check App Key and App Secret in the credential',
			Accepted: false,
			Transcript: expect.stringContaining('"status":200'),
		});
		expect(JSON.stringify(error)).not.toContain('CanarySecret');
		const { failure } = await runOperation(simulator, { operation, credential });
		expect(failure?.message).toMatch(/Signature 无效/);
	});
});
