import { describe, expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { device } from './operationCase.mts';
import { ownParameters, runOperation } from './operationRun.mts';
import { errorOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const onError = 'continueErrorOutput' as const;
const report = (value: string, reportTime = '2026-01-01T00:00:00Z') => ({
	customerId: picked('c1'),
	deviceId: 'P/D1',
	reportTime,
	readings: { reading: [{ subType: 1002, value }] },
});

describe('A reading that JavaScript would change is refused:', () => {
	test.each(['9007199254740993', '-9007199254740993', '12345678901234567890', '9007199254740993.5'])(
		'the text %s',
		async (value) => {
			const simulator = await runSimulator(contents);
			const run = { operation: 'deviceData.report', parameters: report('={{ $json.value }}'), onError };
			const { error } = await runOperation(simulator, { ...run, rows: [{ value }] });
			expect(errorOf(error[0]!)?.message).toContain("'Value' is a number too large to be exact");
			expect(simulator.requests).toEqual([]);
		},
	);

	test('but not one that it holds', async () => {
		const simulator = await runSimulator(contents);
		const run = { operation: 'deviceData.report', parameters: report('={{ $json.value }}') };
		await runOperation(simulator, { ...run, rows: [{ value: '9007199254740991' }] });
		expect(JSON.stringify(ownParameters(simulator))).toContain('"Value":9007199254740991');
	});
});

describe.each([
	'2026-01-31T24:00:00',
	'2026-01-31 24:00',
	'2026-01-31T24:00:00Z',
	'2026-01-31T24:00:00.000+0800',
])('%s, which would become another day, is no time', (time) => {
	test.each([
		['deviceData.report', report('1', '={{ $json.time }}'), 'Report Time'],
		[
			'deviceData.getHistory',
			{ ...device, fieldName: 'temperature', startTime: '2026-01-01', endTime: '={{ $json.time }}' },
			'End Time',
		],
		['deviceData.getEvents', { ...device, filters: { startTime: '={{ $json.time }}' } }, 'Start Time'],
	])('%s', async (operation, parameters, label) => {
		const simulator = await runSimulator(contents);
		const { error } = await runOperation(simulator, { operation, parameters, rows: [{ time }], onError });
		expect(errorOf(error[0]!)?.message).toContain(`'${label}' is not a date and time`);
		expect(simulator.requests).toEqual([]);
	});
});
