import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { push, row } from './pushRun.mts';

const options = { outputItemPer: 'row' };
const CRM = { Status: 'active', Message: 'note', RequestId: 'crm-7', Attempts: 9, error: 'old' };
const KEPT = {
	row_Status: 'active',
	row_Message: 'note',
	row_RequestId: 'crm-7',
	row_Attempts: 9,
	row_error: 'old',
};

test('Each row is output with its columns, its status and its device, and none of its columns is overwritten.', async () => {
	const simulator = await runSimulator();
	const rows = [row('a', 1, CRM), row('a', 2, { ...CRM, row_Status: 'older' })];
	const { success } = await push(rows, simulator, { options: { ...options, includeDevices: true } });
	expect(success.map(({ json }) => json)).toEqual([
		expect.objectContaining({
			...KEPT,
			Status: 'OK',
			Message: '',
			DeviceCount: 2,
			DeviceInfos: [deviceInfo(1)],
		}),
		expect.objectContaining({ row_Status: 'older', row_row_Status: 'active', DeviceInfos: [deviceInfo(2)] }),
	]);
	expect(success.map(({ json }) => Object.keys(json).slice(0, 2))).toEqual(
		Array(2).fill(['Status', 'Message']),
	);
});

test.each(['push', 'sync'])('A blank row was not sent, so %s does not call it OK.', async (operation) => {
	const simulator = await runSimulator();
	const { success } = await push([row('a', 1), { CustomerId: '', remark: '以上已核对' }], simulator, {
		operation,
		options,
	});
	expect(success.map(({ json }) => [json['Status'], json['Message'], json['remark']])).toEqual([
		['OK', '', undefined],
		['NO_DEVICES', 'The row or its customer has no device: left out.', '以上已核对'],
	]);
});

test('On Continue a failed row keeps its columns, and gets its status, message and error.', async () => {
	const simulator = await runSimulator();
	const rows = [row('a', 'no slash', { city: '深圳', ...CRM }), row('a', 2, { city: '广州' })];
	const { success } = await push(rows, simulator, { options, onError: 'continueRegularOutput' });
	const [bad, waiting] = success.map(({ json }) => json);
	expect(bad).toEqual({
		...KEPT,
		city: '深圳',
		CustomerId: 'a',
		CustomerDeviceNo: 'SN-no slash',
		DeviceId: 'no slash',
		ProductName: 'Smart Lock',
		Status: 'NOT_SENT',
		RequestId: '',
		Attempts: 0,
		Message: expect.stringMatching(
			/^\[row 1, a\] 'DeviceId': 'no slash' is not ProductId.*Nothing was sent\.$/,
		),
		error: expect.objectContaining({
			outcome: 'NOT_SENT',
			rows: [1],
			reasons: [expect.objectContaining({ row: 1 })],
		}),
	});
	expect(waiting).toMatchObject({ city: '广州', Status: 'NOT_SENT', error: { rows: [2], reasons: [] } });
	expect(waiting?.Message).toBe(bad?.Message);
});

test('On the error output a row keeps its columns, too; a column named error becomes row_error in the error.', async () => {
	const simulator = await runSimulator();
	const { error } = await push([row('a', 'none', CRM)], simulator, {
		options,
		onError: 'continueErrorOutput',
	});
	expect(error[0]?.json).toMatchObject({
		Status: 'active',
		RequestId: 'crm-7',
		error: { outcome: 'NOT_SENT', row_error: 'old' },
	});
});

test('A Dry Run outputs each row with its own device, as WOULD_SEND.', async () => {
	const simulator = await runSimulator();
	const { success } = await push([row('a', 1), row('a', 2)], simulator, {
		options: { ...options, dryRun: true },
	});
	expect(success.map(({ json }) => [json.Status, json.DeviceInfos])).toEqual([
		['WOULD_SEND', [deviceInfo(1)]],
		['WOULD_SEND', [deviceInfo(2)]],
	]);
});

/** The bytes of output per row, for one customer with `count` rows; `last` is the device in its last row. */
async function bytesPerRow(count: number, last: string | number, run: IDataObject): Promise<number> {
	const simulator = await runSimulator();
	const rows = Array.from({ length: count }, (_, index) => row('a', index + 1));
	rows[count - 1] = row('a', last);
	const { success, error } = await push(rows, simulator, {
		options: { ...options, includeDevices: true, ...run },
		onError: 'continueErrorOutput',
	});
	expect(success.length + error.length).toBe(count);
	return JSON.stringify([success, error]).length / count;
}

test.each<[string, string | number, IDataObject]>([
	['pushed', 0, {}],
	['withheld', 'none', {}],
	['shown by a Dry Run', 0, { dryRun: true }],
])(
	'Rows that are %s take no more output each for a large customer than for a small one.',
	async (_what, last, run) => {
		const few = await bytesPerRow(50, last, run);
		const many = await bytesPerRow(1000, last, run);
		expect(many).toBeLessThan(few * 1.1);
	},
);

function deviceInfo(device: number): IDataObject {
	return { CustomerDeviceNo: `SN-${device}`, DeviceId: `P/D${device}`, ProductName: 'Smart Lock' };
}
