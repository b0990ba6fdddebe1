import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toUnixMs } from '../../../nodes/TencentCloudIot/input/dateTime';
import type { DeviceInfo } from '../../../nodes/TencentCloudIot/service/devices';
import { LogWriter } from '../../../nodes/TencentCloudIot/sync/log/logWriter';
import { ReceiptLog } from '../../../nodes/TencentCloudIot/sync/log/readLog';
import {
	type LogRow,
	type Receipt,
	markFormat,
	receiptFormat,
} from '../../../nodes/TencentCloudIot/sync/log/receipt';
import { MemoryTables } from './memoryTables.mts';

// An independent model keeps what Tencent has, in addition to the receipts. Each answer from the log is compared with it.

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 27);
const HOURS = 24 * 6;
const LIMITS = { keepMonths: 13, largestMb: 40 };
const ZONES = ['Asia/Shanghai', 'UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'];
const CUSTOMERS = ['KH1', 'kh1', 'KH2'];
/** The last one has 3,000 devices: the most that one customer had. */
const SETS = ['A', 'B', 'C', 'A', 'B', 'C', 'A', 'B', 'C', 'many'];
const MANY = 3_000;

const newNameOf = (customer: string) => `${customer} renamed`;

/** Something that happens to a customer. `isApplied`: whether the service applied a request whose response was lost. */
interface Event {
	hour: number;
	customer: string;
	fate: 'accepted' | 'lost' | 'refused' | 'withheld' | 'gone' | 'renamed';
	set: string;
	isApplied: boolean;
	isPush: boolean;
}

const event: fc.Arbitrary<Event> = fc.record({
	hour: fc.nat(HOURS - 1),
	customer: fc.constantFrom(...CUSTOMERS),
	fate: fc.constantFrom('accepted', 'accepted', 'lost', 'refused', 'withheld', 'gone', 'renamed'),
	set: fc.constantFrom(...SETS),
	isApplied: fc.boolean(),
	isPush: fc.boolean(),
});

interface Question {
	customer: string;
	zone: string;
	day: number;
}

const question: fc.Arbitrary<Question> = fc.record({
	customer: fc.constantFrom(...CUSTOMERS, ...CUSTOMERS.map(newNameOf), 'nobody'),
	zone: fc.constantFrom(...ZONES),
	day: fc.integer({ min: 27, max: 33 }),
});

const OUTCOMES = {
	accepted: 'OK',
	lost: 'UNKNOWN',
	refused: 'REFUSED',
	withheld: 'NOT_SENT',
	gone: 'GONE',
} as const;

/** An event as the log has it. If a customer is renamed in the CRM, it is gone, and a new one is accepted with its devices. */
type LoggedEvent = Event & { fate: keyof typeof OUTCOMES };

function loggedEvents(happened: Event): LoggedEvent[] {
	const { fate } = happened;
	if (fate !== 'renamed') {
		return [{ ...happened, fate }];
	}
	return [
		{ ...happened, fate: 'gone', isPush: false },
		{ ...happened, fate: 'accepted', isPush: false, customer: newNameOf(happened.customer) },
	];
}

function devicesOf(set: string): DeviceInfo[] {
	const device = { DeviceId: `P/${set}`, CustomerDeviceNo: set, ProductName: 'Lock' };
	const more = set === 'many' ? MANY - 1 : 0;
	return [device, ...Array.from({ length: more }, (_, index) => ({ ...device, DeviceId: `P/${index}` }))];
}

/** Events of odd hours happen in the last minute of their hour, close to midnight in some zone. */
const msOf = ({ hour }: Event) => START + hour * HOUR + (hour % 2) * (HOUR - 60_000);

function receiptOf(happened: LoggedEvent): Receipt {
	const { customer, fate, set, isPush } = happened;
	const hasDevices = fate !== 'gone' && fate !== 'withheld';
	return {
		customerId: customer,
		atMs: msOf(happened),
		outcome: OUTCOMES[fate],
		nodeKey: isPush ? 'push' : 'sync',
		isPush,
		devices: hasDevices ? devicesOf(set) : [],
		requestId: hasDevices ? `r${happened.hour}` : undefined,
	};
}

/** The set that the service has for a customer at a moment, and all sets that are possible according to the responses. */
function truthAt(events: readonly Event[], customer: string, untilMs: number) {
	let actualSet = '';
	let possibleSets = new Set<string>(['']);
	let isAccepted = false;
	for (const happened of events) {
		if (happened.customer !== customer || msOf(happened) >= untilMs) {
			continue;
		}
		if (happened.fate === 'accepted') {
			actualSet = happened.set;
			possibleSets = new Set([actualSet]);
			isAccepted = true;
		}
		if (happened.fate === 'lost') {
			actualSet = happened.isApplied ? happened.set : actualSet;
			possibleSets.add(happened.set);
		}
	}
	return { actualSet, possibleSets, isAccepted };
}

/** The first moment of a day in a zone, found by trying every half hour with a calendar. */
function midnight(day: number, zone: string): number {
	const key = `${day} ${zone}`;
	const foundMs = midnights.get(key) ?? findMidnight(day, zone);
	midnights.set(key, foundMs);
	return foundMs;
}

/** Cached by day and zone, because thousands of questions ask for the same few. */
const midnights = new Map<string, number>();

function findMidnight(day: number, zone: string): number {
	const wanted = new Date(Date.UTC(2026, 10, day)).toISOString().slice(0, 10);
	const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
	for (let ms = Date.UTC(2026, 10, day) - 15 * HOUR; ; ms += HOUR / 2) {
		if (format.format(ms) === wanted) {
			return ms;
		}
	}
}

async function writeRows(tables: MemoryTables, rows: LogRow[], nowMs: number): Promise<void> {
	await new LogWriter(tables, LIMITS).write(
		{ receipts: [], rowsOfReceipt: () => [], makeClosingRows: () => rows },
		nowMs,
	);
}

/**
 * The times of all receipts in a period, the newest first. While a customer is refused or withheld by one node repeatedly in the same way,
 * there is a single receipt, from the first to the last time.
 */
function receiptTimes(events: readonly Event[], customer: string, fromMs: number, untilMs: number): number[] {
	const spans: Array<{ firstMs: number; lastMs: number; same: string }> = [];
	for (const isPush of [false, true]) {
		let before: (typeof spans)[number] | undefined;
		for (const happened of events) {
			const atMs = msOf(happened);
			if (happened.customer !== customer || happened.isPush !== isPush || atMs >= untilMs) {
				continue;
			}
			const mayRepeat = happened.fate === 'refused' || happened.fate === 'withheld';
			const same = mayRepeat ? `${happened.fate} ${happened.fate === 'refused' ? happened.set : ''}` : '';
			if (before !== undefined && same !== '' && before.same === same) {
				before.lastMs = atMs;
				continue;
			}
			before = { firstMs: atMs, lastMs: atMs, same };
			spans.push(before);
		}
	}
	const ofPeriod = spans.filter(({ lastMs }) => lastMs >= fromMs);
	return ofPeriod.map(({ firstMs }) => firstMs).sort((a, b) => b - a);
}

test('All 1,500 questions about days in five time zones are answered correctly, and unclear requests are reported as unclear', async () => {
	let asked = 0;
	const world = fc.record({
		events: fc.array(event, { maxLength: 14 }),
		questions: fc.array(question, { minLength: 15, maxLength: 15 }),
	});
	await fc.assert(
		fc.asyncProperty(world, async ({ events: unsorted, questions }) => {
			// At most one event an hour, so that their order is clear.
			const byHour = new Map(unsorted.map((happened) => [happened.hour, happened]));
			const events = [...byHour.values()].sort((a, b) => a.hour - b.hour).flatMap(loggedEvents);
			const tables = new MemoryTables();
			const first = markFormat.write('a', { nodeKey: 'sync', atMs: START, kind: 'first' });
			await writeRows(tables, [first], START);
			for (const happened of events) {
				await writeRows(tables, [receiptFormat.write('a', receiptOf(happened))], msOf(happened));
			}
			for (const { customer, zone, day } of questions) {
				asked++;
				const text = new Date(Date.UTC(2026, 10, day)).toISOString().slice(0, 10);
				const next = new Date(Date.UTC(2026, 10, day + 1)).toISOString().slice(0, 10);
				const fromMs = toUnixMs(text, zone)!;
				const untilMs = toUnixMs(next, zone)!;
				expect([fromMs, untilMs]).toEqual([midnight(day, zone), midnight(day + 1, zone)]);
				const question = {
					accountHash: 'a',
					customerId: customer,
					device: '',
					fromMs,
					untilMs,
					mostReceipts: 50,
				};
				const read = await new ReceiptLog(tables).findReceipts({ ...question, nowMs: START + HOURS * HOUR });
				const { accepted, unclearSets, kind } = read.proof!;
				const { actualSet, possibleSets, isAccepted } = truthAt(events, customer, untilMs);
				const answer = new Set(unclearSets.map(({ devices }) => devices[0]!.CustomerDeviceNo));
				answer.add(accepted?.devices[0]?.CustomerDeviceNo ?? '');
				// The answer has exactly the possible sets, and therefore the one that the service has.
				expect([...answer].sort()).toEqual([...possibleSets].sort());
				expect(answer.has(actualSet)).toBe(true);
				const devices = accepted?.devices ?? [];
				expect(devices).toEqual(isAccepted ? devicesOf(devices[0]!.CustomerDeviceNo) : []);
				expect(accepted !== undefined).toBe(isAccepted);
				expect(kind === 'neverSent').toBe(possibleSets.size === 1 && !isAccepted);
				const times = receiptTimes(events, customer, midnight(day, zone), midnight(day + 1, zone));
				expect(read.receipts.map(({ atMs }) => atMs)).toEqual(times);
			}
		}),
		{ numRuns: 100 },
	);
	expect(asked).toBeGreaterThanOrEqual(1_500);
});
