import { expect, test } from '@jest/globals';
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

test('A reading that JavaScript would change is refused, but not one that it holds.', async () => {
	const simulator = await runSimulator(contents);
	const rows = [{ value: '9007199254740993' }, { value: '9007199254740991' }];
	const run = { operation: 'deviceData.report', parameters: report('={{ $json.value }}'), onError };
	const { error } = await runOperation(simulator, { ...run, rows });
	expect(errorOf(error[0]!)?.message).toContain("[row 1] 'Value' is a number too large to be exact");
	expect(JSON.stringify(ownParameters(simulator))).toContain('"Value":9007199254740991');
	expect(simulator.requests).toHaveLength(1);
});

test.each([
	['deviceData.report', report('1', '={{ $json.time }}'), 'Report Time'],
	[
		'deviceData.getHistory',
		{ ...device, fieldName: 'temperature', startTime: '2026-01-01', endTime: '={{ $json.time }}' },
		'End Time',
	],
	['deviceData.getEvents', { ...device, filters: { startTime: '={{ $json.time }}' } }, 'Start Time'],
])('A time that would become another day is none: %s.', async (operation, parameters, label) => {
	const simulator = await runSimulator(contents);
	const rows = [{ time: '2026-01-31T24:00:00' }];
	const { error } = await runOperation(simulator, { operation, parameters, rows, onError });
	expect(errorOf(error[0]!)?.message).toContain(`'${label}' is not a date and time`);
	expect(simulator.requests).toEqual([]);
});
