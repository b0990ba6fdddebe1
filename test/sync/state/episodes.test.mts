import { describe, expect, test } from '@jest/globals';
import type { OutcomeName } from '../../../nodes/TencentCloudIot/service/outcome';
import { Shop, shopOf, type FinishedRun } from './shop.mts';

const QUARTER_HOUR = 15;

/** A shop whose customers fail as a test says; nothing else changes between runs. */
class FailingShop {
	readonly shop = new Shop();
	readonly #customers = new Map<string, string[]>(shopOf(40));
	#version = 0;

	/** A run in which these customers fail; they are changed before it, so that they are sent. */
	async run(
		failing: readonly string[],
		outcome: OutcomeName = 'REFUSED',
		changed: readonly string[] = [],
	): Promise<FinishedRun> {
		for (const id of [...failing, ...changed]) {
			this.#version++;
			this.#customers.set(id, [`P/${id}_${this.#version}`]);
		}
		const finished = await this.shop.run(
			{ customers: new Map(this.#customers) },
			{ outcomeOf: (id) => (failing.includes(id) ? outcome : 'OK') },
		);
		this.shop.wait(QUARTER_HOUR);
		return finished;
	}
}

const ids = (count: number, first = 0) =>
	Array.from({ length: count }, (_, index) => `user_${first + index}`);

test('A customer that fails in every second run causes two messages in 12 runs, one for the failure and one for the recovery, and two more a day later', async () => {
	const failing = new FailingShop();
	await failing.run([]);
	const messages = async (runs: number) => {
		const finished: FinishedRun[] = [];
		for (let run = 0; run < runs; run++) {
			finished.push(await failing.run(run % 2 === 0 ? ['user_0'] : []));
		}
		return finished.filter(({ news }) => news);
	};
	const [first, second, ...more] = await messages(12);
	expect(first?.report).toMatchObject({ Health: 'degraded', NewlyFailedIds: ['user_0'] });
	expect(second?.report).toMatchObject({ Health: 'ok', RecoveredIds: ['user_0'] });
	expect(more).toEqual([]);
	expect(await messages(84)).toHaveLength(0);
	// 24 hours after the last message.
	expect((await messages(8)).length).toBe(2);
});

test('A customer that recovered within the last 24 hours and fails again has not still failed', async () => {
	const failing = new FailingShop();
	await failing.run([]);
	await failing.run(['user_0', 'user_1']);
	expect((await failing.run(['user_1'])).text).toContain('1 customer still failed');
	const failedAgain = await failing.run(['user_0', 'user_1']);
	expect(failedAgain.report).toMatchObject({ NewlyFailed: 0, Refused: 2 });
	expect(failedAgain.text).toContain('1 customer still failed');
	// Beside a customer that newly failed, all others are counted.
	const failedAnew = await failing.run(['user_0', 'user_1', 'user_2']);
	expect(failedAnew.text).toContain('2 others failed');
});

test('If one more customer fails in each run, one message an hour reports their number, and no failure is lost', async () => {
	const failing = new FailingShop();
	await failing.run([]);
	const finished: FinishedRun[] = [];
	for (let run = 1; run <= 16; run++) {
		finished.push(await failing.run(ids(Math.min(12, run)), 'REFUSED', ['user_39']));
	}
	const messages = finished.filter(({ news }) => news);
	expect(messages.map(({ report }) => report.NewlyFailed)).toEqual([1, 4, 4, 3]);
	expect(messages.flatMap(({ report }) => report.NewlyFailedIds).sort()).toEqual(ids(12).sort());
});

test('A customer that failed and recovered between two messages is in the next one', async () => {
	const failing = new FailingShop();
	await failing.run([]);
	expect((await failing.run(['user_0'])).news).toBe(true);
	expect((await failing.run(['user_0', 'user_1'])).news).toBe(false);
	expect((await failing.run(['user_0'])).news).toBe(false);
	expect((await failing.run(['user_0'])).news).toBe(false);
	const { news, report } = await failing.run(['user_0']);
	expect([news, report.NewlyFailed, report.RecoveredIds]).toEqual([true, 0, ['user_1']]);
	expect((await failing.run(['user_0'])).news).toBe(false);
});

test('Recoveries while other customers fail are a line of the next message', async () => {
	const failing = new FailingShop();
	await failing.run([]);
	await failing.run(['user_0', 'user_1']);
	for (let run = 0; run < 5; run++) {
		expect((await failing.run(['user_0'])).news).toBe(false);
	}
	const { news, report, text } = await failing.run(['user_0', 'user_2']);
	expect([news, report.NewlyFailedIds, report.RecoveredIds]).toEqual([true, ['user_2'], ['user_1']]);
	expect(text).toContain("1 customer recovered ('user_1')");
	expect((await failing.run(['user_0', 'user_2'])).report.Recovered).toBe(0);
});

test('Moved devices and gone customers also wait for the next message', async () => {
	const { shop } = new FailingShop();
	const customers = shopOf(40);
	await shop.run({ customers });
	const refused = (id: string) => (id === 'user_0' ? 'REFUSED' : 'OK');
	customers.set('user_0', ['P/Other']);
	expect((await shop.run({ customers }, { outcomeOf: refused })).news).toBe(true);
	shop.wait(QUARTER_HOUR);
	customers.set('user_1', []);
	customers.set('user_2', ['P/D1', 'P/D2']);
	customers.delete('user_39');
	customers.set('user_1', ['P/New']);
	expect((await shop.run({ customers }, { outcomeOf: refused })).news).toBe(false);
	shop.wait(60);
	const { news, report } = await shop.run({ customers }, { outcomeOf: refused });
	expect([news, report.Gone, report.Moved]).toEqual([true, 1, 1]);
	expect((await shop.run({ customers }, { outcomeOf: refused })).report).toMatchObject({ Gone: 0, Moved: 0 });
});

describe('The health of a run with few requests, of which', () => {
	test.each([
		[1, 'degraded'],
		[2, 'degraded'],
		[3, 'failing'],
	])('%i got no clear response, is %s', async (count, health) => {
		const failing = new FailingShop();
		await failing.run([]);
		const { report, news } = await failing.run(ids(count), 'UNKNOWN');
		expect([report.Health, news]).toEqual([health, true]);
	});
});

test('A customer that is refused again and again does not make the state count as interrupted', async () => {
	const shop = new Shop();
	const before = shopOf(30);
	await shop.run({ customers: before });
	const rows = { customers: new Map([...before, ['user_0', ['P/new']]]) };
	const outcomeOf = (id: string) => (id === 'user_0' ? 'REFUSED' : 'OK');
	for (let run = 0; run < 3; run++) {
		const { report, sent } = await shop.run(rows, { outcomeOf });
		expect([report.State, sent]).toEqual(['used', ['user_0']]);
		shop.wait(60);
	}
	expect((await shop.run(rows)).report).toMatchObject({ State: 'used', Pushed: 1 });
	expect((await shop.run(rows)).report).toMatchObject({ State: 'used', Pushed: 0, Unchanged: 30 });
});
