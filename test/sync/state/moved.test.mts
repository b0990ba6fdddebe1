import { asStop } from '../../../nodes/TencentCloudIot/sync/stop';
import { describe, expect, jest, test } from '@jest/globals';
import { englishOf } from '../../support/texts.mts';
import { type FinishedRun, Shop, shopOf, type Rows } from './shop.mts';
import { HASHES } from './syncRuns.mts';

const rowsOf = (customers: Record<string, string[]>, withheld: Record<string, string[]> = {}): Rows => ({
	customers: new Map(Object.entries(customers)),
	withheld: new Map(Object.entries(withheld)),
});

/** The moves that a report names, as `P/1: a > b`. */
function movesIn({ MovedExamples = [] }: FinishedRun['report']): string[] {
	return MovedExamples.map(({ DeviceId, From, To }) => `${DeviceId}: ${From} > ${To}`).sort();
}

/** Plays runs of one Sync, an hour apart. @returns the moves that each run reported */
async function reportedMovesOf(
	...runs: Array<Rows | [Rows, Parameters<Shop['run']>[1]]>
): Promise<string[][]> {
	const shop = new Shop();
	const reportedMoves: string[][] = [];
	for (const run of runs) {
		const [rows, options = {}] = Array.isArray(run) ? run : [run];
		const { report, news, text } = await shop.run(rows, options);
		const { Moved = 0 } = report;
		expect(movesIn(report)).toHaveLength(Math.min(5, Moved));
		if (Moved > 0 && options.isManual !== true) {
			expect(news).toBe(true);
			expect(text).toContain('moved to another customer (');
		}
		reportedMoves.push(movesIn(report));
		shop.wait(60);
	}
	return reportedMoves;
}

test.each([
	[399, ['P/1: a > b']],
	[401, []],
])(
	'A device that turns up after %i days at another customer is reported as moved: %j',
	async (days, expected) => {
		const shop = new Shop();
		await shop.run(rowsOf({ a: ['P/1', 'P/2'], b: ['P/3'] }));
		shop.wait(60);
		await shop.run(rowsOf({ a: ['P/2'], b: ['P/3'] }));
		// Old departures are only dropped when the state is written, so another device is renumbered.
		shop.wait(days * 24 * 60);
		await shop.run({ ...rowsOf({ a: ['P/2'], b: ['P/3'] }), numbers: new Map([['P/2', 'SN2']]) });
		shop.wait(60);
		const { report } = await shop.run(rowsOf({ a: ['P/2'], b: ['P/3', 'P/1'] }));
		expect(movesIn(report)).toEqual(expected);
	},
);

const before = rowsOf({ a: ['P/1', 'P/2'], b: ['P/3'], c: ['P/4'] });

describe('A device that moved to another customer is reported once:', () => {
	test.each<[string, Rows[], string[][]]>([
		['to a known customer', [rowsOf({ a: ['P/2'], b: ['P/3', 'P/1'], c: ['P/4'] })], [['P/1: a > b']]],
		['to a new customer', [rowsOf({ a: ['P/2'], b: ['P/3'], c: ['P/4'], d: ['P/1'] })], [['P/1: a > d']]],
		['from a customer that is gone', [rowsOf({ a: ['P/1', 'P/2'], b: ['P/3', 'P/4'] })], [['P/4: null > b']]],
		[
			'over several runs',
			[
				rowsOf({ a: ['P/2'], b: ['P/3'], c: ['P/4'] }),
				rowsOf({ a: ['P/2'], b: ['P/3'], c: ['P/4'] }),
				rowsOf({ a: ['P/2'], b: ['P/3', 'P/1'], c: ['P/4'] }),
			],
			[[], [], ['P/1: a > b']],
		],
		[
			'over several runs, from a customer that left in between',
			[
				rowsOf({ a: ['P/1', 'P/2'], b: ['P/3'] }),
				rowsOf({ a: ['P/1', 'P/2'], b: ['P/3'] }),
				rowsOf({ a: ['P/1', 'P/2', 'P/4'], b: ['P/3'] }),
			],
			[[], [], ['P/4: null > a']],
		],
		[
			'from a customer that had lost all its devices and is gone now',
			[
				{ ...rowsOf({ a: ['P/1', 'P/2'], b: ['P/3'] }), leftOut: ['c'] },
				rowsOf({ a: ['P/1', 'P/2'], b: ['P/3', 'P/4'] }),
			],
			[[], ['P/4: null > b']],
		],
		[
			'from a customer that had lost all its devices and left in between',
			[
				{ ...rowsOf({ a: ['P/1', 'P/2'], b: ['P/3'] }), leftOut: ['c'] },
				rowsOf({ a: ['P/1', 'P/2'], b: ['P/3'] }),
				rowsOf({ a: ['P/1', 'P/2', 'P/4'], b: ['P/3'] }),
			],
			[[], [], ['P/4: null > a']],
		],
		[
			'to another customer and back, which is a second move',
			[rowsOf({ a: ['P/2'], b: ['P/3', 'P/1'], c: ['P/4'] }), before],
			[['P/1: a > b'], ['P/1: b > a']],
		],
		[
			'but not if it was missing and comes back to the same customer',
			[rowsOf({ a: ['P/2'], b: ['P/3'], c: ['P/4'] }), before],
			[[], []],
		],
		[
			'if two customers swap devices',
			[rowsOf({ a: ['P/3', 'P/2'], b: ['P/1'], c: ['P/4'] })],
			[['P/1: a > b', 'P/3: b > a']],
		],
		[
			'if the rows of both have it at first, which withholds both',
			[
				rowsOf({ c: ['P/4'] }, { a: ['P/1', 'P/2'], b: ['P/3', 'P/1'] }),
				rowsOf({ a: ['P/2'], b: ['P/3', 'P/1'], c: ['P/4'] }),
			],
			[[], ['P/1: a > b']],
		],
		[
			'even if its former owner is withheld',
			[
				rowsOf({ b: ['P/3', 'P/1'], c: ['P/4'] }, { a: [] }),
				rowsOf({ b: ['P/3', 'P/1'], c: ['P/4'] }, { a: [] }),
				rowsOf({ a: ['P/2'], b: ['P/3', 'P/1'], c: ['P/4'] }),
			],
			[['P/1: a > b'], [], []],
		],
	])('%s', async (_, runs, expected) => {
		expect(await reportedMovesOf(before, ...runs, runs.at(-1)!)).toEqual([[], ...expected, []]);
	});

	test('by the next scheduled run after a manual one', async () => {
		const moved = rowsOf({ a: ['P/2'], b: ['P/3', 'P/1'], c: ['P/4'] });
		const runs = [before, [moved, { isManual: true }], moved, moved] as const;
		expect(await reportedMovesOf(...(runs as never as Rows[]))).toEqual([
			[],
			['P/1: a > b'],
			['P/1: a > b'],
			[],
		]);
	});

	test.each([0, 1, 2])(
		'by the next run after one that was killed when %i customers were accepted',
		async (acceptedCount) => {
			const shop = new Shop();
			await shop.run(before);
			shop.wait(60);
			const moved = rowsOf({ a: ['P/2'], b: ['P/3', 'P/1'], c: ['P/4'] });
			await shop.runKilled(moved, acceptedCount);
			expect((await shop.run(moved)).report.MovedExamples).toMatchObject([
				{ DeviceId: 'P/1', From: 'a', To: 'b' },
			]);
			shop.wait(60);
			expect((await shop.run(moved)).report.Moved).toBe(0);
		},
	);

	test('not before its new owner was accepted', async () => {
		const moved = rowsOf({ a: ['P/2'], b: ['P/3', 'P/1'], c: ['P/4'] });
		const refused = { outcomeOf: (id: string) => (id === 'b' ? 'REFUSED' : 'OK') } as const;
		const late = { outcomeOf: (id: string) => (id === 'b' ? undefined : 'OK') } as const;
		expect(
			await reportedMovesOf(before, [moved, late], [moved, refused], [moved, refused], moved, moved),
		).toEqual([[], [], [], [], ['P/1: a > b'], []]);
	});

	test('but without a message if a push is known to replace the full set', async () => {
		const shop = new Shop();
		await shop.run(before);
		const { news, text, report } = await shop.run(rowsOf({ a: ['P/2'], b: ['P/3', 'P/1'], c: ['P/4'] }), {
			isReplacing: true,
		});
		expect([news, report.Moved]).toEqual([false, 1]);
		expect(text).not.toContain('moved');
	});

	test('but not if customers may share it and rows of its owner cannot be used', async () => {
		const shop = new Shop();
		shop.settings = { mayShareDevices: true };
		await shop.run(rowsOf({ a: ['P/1'], b: ['P/2'] }));
		const withheld = rowsOf({ b: ['P/2'], d: ['P/1'] }, { a: [] });
		expect((await shop.run(withheld)).report).toMatchObject({ Moved: 0 });
		expect((await shop.run(rowsOf({ a: ['P/3'], b: ['P/2'], d: ['P/1'] }))).report).toMatchObject({
			Moved: 0,
		});
	});

	test('but not if customers may share it and its former owner may still have it', async () => {
		const shop = new Shop();
		shop.settings = { mayShareDevices: true };
		await shop.run(rowsOf({ a: ['P/1'], b: ['P/1', 'P/2'] }));
		expect((await shop.run(rowsOf({ a: ['P/1'], b: ['P/1'], c: ['P/2', 'P/1'] }))).report).toMatchObject({
			MovedExamples: [{ DeviceId: 'P/2', From: 'b', To: 'c' }],
		});
		expect(
			(await shop.run(rowsOf({ b: ['P/1', 'P/3'], c: ['P/2', 'P/1'] }, { a: ['P/1'] }))).report,
		).toMatchObject({
			Moved: 0,
		});
	});
});

test('The message says which device moved from which customer to which, since when, and what to do', async () => {
	const shop = new Shop();
	await shop.run(before);
	shop.wait(24 * 60);
	await shop.run(rowsOf({ a: ['P/1'], b: ['P/3'], c: ['P/4'] }));
	shop.wait(48 * 60);
	const { text, report } = await shop.run(rowsOf({ a: ['P/1'], b: ['P/3'], c: ['P/4', 'P/2'] }));
	expect(report.MovedExamples).toEqual([
		{ DeviceId: 'P/2', From: 'a', To: 'c', Since: expect.stringMatching(/^\d{4}-/) },
	]);
	expect(text).toMatch(/1 device moved to another customer \(P\/2 from a to c since \d\d-\d\d \d\d:\d\d\)/);
	expect(text).toContain(
		'If pushes only add devices, the former owner still has them at Tencent: send Tencent a ticket with the RequestIds',
	);
	expect(text).toContain('如果推送只会追加设备，原客户在腾讯侧仍保留这些设备');
});

describe('Stop Above counts devices that would move', () => {
	// One customer has 30 of 100 devices.
	const many = Array.from({ length: 30 }, (_, index) => `P/M${index}`);
	const otherCustomers = shopOf(70);
	const rows = (large: readonly string[], other: readonly string[]) => ({
		customers: new Map([...otherCustomers, ['large', large], ['other', ['P/X', ...other]]]),
	});

	const moved = rows(['P/L'], many);

	/** A shop with this limit, after a run in which the large customer has the devices. */
	async function shopBeforeMove(stopAbovePercent: number): Promise<Shop> {
		const shop = new Shop();
		shop.settings = { checks: { stopAbovePercent, stopWhenDevicesDropPercent: 100, approvedPlan: '' } };
		await shop.run(rows([...many, 'P/L'], []));
		return shop;
	}

	test('and stops no run below the limit', async () => {
		const shop = await shopBeforeMove(30);
		expect((await shop.run(moved)).blocked).toBeUndefined();
	});

	test('and stops a run above the limit, until a person approves its plan', async () => {
		const shop = await shopBeforeMove(20);
		const { blocked, text, report, planned } = await shop.run(moved);
		expect(blocked?.code).toBe('TOO_MANY_MOVES');
		expect(englishOf(blocked?.reason)).toBe(
			"30 of 102 devices would move to another customer, above the limit of 20 % in 'Stop Above (% Changed)'.",
		);
		expect(text).toContain("Moved: 'P/M0', 'P/M1', 'P/M2', 'P/M3', 'P/M4' and others");
		expect(report.Plan).toMatchObject({ MovedDevices: 30, Changed: 2 });
		expect(planned).toBe(2);
		const { checks } = shop.settings;
		const approved = { ...checks!, approvedPlan: asStop(blocked)?.planId ?? '' };
		expect((await shop.run(moved, { settings: { checks: approved } })).report.Moved).toBe(30);
		// Moves that have been sent do not stop the next run.
		expect((await shop.run(moved)).blocked).toBeUndefined();
	});

	test('but not those that a manual run has sent and no message has reported', async () => {
		const shop = new Shop();
		const checks = { stopAbovePercent: 20, stopWhenDevicesDropPercent: 100, approvedPlan: '' };
		await shop.run(rows([...many, 'P/L'], []), { settings: { checks } });
		await shop.run(rows(['P/L'], many), { isManual: true });
		const { blocked, report } = await shop.run(rows(['P/L'], many), { settings: { checks } });
		expect([blocked, report.Moved]).toEqual([undefined, 30]);
	});
});

test('If a customer with thousands of devices gets another id, each device is hashed a few times, not once for every other device', async () => {
	const ids = Array.from({ length: 3000 }, (_, device) => `P/${device}`);
	const shop = new Shop();
	shop.settings = { checks: { stopAbovePercent: 100, stopWhenDevicesDropPercent: 100, approvedPlan: '' } };
	await shop.run(rowsOf({ a: ids }));
	shop.wait(60);
	const hashDevice = jest.spyOn(HASHES, 'deviceHash');
	try {
		expect((await shop.run(rowsOf({ b: ids }))).report.Moved).toBe(3000);
		expect(hashDevice.mock.calls.length).toBeLessThan(10 * 3000);
	} finally {
		hashDevice.mockRestore();
	}
});
