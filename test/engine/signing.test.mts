import { expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNoSecrets, expectNothingLost } from './invariants.mts';
import { push, row } from './pushRun.mts';

const ON_ERROR: OnError[] = ['stopWorkflow', 'continueErrorOutput', 'continueRegularOutput'];
const rows = Array.from({ length: 20 }, (_, index) => row(`c${index}`, index));
const CHECK_KEY = 'Check App Key and App Secret in the credential';

test.each(ON_ERROR)(
	'A wrong secret costs two requests in each attempt of Retry On Fail, with On Error %s.',
	async (mode) => {
		const simulator = await runSimulator({ keepBodies: true });
		const result = await push(rows, simulator, {
			onError: mode,
			credential: { appSecret: 'canary-wrong-secret', nestedRule: 'automatic' },
			retryOnFail: { maxTries: 3, waitBetweenTries: 1 },
		});
		const attempt = ['ServiceBindDevice', 'ServiceGetCustomerList'];
		expect(simulator.requests.map(({ Action }) => Action)).toEqual([...attempt, ...attempt, ...attempt]);
		const shown = JSON.stringify([result.success, result.error, result.failure]);
		expect(shown).toContain('Signature 无效');
		expect(shown).toContain(CHECK_KEY);
		expect(JSON.stringify([shown, result.saved])).not.toContain('canary-wrong-secret');
		if (mode === 'stopWorkflow') {
			expect(result.failure?.message).toContain('; 1 refused (nothing was changed); 19 not sent');
			expectNoSecrets(result, simulator);
		} else {
			expectNothingLost(result, rows, simulator);
		}
	},
);
