import { describe, expect, test } from '@jest/globals';
import { Shop, shopOf, type Told } from './shop.mts';

const DAY_MINUTES = 1440;

/** A shop of which one customer gets another device each time that its source moves. */
class Source {
	readonly #shop = new Shop();
	readonly #customers = shopOf(40);
	#changes = 0;

	async run(waitMinutes: number, isChanged: boolean, expectChangesDays = 0): Promise<Told> {
		this.#shop.wait(waitMinutes);
		if (isChanged) {
			this.#changes++;
			this.#customers.set('user_0', [`P/X${this.#changes}`]);
		}
		return await this.#shop.run({ customers: new Map(this.#customers) }, { expectChangesDays });
	}
}

/** Changes a day apart, then runs without one. @returns after how many days what was told */
async function toldAfter(
	changes: number,
	days: number,
	expectChangesDays = 0,
): Promise<Array<[number, Told]>> {
	const source = new Source();
	for (let change = 0; change < changes; change++) {
		await source.run(DAY_MINUTES, true, expectChangesDays);
	}
	const told: Array<[number, Told]> = [];
	for (let day = 1; day <= days; day++) {
		const run = await source.run(DAY_MINUTES, false, expectChangesDays);
		if (run.news) {
			told.push([day, run]);
		}
	}
	return told;
}

describe('A message says once that a source stands still', () => {
	test('after five times the longest gap', async () => {
		const [first, ...more] = await toldAfter(10, 60);
		const [day, told] = first ?? [];
		expect([day, more]).toEqual([6, []]);
		expect(told?.report).toMatchObject({ DaysSinceLastChange: 6, Warning: 'STALE_SOURCE', Health: 'ok' });
		expect(told?.text).toContain(
			'STALE_SOURCE: no row has changed for 6 days, and before that changes were at most',
		);
		expect(told?.text).toContain('Check that the source still gets its data');
	});

	test('never before ten changes', async () => {
		expect(await toldAfter(9, 60)).toEqual([]);
	});

	test('after as many days as somebody has set, whatever its past', async () => {
		expect((await toldAfter(2, 30, 10)).map(([day]) => day)).toEqual([11]);
	});

	test('after three days at least; and once more after it has moved', async () => {
		const source = new Source();
		for (let change = 0; change < 12; change++) {
			await source.run(30, true);
		}
		for (const _ of [1, 2]) {
			const told: number[] = [];
			for (let hour = 1; hour <= 100; hour++) {
				if ((await source.run(60, false)).news) {
					told.push(hour);
				}
			}
			expect(told).toEqual([73]);
			const { report, news } = await source.run(60, true);
			expect([report.DaysSinceLastChange, report.Warning, news]).toEqual([0, '', false]);
			for (let change = 0; change < 40; change++) {
				await source.run(30, true);
			}
			// The gap of 100 hours is looked back at for four weeks.
			for (let change = 0; change < 30; change++) {
				await source.run(DAY_MINUTES - 60, true);
			}
			for (let change = 0; change < 12; change++) {
				await source.run(30, true);
			}
		}
	}, 60_000);
});
