import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pushOperation } from '../../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { reportRun } from '../../../nodes/TencentCloudIot/run/report/runReport';
import { tallied } from '../../../nodes/TencentCloudIot/run/report/result';
import type { Fate } from '../../../nodes/TencentCloudIot/service/fate';
import type { Verdict } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { failureWith } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { customer, resultWith, withheldOf } from '../../support/runResults.mts';

const timeOver = failureWith({ outcome: 'NOT_SENT', code: 'TIME_OVER', reason: 'It was over.' });
const FATES: readonly Fate[] = [
	answered(OK),
	answered(OK, 3),
	{ kind: 'unchanged' },
	{ kind: 'postponed', why: timeOver },
	...(['REFUSED', 'UNKNOWN', 'NOT_SENT'] as const).map((outcome) => answered(failureWith({ outcome }), 2)),
	{ kind: 'earlierAttempt', outcome: OK },
];
const some = (prefix: string, most: number) =>
	fc.array(fc.nat(most), { maxLength: 5 }).map((numbers) => {
		return new Set(numbers.map((number) => `${prefix}${number}`));
	});

const runs = fc.record({
	calls: fc.array(
		fc.record({
			fate: fc.constantFrom(...FATES),
			verdict: fc.constantFrom<Verdict>('new', 'changed', 'failed', 'due', 'unchanged'),
			devices: fc.integer({ min: 1, max: 1500 }),
		}),
		{ maxLength: 12 },
	),
	/** Of customers that are sent in part, of others, and of nobody. */
	withheld: fc.array(fc.constantFrom('c0', 'c1', 'w0', 'w1', undefined), { maxLength: 4 }),
	leftOut: some('l', 3),
	lostDevices: some('b', 3),
	failing: some('c', 9),
	gone: fc.nat(3),
	isPush: fc.boolean(),
	isNaming: fc.boolean(),
});

/** A run of one customer that is up to date, or fails. */
function exampleOf(verdict: 'unchanged' | 'failed', failing: readonly string[]) {
	const fate: Fate = verdict === 'unchanged' ? { kind: 'unchanged' } : FATES[4]!;
	const none = new Set<string>();
	const sync = { leftOut: none, lostDevices: none, failing: new Set(failing), gone: 0 };
	return { calls: [{ fate, verdict, devices: 1 }], withheld: [], ...sync, isPush: false, isNaming: true };
}

/** Each sentence with a number, in English and in Chinese, and the counts of the report that its numbers are. */
const SENTENCES: ReadonlyArray<
	readonly [english: RegExp, chinese: RegExp, counts: (report: Counts) => number[]]
> = [
	[/(\S+) customers? newly failed/, /(\d+) 个客户本次开始失败/, (r) => [r.NewlyFailed]],
	[/(\S+) others? failed/, /另有 (\d+) 个客户失败/, (r) => [r.others]],
	[/(\S+) customers? still failed/, /(\d+) 个客户仍然失败/, (r) => [r.others]],
	[/(\S+) customers? recovered/, /(\d+) 个客户已恢复/, (r) => [r.Recovered]],
	[/0 of (\S+) customers? pushed/, /(\d+) 个客户均未推送/, (r) => [r.total]],
	[
		/0 of (\S+) customers? needed a push, all are up to date/,
		/(\d+) 个客户均已是最新，无需推送/,
		(r) => [r.total],
	],
	[
		/(?:(\S+) of )?(\S+) customers? (?:is|are) up to date, (\S+) pushed now(?: \((\S+) devices?\))?/,
		/(\d+) 个客户中 (\d+) 个已是最新，本次推送 (\d+) 个(?:（(\d+) 台设备）)?/,
		(r) => [r.done, r.total, r.Pushed + r.Due, r.Devices],
	],
	[
		/(?:(\S+) of )?(\S+) customers?(?:, (\S+) devices?)? pushed/,
		/(\d+) 个客户中已推送 (\d+) 个(?:，共 (\d+) 台设备)?/,
		(r) => [r.Pushed, r.units, r.Devices],
	],
	[/(\S+) re-pushed on schedule/, /(\d+) 个按计划重新推送/, (r) => [r.Due]],
	[/(\S+) refused \(nothing was changed\)/, /(\d+) 个被拒绝（没有任何更改）/, (r) => [r.Refused]],
	[/(\S+) unclear(?: \(Tencent[^)]*\))?/, /(\d+) 个结果不明(?:（腾讯云可能已应用）)?/, (r) => [r.Unclear]],
	[/(\S+) not sent/, /(\d+) 个未发送/, (r) => [r.NotSent]],
	[/(\S+) customers? left for the next run/, /(\d+) 个客户留待下次运行/, (r) => [r.Postponed]],
	[/(\S+) rows? invalid \(not sent\)/, /(\d+) 行数据无效（未发送）/, (r) => [r.InvalidRows]],
	[/(\S+) already done in an earlier attempt/, /(\d+) 个在此前的尝试中已完成/, (r) => [r.earlier]],
	[/(\S+) retr(?:y|ies)/, /(\d+) 次重试/, (r) => [r.Retries]],
	[/(\S+) customers? lost all devices in the rows/, /(\d+) 个客户已没有设备/, (r) => [r.NoLongerWithDevices]],
	[/(\S+) customers? (?:is|are) no longer in the rows/, /(\d+) 个客户已不在数据中/, (r) => [r.Gone]],
];

type Counts = Record<
	| (
			| 'NewlyFailed'
			| 'Recovered'
			| 'Pushed'
			| 'Due'
			| 'Devices'
			| 'Refused'
			| 'Unclear'
			| 'NotSent'
			| 'Postponed'
	  )
	| (
			| 'InvalidRows'
			| 'Retries'
			| 'NoLongerWithDevices'
			| 'Gone'
			| 'others'
			| 'total'
			| 'done'
			| 'units'
			| 'earlier'
	  ),
	number
>;

test('Each number of Text, Summary and SummaryZh is that of the report, whatever happened.', () => {
	const met = new Set<number>();
	fc.assert(
		fc.property(runs, ({ calls, withheld, leftOut, isPush, isNaming, ...syncFacts }) => {
			const sync = isPush ? undefined : { ...resultWith().sync!, ...syncFacts };
			const ended = tallied(
				resultWith({
					calls: calls.map(({ verdict, ...call }, index) =>
						customer({ id: `c${index}`, ...call, verdict: isPush ? undefined : verdict }),
					),
					withheld: withheld.map(withheldOf),
					leftOut: new Map([...leftOut].map((id) => [id, [0]])),
					sync,
				}),
				pushOperation,
			);
			const report = reportRun(pushOperation, ended, {
				place: isNaming ? 'everything' : 'nameless',
				timezone: 'Asia/Shanghai',
			});
			const failed = new Set(
				calls.flatMap(({ fate }, index) =>
					'outcome' in fate && fate.outcome.outcome !== 'OK' ? `c${index}` : [],
				),
			);
			for (const id of withheld) {
				if (id !== undefined) {
					failed.add(id);
				}
			}
			const { Pushed, Due, Unchanged, Customers, WithoutDevice } = report;
			const counts = {
				NewlyFailed: 0,
				Recovered: 0,
				NoLongerWithDevices: 0,
				Gone: 0,
				...report,
				others: [...failed].filter((id) => !ended.tally.newlyFailed.includes(id)).length,
				total: Customers - WithoutDevice,
				units: Customers - WithoutDevice,
				done: Pushed + Due + Unchanged,
				earlier: calls.filter(({ fate }) => fate.kind === 'earlierAttempt').length,
			};
			const [textZh, textEn = ''] = report.Text.split(/\n(?=(?:Sync|Push) is )/);
			const texts = [
				[0, report.Summary],
				[1, report.SummaryZh],
				[1, textZh!],
				[0, textEn],
			] as const;
			for (const [at, text] of texts) {
				// What failed has its rows, which are no counts.
				const lines = text
					.replace(/^·.*$/gm, '')
					.replace(/rows? [\d, and]+(?:more)?:|第 [\d、]+.*?行：|in \d+ rows|\d+ 行中/g, '');
				let linesLeft = lines.replace(/'[^']*'|（[cwlb]\d[^）]*）/g, '');
				for (const [index, [english, chinese, numbersOf]] of SENTENCES.entries()) {
					const found = (at === 0 ? english : chinese).exec(linesLeft);
					if (found === null) {
						continue;
					}
					met.add(index);
					linesLeft = linesLeft.replace(found[0], '');
					const wanted = numbersOf(counts);
					const numbers = found.slice(1).map((number) => number?.replace(/\D/g, ''));
					// In Chinese the whole comes first.
					const order = at > 0 && wanted.length > 2 ? [wanted[1], wanted[0], ...wanted.slice(2)] : wanted;
					for (const [place, number] of numbers.entries()) {
						expect([text, number ?? order[place]]).toEqual([
							text,
							number === undefined ? order[place] : String(order[place]),
						]);
					}
				}
				expect([text, /\d/.exec(linesLeft)?.[0]]).toEqual([text, undefined]);
			}
			expect(Buffer.byteLength(report.Text)).toBeLessThanOrEqual(1_700);
			if (!isNaming) {
				expect(JSON.stringify(report)).not.toMatch(/"?\b[cwlb]\d\b/);
			}
		}),
		// Rare among random runs: nobody needs a push, and some fail as before.
		{ numRuns: 400, examples: [[exampleOf('unchanged', [])], [exampleOf('failed', ['c0'])]] },
	);
	// Sentences that are never met would prove little.
	expect(met.size).toBe(SENTENCES.length);
});
