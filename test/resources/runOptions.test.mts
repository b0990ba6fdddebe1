import { expect, test } from '@jest/globals';
import type { INodeProperties } from 'n8n-workflow';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { checkAccount } from '../../nodes/TencentCloudIot/resources/account/check.operation';
import { getDevice } from '../../nodes/TencentCloudIot/resources/device/get.operation';
import { auditOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/audit.operation';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { syncOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/sync.operation';
import { readRunOptions, shownOptions } from '../../nodes/TencentCloudIot/resources/runOptions';
import { deepFreeze } from '../support/deepFreeze.mts';
import { expectReadable } from '../support/wording.mts';
import { englishOf } from '../support/texts.mts';

const DEFAULTS = {
	concurrency: 10,
	dryRun: false,
	maxAttempts: 3,
	nameCustomers: true,
	outputItemPer: 'request',
	requestsPerSecond: 20,
	timeout: 30,
};

const WITHOUT_OWN = { options: {} };
const chosen = (options: object) => readRunOptions(WITHOUT_OWN, () => options);

test('Unset options have their defaults', () => {
	expect(chosen({})).toEqual({ options: DEFAULTS, invalidOption: undefined });
	expect(chosen({ dryRun: undefined }).options).toEqual(DEFAULTS);
	expect(readRunOptions(WITHOUT_OWN, () => 'of an expression').options).toEqual(DEFAULTS);
});

const GROUPS = deepFreeze({
	options: { concurrency: 2, outputItemPer: 'row', dryRun: true, send: 'every' },
	rowHandling: { sharedDevices: 'allow' },
	safetyChecks: { stopAbove: '60', approvedPlan: ' q3BzX0yAf9LmK2dV ' },
});

test('Set options keep their declared types, including those of the operation and its groups', () => {
	const { options, invalidOption } = readRunOptions(
		syncOperation,
		(group) => GROUPS[group as keyof typeof GROUPS],
	);
	expect(invalidOption).toBeUndefined();
	expect(options).toMatchObject({ ...DEFAULTS, ...GROUPS.options, includeDevices: false, longestRun: 0 });
	const { rowHandling, safetyChecks } = options;
	expect(safetyChecks).toEqual({
		expectChangesWithin: 0,
		stopAbove: 60,
		stopWhenDevicesDrop: 3,
		approvedPlan: 'q3BzX0yAf9LmK2dV',
	});
	const sharedDevices: 'allow' | 'refuse' = rowHandling.sharedDevices;
	expect([sharedDevices, rowHandling.invalidRows]).toEqual(['allow', 'withhold']);
	// None of these lines may compile: `npm run typecheck` fails if one does.
	// @ts-expect-error: no option has this name
	expect(options.longestRuns).toBeUndefined();
	// @ts-expect-error: a number is not read as a text
	const wrong: string = safetyChecks.stopAbove;
	expect(wrong).toBe(60);
});

test('A choice that the operation does not offer, e.g. made for another operation, counts as the default', () => {
	const values = { outputItemPer: 'shelf', rowHandling: { invalidRows: true, sharedDevices: 'Allow' } };
	const { options, invalidOption } = readRunOptions(pushOperation, (group) =>
		group === 'options' ? values : values.rowHandling,
	);
	expect(invalidOption).toBeUndefined();
	expect(options).toMatchObject({ outputItemPer: 'request', rowHandling: { sharedDevices: 'refuse' } });
	expect(options.rowHandling.invalidRows).toBe('withhold');
});

test('An added rule has its most useful value, and a rule that is left out refuses', () => {
	const { rowHandling } = readRunOptions(pushOperation, () => ({})).options;
	const [{ options = [] }] = pushOperation.options.rowHandling.properties;
	const rules = options.map((rule) => {
		const { name, default: whenAdded } = rule as INodeProperties;
		return [name, rowHandling[name as keyof typeof rowHandling], whenAdded];
	});
	expect(rules).toEqual([
		['emptyCustomerId', 'automatic', 'above'],
		['emptyProductName', 'refuse', 'sameProduct'],
		['invalidRows', 'withhold', 'sendValid'],
		['phoneIds', 'refuse', 'digits'],
		['rowsWithoutDevice', 'refuse', 'leaveOut'],
		['repeatedCustomers', 'refuse', 'allow'],
		['sharedDevices', 'refuse', 'allow'],
		['severalDevices', 'refuse', 'split'],
		['unusualCustomerIds', 'refuse', 'allow'],
	]);
});

test('A switch that is neither on nor off is refused by name, and nothing is sent', () => {
	const { options, invalidOption } = chosen({ dryRun: 'true' });
	expect(invalidOption).toMatchObject({
		code: 'INVALID_OPTION',
		outcome: 'NOT_SENT',
		reason: "An option cannot be used: 'Dry Run' is not one of the allowed values: true, false.",
	});
	expect(options.dryRun).toBe(false);
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
	expect(chosen({ [name]: value })).toEqual({
		options: { ...DEFAULTS, [name]: expected },
		invalidOption: undefined,
	});
});

test.each<[string, Parameters<typeof shownOptions>[0], missing: string[]]>([
	['over customers', pushOperation, []],
	['that pushes nothing: there is nothing to preview', auditOperation, ['dryRun']],
	['of single items: it names no customers in a report', getDevice, ['nameCustomers']],
	[
		'with a rate of its own',
		checkAccount,
		['concurrency', 'dryRun', 'maxAttempts', 'nameCustomers', 'outputItemPer', 'requestsPerSecond'],
	],
])('An operation offers only the run options that it uses: one %s', (_, operation, missing) => {
	const [{ displayName, options: offered = [] }] = shownOptions(operation)['options']!.properties;
	expect(displayName).toBe('Options');
	const labels = offered.map((option) => (option as INodeProperties).displayName);
	expect(labels).toEqual(labels.toSorted((a, b) => a.localeCompare(b)));
	const names = new Set(offered.map(({ name }) => name));
	expect(Object.keys(DEFAULTS).filter((name) => !names.has(name))).toEqual(missing);
});

test.each<[Parameters<typeof shownOptions>[0], string[]]>([
	[pushOperation, ['row', 'request', 'run']],
	[getDevice, ['row', 'request']],
])('Only a run over customers is reported as a whole: %#', (operation, choices) => {
	const [{ options: offered = [] }] = shownOptions(operation)['options']!.properties;
	const outputItemPer = offered.find(({ name }) => name === 'outputItemPer') as INodeProperties;
	expect(outputItemPer.options).toMatchObject(choices.map((value) => ({ value })));
});

/** The numeric options, by name, with their groups. */
const NUMBERS = resources
	.flatMap(({ operations }) => operations)
	.flatMap((operation) =>
		Object.entries(shownOptions(operation)).flatMap(([group, { properties }]) =>
			(properties[0].options as INodeProperties[])
				.filter(({ type }) => type === 'number')
				.map((property) => ({ operation, group, property })),
		),
	);

test('Each numeric option is refused by name if it is not a number or out of range, and never read as no limit', () => {
	expect([...new Set(NUMBERS.map(({ property }) => property.name))].sort()).toEqual([
		'concurrency',
		'expectChangesWithin',
		'keepReceipts',
		'largestLog',
		'longestRun',
		'maxAttempts',
		'pushAgainAfter',
		'requestsPerSecond',
		'stopAbove',
		'stopWhenDevicesDrop',
		'timeout',
	]);
	for (const { operation, group, property } of NUMBERS) {
		const { minValue, maxValue } = property.typeOptions!;
		const odd = ['', ' ', '\n', 'many', '1 s', null, undefined, NaN, {}, [], [5], true, new Date()];
		for (const value of [...odd, -1, '-1', minValue! - 1, maxValue! + 1, Infinity]) {
			const { options, invalidOption } = readRunOptions(operation, (name) =>
				name === group ? { [property.name]: value } : {},
			);
			expect(invalidOption).toMatchObject({
				code: 'INVALID_OPTION',
				outcome: 'NOT_SENT',
				reason: `An option cannot be used: '${property.displayName}' is not a number from ${minValue} to ${maxValue!.toLocaleString('en-US')}.`,
			});
			const read = { ...options, ...(options as Record<string, object>)[group] } as Record<string, unknown>;
			expect(read[property.name]).toBe(property.default);
		}
	}
	const both = chosen({ concurrency: '', timeout: '' }).invalidOption;
	expect(englishOf(both?.reason)).toBe(
		"An option cannot be used: 'Concurrency' is not a number from 1 to 256; 'Timeout (Seconds)' is not a number from 1 to 600.",
	);
	expectReadable(both!);
});
