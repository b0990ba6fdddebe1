import { expect, test } from '@jest/globals';
import { readRunOptions } from '../../nodes/TencentCloudIot/resources/runOptions';
import { deepFreeze } from '../support/deepFreeze.mts';

const DEFAULTS = {
	concurrency: 10,
	dryRun: false,
	maxAttempts: 3,
	outputItemPer: 'request',
	requestsPerSecond: 20,
	timeout: 30,
};

test('Options that were not set have their defaults', () => {
	expect(readRunOptions({})).toEqual(DEFAULTS);
	expect(readRunOptions({ concurrency: null, dryRun: undefined } as never)).toEqual(DEFAULTS);
});

test('Options that were set are kept, also those of the operation', () => {
	const options = deepFreeze({ concurrency: 2, outputItemPer: 'row', dryRun: true, sharedDevices: 'allow' });
	expect(readRunOptions(options)).toEqual({ ...DEFAULTS, ...options });
});

test.each([
	['concurrency', 0, 1],
	['concurrency', -5, 1],
	['concurrency', 10_000, 256],
	['concurrency', '8', 8],
	['concurrency', 2.5, 3],
	['concurrency', 'many', 10],
	['concurrency', { toString: 'x' }, 10],
	['maxAttempts', 1.2, 1],
	['concurrency', NaN, 10],
	['concurrency', Infinity, 256],
	['maxAttempts', 0, 1],
	['maxAttempts', 99, 10],
	['requestsPerSecond', 0, 0],
	['requestsPerSecond', -1, 0],
	['requestsPerSecond', 0.5, 0.5],
	['timeout', 0, 1],
	['timeout', 3_600, 600],
])('%s set to %j is %j: numbers are within their limits however they were set', (name, value, expected) => {
	expect(readRunOptions({ [name]: value })).toEqual({ ...DEFAULTS, [name]: expected });
});
