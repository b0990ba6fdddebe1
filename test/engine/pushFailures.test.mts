import { expect, test } from '@jest/globals';
import { loadTestedNode } from '../support/testedBuild.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { errorOf, linksOf, push, row } from './pushRun.mts';

const rows = Array.from({ length: 20 }, (_, index) => row(`c${index}`, index));
const onError = 'continueErrorOutput' as const;

test.each([
	[{ appKey: '' }, 'The credential has no App Key. Nothing was sent.'],
	[{ endpoint: 'http://example.com/api' }, 'The endpoint does not start with https. Nothing was sent.'],
])('An unusable credential gives one error item with a clear message: %o.', async (credential, message) => {
	const simulator = await runSimulator();
	const { error, hints } = await push(rows, simulator, { onError, credential });
	expect(hints).toEqual([
		{ message: expect.stringContaining(message), type: 'warning', location: 'outputPane' },
	]);
	expect(error).toHaveLength(1);
	expect(errorOf(error[0]!)?.message).toBe(message);
	expect(linksOf(error[0]!)).toEqual([...rows.keys()]);
});

test('A missing credential gives one error item, too: a thrown error would pass the rows on as if they were sent.', async () => {
	const simulator = await runSimulator();
	const { nodeType } = loadTestedNode();
	const relaxed = { ...nodeType.description.credentials![0]!, required: false };
	nodeType.description.credentials = [relaxed];
	const { error, success } = await push(rows, simulator, { onError, nodeType, credentials: undefined });
	expect(success).toEqual([]);
	expect(errorOf(error[0]!)).toMatchObject({ message: 'The node has no credential. Nothing was sent.' });
});
