import { describe, expect, test } from '@jest/globals';
import type { INodeParameters } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { device } from './operationCase.mts';
import { ownParameters, runOperation } from './operationRun.mts';
import { errorOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const onError = 'continueErrorOutput' as const;
const DAY_MS = 86_400_000;

const times = { startTime: '2026-01-01T00:00:00Z', endTime: '2026-01-02T00:00:00Z' };
const history = (range: INodeParameters) => ({ ...device, fieldName: 'temperature', ...range });
const events = (range: INodeParameters) => ({ ...device, filters: range });

describe('A time of a response stands beside its number, in the zone of the workflow:', () => {
	test.each<[string, INodeParameters, object]>([
		[
			'device.get',
			device,
			{ FirstOnlineTime: 1_700_000_000, FirstOnlineTimeISO: '2023-11-15T06:13:20.000+08:00' },
		],
		[
			'device.getMany',
			{ productId: 'P' },
			{ CreateTime: 1_699_999_999, CreateTimeISO: '2023-11-15T06:13:19.000+08:00' },
		],
		[
			'product.getModel',
			{ productId: 'P' },
			{ UpdateTime: 1_700_000_100, UpdateTimeISO: '2023-11-15T06:15:00.000+08:00' },
		],
		[
			'deviceData.getHistory',
			history(times),
			{ Time: 1_767_225_600_000, TimeISO: '2026-01-01T08:00:00.000+08:00' },
		],
		[
			'deviceData.getEvents',
			events(times),
			{ TimeStamp: 1_767_225_600, TimeStampISO: '2026-01-01T08:00:00.000+08:00' },
		],
		[
			'deviceData.getLatest',
			device,
			{ Data: { temperature: { LastUpdateISO: expect.stringMatching(/^2\d{3}-.*T.*\.\d{3}\+08:00$/) } } },
		],
	])('%s.', async (operation, parameters, told) => {
		const simulator = await runSimulator(contents);
		const settings = { timezone: 'Asia/Shanghai' };
		const { success } = await runOperation(simulator, { operation, parameters, settings });
		expect(success[0]?.json).toMatchObject(told);
	});
});

describe.each([
	['deviceData.getHistory', history, 'MinTime', 'MaxTime', 1],
	['deviceData.getEvents', events, 'StartTime', 'EndTime', 1000],
] as const)('The range of %s', (operation, asked, from, to, unitMs) => {
	const ask = async (range: INodeParameters) => {
		const simulator = await runSimulator(contents);
		const result = await runOperation(simulator, { operation, parameters: asked(range), onError });
		return { ...result, sent: ownParameters(simulator)[0] };
	};

	test('is the last 24 hours where nothing is said.', async () => {
		const { sent } = await ask({});
		if (operation === 'deviceData.getEvents') expect(sent).toMatchObject({ [from]: 0, [to]: 0 });
		else {
			expect(Number(sent?.[to]) - Number(sent?.[from])).toBe(DAY_MS);
			expect(Math.abs(Number(sent?.[to]) - Date.now())).toBeLessThan(60_000);
		}
	});

	test('that starts in 1970 is not one that is not set.', async () => {
		const { sent } = await ask({ startTime: '1970-01-01T00:00:00Z' });
		if (operation === 'deviceData.getEvents') expect(sent).toMatchObject({ [from]: 1, [to]: 0 });
	});

	test('is the 24 hours before an end that stands alone.', async () => {
		const { sent } = await ask({ endTime: times.endTime });
		const endMs = Date.parse(times.endTime);
		expect(sent).toMatchObject({ [from]: (endMs - DAY_MS) / unitMs, [to]: endMs / unitMs });
	});

	test('that ends before it starts is refused before anything is sent.', async () => {
		const { sent, error } = await ask({ startTime: times.endTime, endTime: times.startTime });
		expect(sent).toBeUndefined();
		expect(errorOf(error[0]!)?.message).toBe(
			"[row 1] 'End Time' is before Start Time: correct one of them. Nothing was sent.",
		);
	});

	test('that starts in the future is, too.', async () => {
		const { sent, error } = await ask({ startTime: '2999-01-01T00:00:00Z' });
		expect(sent).toBeUndefined();
		expect(errorOf(error[0]!)?.message).toContain("'Start Time' is in the future: correct it");
	});

	test('of one moment is sent.', async () => {
		const { error, sent } = await ask({ startTime: times.startTime, endTime: times.startTime });
		expect(error).toEqual([]);
		expect(sent?.[from]).toBe(sent?.[to]);
	});

	test('with a time that is none names that alone.', async () => {
		const { error } = await ask({ startTime: 'yesterday', endTime: times.startTime });
		expect(errorOf(error[0]!)?.reasons).toHaveLength(1);
	});
});
