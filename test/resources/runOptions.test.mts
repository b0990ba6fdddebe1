import { expect, test } from '@jest/globals';
import type { INodeProperties } from 'n8n-workflow';
import { resources, type Resource } from '../../nodes/TencentCloudIot/resources';
import { readRunOptions, runOptions } from '../../nodes/TencentCloudIot/resources/runOptions';
import { deepFreeze } from '../support/deepFreeze.mts';
import { expectReadable } from '../support/wording.mts';

const DEFAULTS = {
	concurrency: 10,
	dryRun: false,
	maxAttempts: 3,
	outputItemPer: 'request',
	requestsPerSecond: 20,
	timeout: 30,
};

test('Options that were not set have their defaults', () => {
	expect(readRunOptions({})).toEqual({ options: DEFAULTS, invalid: undefined });
	expect(readRunOptions({ dryRun: undefined } as never).options).toEqual(DEFAULTS);
});

test('Options that were set are kept, also those of the operation', () => {
	const options = deepFreeze({ concurrency: 2, outputItemPer: 'row', dryRun: true, sharedDevices: 'allow' });
	expect(readRunOptions(options)).toEqual({ options: { ...DEFAULTS, ...options }, invalid: undefined });
});

test.each([
	['concurrency', '8', 8],
	['concurrency', ' 8 ', 8],
	['concurrency', 2.5, 3],
	['maxAttempts', 1.2, 1],
	['requestsPerSecond', 0, 0],
	['requestsPerSecond', '0', 0],
	['requestsPerSecond', 0.5, 0.5],
	['timeout', 600, 600],
])('%s set to %j is %j', (name, value, expected) => {
	expect(readRunOptions({ [name]: value })).toEqual({
		options: { ...DEFAULTS, [name]: expected },
		invalid: undefined,
	});
});

/** Every number that a user can choose, of any operation. */
const NUMBERS = [
	...new Map(
		resources
			.flatMap(({ operations }: Resource) => operations)
			.flatMap(({ options, optionGroups = [] }) => [
				...runOptions,
				...options,
				...optionGroups.flatMap((group) => group.options as INodeProperties[]),
			])
			.filter(({ type }) => type === 'number')
			.map((property) => [property.name, property]),
	).values(),
];

test('Each number is refused by its name where it is none or outside of its limits, and never read as no limit', () => {
	expect(NUMBERS.map(({ name }) => name).sort()).toEqual([
		...['concurrency', 'longestRun', 'maxAttempts', 'pushAgainAfter'],
		...['requestsPerSecond', 'stopAbove', 'stopWhenDevicesDrop', 'timeout'],
	]);
	for (const property of NUMBERS) {
		const { minValue, maxValue } = property.typeOptions!;
		const odd = ['', ' ', '\n', 'many', '1 s', null, undefined, NaN, {}, [], [5], true, new Date()];
		for (const value of [...odd, -1, '-1', minValue! - 1, maxValue! + 1, Infinity]) {
			const { options, invalid } = readRunOptions({ [property.name]: value as never }, NUMBERS);
			expect(invalid).toMatchObject({
				code: 'INVALID_OPTION',
				outcome: 'NOT_SENT',
				reason: `Not a number within its limits: '${property.displayName}' (${minValue} to ${maxValue}).`,
			});
			expect(options[property.name]).toBe(property.default);
		}
	}
	const both = readRunOptions({ concurrency: '', timeout: '' }).invalid;
	expect(both?.reason).toMatch(/: 'Concurrency' \(1 to 256\), 'Timeout \(Seconds\)' \(1 to 600\)\.$/);
	expectReadable(both!);
});
