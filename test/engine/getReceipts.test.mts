import type { IDataObject, IWorkflowSettings } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import { row } from './pushRun.mts';
import { runOperation } from './operationRun.mts';
import { syncTimeline } from './syncTimeline.mts';

const settings: IWorkflowSettings = { executionOrder: 'v1', timezone: 'Asia/Shanghai' };

/** A Sync that pushed two customers on 1 December in Shanghai, when it was still 30 November in UTC. */
async function pushedAfterMidnight() {
	const { sync, simulator, clock, processedData } = await syncTimeline();
	clock.startMs = Date.parse('2026-11-30T18:30:00Z');
	const phone = row('+86 137-1234-5678', 2);
	await sync([row('a', 1), phone], {}, { settings, rowHandling: { phoneIds: 'digits' } });
	/** What the operation shows, or the message of its failure. */
	return async (parameters: Record<string, string>): Promise<IDataObject> => {
		const run = { operation: 'sync.getReceipts', parameters, processedData, settings } as const;
		const { success, failure } = await runOperation(simulator, run);
		return success[0]?.json ?? { message: failure?.message };
	};
}

describe('Get Receipts', () => {
	test("accepts n8n's dates as Day, and takes a moment as the day in the workflow's time zone", async () => {
		const getReceipts = await pushedAfterMidnight();
		for (const [day, count] of [
			['2026-12-01', 2],
			['2026-11-30', 0],
			['2026-11-30T18:45:00.000Z', 2],
			["={{ DateTime.fromISO('2026-11-30T18:45:00.000Z') }}", 2],
			["={{ DateTime.fromISO('2026-11-30T12:00:00.000Z') }}", 0],
			['={{ new Date(Date.UTC(2026, 10, 30, 18)) }}', 2],
		] as const) {
			expect([day, (await getReceipts({ day })).Count]).toEqual([day, count]);
		}
		for (const day of ['2026-12-01 at noon', '2026-12-011', '2026-02-30', '1.12.2026']) {
			expect((await getReceipts({ day })).message).toContain("'Day' is not a day: give one like 2026-11-30.");
		}
	});

	test('says for a past day up to which moment the answer holds', async () => {
		const getReceipts = await pushedAfterMidnight();
		const { Known, Text, TextZh } = await getReceipts({ customerId: 'a', day: '2026-11-30' });
		expect(Known).toBe('neverSent');
		expect(Text).toBe(
			'As of 2026-12-01 00:00:00 GMT+8, without what came later. The log goes back to the first run, and has no request for this customer that was accepted or is unclear. A Push that keeps no receipts is not in it. The log has no matching receipt.',
		);
		expect(TextZh).toMatch(/^截至 2026-12-01 00:00:00 GMT\+8，不计此后的情况。/);
		expect((await getReceipts({ customerId: 'a' })).Text).toMatch(/^Tencent accepted 1 device on /);
	});

	test('shows when a continuing failure was last seen', async () => {
		const { sync, simulator, clock, processedData } = await syncTimeline();
		const moments = ['2026-12-01T06:30:00.123Z', '2026-12-01T07:30:00.456Z', '2026-12-01T08:30:00.789Z'];
		for (const moment of moments) {
			clock.startMs = Date.parse(moment);
			await sync([row('a', 1), row('b', 'no slash')], {}, { settings });
		}
		const run = { operation: 'sync.getReceipts', parameters: { customerId: 'b' }, processedData, settings };
		const { success } = await runOperation(simulator, run);
		const { Text, Receipts } = success[0]!.json;
		expect(Text).toContain(
			'From 2026-12-01 14:30:00 GMT+8 to 2026-12-01 16:30:00 GMT+8 the rows were not accepted',
		);
		expect(Receipts).toEqual([
			expect.objectContaining({
				At: expect.stringMatching(/^2026-12-01T14:30:00/),
				LastAt: expect.stringMatching(/^2026-12-01T16:30:00/),
			}),
		]);
	});

	test('takes the time of a receipt back as Start Time and as End Time', async () => {
		const getReceipts = await pushedAfterMidnight();
		const { Receipts } = await getReceipts({ customerId: 'a' });
		const [{ At } = { At: '' }] = Receipts as Array<{ At: string }>;
		const { Known, Count } = await getReceipts({ customerId: 'a', startTime: At, endTime: At });
		expect([Known, Count]).toEqual(['accepted', 1]);
	});

	test('finds a customer whose digits were sent by the phone number as the CRM writes it', async () => {
		const getReceipts = await pushedAfterMidnight();
		for (const customerId of [
			'+86 137-1234-5678',
			'137 1234 5678',
			'１３７１２３４５６７８',
			'13712345678',
		]) {
			expect([customerId, (await getReceipts({ customerId })).Known]).toEqual([customerId, 'accepted']);
		}
		// Digits with a country code may be the id of another customer.
		expect((await getReceipts({ customerId: '8613712345678' })).Known).toBe('neverSent');
	});
});
