import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Fault } from '../../simulator/faults.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runPush } from './pushRun.mts';

/** Ids as they stand in sheets: some of them are one customer, some are nobody. */
const IDS = [
	...['user_1', 'user_2', ' user_2\u00a0', 'user_3', 'user_4\u200b', '+86 137-1234-5678', '13712345678'],
	...['007', '', '', 'N/A', 'C_undefined', '张伟', '合计'],
];
const DEVICES = ['LOCK/a', 'LOCK/b', 'LOCK/c,d', 'CAM/e', 'CAM/e', 'CAM/f、g', 'no slash', '', ' CAM/h '];
const NAMES = ['Smart Lock', 'Smart Lock', '', 'Camera\u200b', 'N/A'];

const sheets = fc.record({
	rows: fc.array(
		fc.record({
			CustomerId: fc.constantFrom(...IDS),
			CustomerDeviceNo: fc.constantFrom('SN-1', 'SN-2', 'SN-3,SN-4', ''),
			DeviceId: fc.constantFrom(...DEVICES),
			ProductName: fc.constantFrom(...NAMES),
		}),
		{ minLength: 1, maxLength: 14 },
	),
	rowHandling: fc.record({
		emptyCustomerId: fc.constantFrom('automatic', 'above', 'nobody'),
		emptyProductName: fc.constantFrom('refuse', 'sameProduct'),
		invalidRows: fc.constantFrom('withhold', 'sendValid'),
		phoneIds: fc.constantFrom('digits', 'refuse'),
		rowsWithoutDevice: fc.constantFrom('refuse', 'leaveOut'),
		severalDevices: fc.constantFrom('refuse', 'split'),
		sharedDevices: fc.constantFrom('refuse', 'allow'),
		unusualCustomerIds: fc.constantFrom('refuse', 'allow'),
	}),
	operation: fc.constantFrom('push' as const, 'sync' as const),
	nameCustomers: fc.boolean(),
	maxAttempts: fc.constantFrom(1, 2),
	/** How the service treats each request. */
	answers: fc.array(fc.constantFrom('ok', 'ok', 'ok', 'refused', 'lost', 'dropped'), {
		minLength: 20,
		maxLength: 20,
	}),
});

/** What is stored of a customer. */
interface Receipt {
	CustomerId: string;
	Outcome: string;
	Devices: IDataObject[];
	RequestId: string | null;
	At: string;
}

/** All records that a run gave out. */
export function recordsOf(items: readonly INodeExecutionData[]): Receipt[] {
	return items.flatMap(({ json: { Records = '[]' } }) => JSON.parse(Records as string) as Receipt[]);
}

/**
 * Holds the records of random sheets against what the service has in its own log: each set that was accepted is exactly one
 * OK record, as it was sent and with the RequestId of its response, and no other record is OK.
 * @returns the outcomes that were met
 */
export async function checkRecords(numRuns: number): Promise<ReadonlySet<string>> {
	const met = new Set<string>();
	let answers: readonly string[] = [];
	let count = 0;
	const faultFor = (): Fault | undefined => {
		const answer = answers[count++ % answers.length];
		if (answer === 'refused') return { kind: 'error', Code: 'InvalidParameterValue', Message: 'no' };
		if (answer === 'lost') return { kind: 'body', body: '' };
		return answer === 'dropped' ? { kind: 'reset' } : undefined;
	};
	const simulator = await runSimulator({ keepBodies: true, faults: faultFor });
	await fc.assert(
		fc.asyncProperty(sheets, async ({ rows, rowHandling, operation, answers: given, ...options }) => {
			[answers, count] = [given, 0];
			const before = simulator.requests.length;
			const { success, error } = await runPush(rows, simulator, {
				operation,
				onError: 'continueErrorOutput',
				options: { outputItemPer: 'run', concurrency: 1, ...options },
				rowHandling,
			});
			const requests = simulator.requests.slice(before).filter(({ CustomerId }) => CustomerId !== undefined);
			const accepted = requests.filter(({ outcome }) => outcome === 'OK');
			const records = recordsOf(success);
			const ok = records.filter(({ Outcome }) => Outcome === 'OK');
			const setOf = ({ CustomerId, Devices, RequestId }: Receipt) => ({ CustomerId, Devices, RequestId });
			const sent = accepted.map(({ CustomerId, RequestId, body }) => {
				const { DeviceInfos } = JSON.parse(body!) as { DeviceInfos: IDataObject[] };
				return { CustomerId, Devices: DeviceInfos, RequestId };
			});
			const byId = (a: { CustomerId?: string | undefined }, b: { CustomerId?: string | undefined }) =>
				String(a.CustomerId) < String(b.CustomerId) ? -1 : 1;
			expect(ok.map(setOf).sort(byId)).toEqual(sent.sort(byId));
			const ids = records.map(({ CustomerId }) => CustomerId);
			expect(new Set(ids).size).toBe(ids.length);
			if (success[0] !== undefined && 'RecordCount' in success[0].json)
				expect(success[0].json.RecordCount).toBe(records.length);
			const all = [...success, ...error];
			expect(all.map(({ pairedItem }) => pairedItem).includes(undefined)).toBe(false);
			for (const { Outcome } of records) met.add(Outcome);
		}),
		{ numRuns },
	);
	return met;
}
