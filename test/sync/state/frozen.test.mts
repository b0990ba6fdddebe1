import { describe, expect, test } from '@jest/globals';
import { Shop, shopOf, type FinishedRun } from './shop.mts';

const DAY_MINUTES = 1440;

/** A shop in which one customer gets another device whenever the source changes. */
class Source {
	readonly #shop = new Shop();
	readonly #customers = shopOf(40);
	#changes = 0;

	async run(waitMinutes: number, isChanged: boolean, expectChangesDays = 0): Promise<FinishedRun> {
		this.#shop.wait(waitMinutes);
		if (isChanged) {
			this.#changes++;
			this.#customers.set('user_0', [`P/X${this.#changes}`]);
		}
		return await this.#shop.run({ customers: new Map(this.#customers) }, { expectChangesDays });
	}
}

/** Plays daily runs with a change, then daily runs without one. @returns the runs with news among the latter, and their days */
async function newsAfter(
	changes: number,
	days: number,
	expectChangesDays = 0,
): Promise<Array<[number, FinishedRun]>> {
	const source = new Source();
	for (let change = 0; change < changes; change++) {
		await source.run(DAY_MINUTES, true, expectChangesDays);
	}
	const news: Array<[number, FinishedRun]> = [];
	for (let day = 1; day <= days; day++) {
		const run = await source.run(DAY_MINUTES, false, expectChangesDays);
		if (run.news) {
			news.push([day, run]);
		}
	}
	return news;
}

describe('A standstill of the source is reported once,', () => {
	test('after five times the longest gap', async () => {
		const [first, ...more] = await newsAfter(10, 60);
		const [day, run] = first ?? [];
		expect([day, more]).toEqual([6, []]);
		expect(run?.report).toMatchObject({ DaysSinceLastChange: 6, Warning: 'STALE_SOURCE', Health: 'ok' });
		expect(run?.text).toContain(
			'STALE_SOURCE: no row has changed for 6 days, and before that changes were at most',
		);
		expect(run?.text).toContain('Check that the source still gets its data');
	});

	test('never before ten changes', async () => {
		expect(await newsAfter(9, 60)).toEqual([]);
	});

	test('after the configured number of days, whatever the gaps before', async () => {
		expect((await newsAfter(2, 30, 10)).map(([day]) => day)).toEqual([11]);
	});

	test('after at least three days, and again once the source has changed in between', async () => {
		const source = new Source();
		for (let change = 0; change < 12; change++) {
			await source.run(30, true);
		}
		for (const _ of [1, 2]) {
			const hoursWithNews: number[] = [];
			for (let hour = 1; hour <= 100; hour++) {
				if ((await source.run(60, false)).news) {
					hoursWithNews.push(hour);
				}
			}
			expect(hoursWithNews).toEqual([73]);
			const { report, news } = await source.run(60, true);
			expect([report.DaysSinceLastChange, report.Warning, news]).toEqual([0, '', false]);
			for (let change = 0; change < 40; change++) {
				await source.run(30, true);
			}
			// The gap of 100 hours counts for four weeks.
			for (let change = 0; change < 30; change++) {
				await source.run(DAY_MINUTES - 60, true);
			}
			for (let change = 0; change < 12; change++) {
				await source.run(30, true);
			}
		}
	}, 60_000);
});
