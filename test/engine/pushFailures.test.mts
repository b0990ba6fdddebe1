import { expect, test } from '@jest/globals';
import { loadTestedNode } from '../support/testedBuild.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { errorOf, linksOf, push, row } from './pushRun.mts';

const rows = Array.from({ length: 20 }, (_, index) => row(`c${index}`, index));
const onError = 'continueErrorOutput' as const;

test.each([
	[{ appKey: '' }, 'The credential has no App Key. Nothing was sent.'],
	[{ endpoint: 'http://example.com/api' }, 'The endpoint does not start with https. Nothing was sent.'],
])('A credential that cannot be used is one item with a clear sentence: %o.', async (credential, message) => {
	const simulator = await runSimulator();
	const { error, hints } = await push(rows, simulator, { onError, credential });
	expect(hints).toEqual([
		{ message: expect.stringContaining(message), type: 'warning', location: 'outputPane' },
	]);
	expect(error).toHaveLength(1);
	expect(errorOf(error[0]!)?.message).toBe(message);
	expect(linksOf(error[0]!)).toEqual([...rows.keys()]);
});

test('A missing credential is one item too, because a throw would pass the rows on as done.', async () => {
	const simulator = await runSimulator();
	const { nodeType } = loadTestedNode();
	const relaxed = { ...nodeType.description.credentials![0]!, required: false };
	nodeType.description.credentials = [relaxed];
	const { error, success } = await push(rows, simulator, { onError, nodeType, credentials: undefined });
	expect(success).toEqual([]);
	expect(errorOf(error[0]!)).toMatchObject({ message: 'The node has no credential. Nothing was sent.' });
});
