import { expect } from '@jest/globals';
import fc from 'fast-check';
import { pushOperation } from '../../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { dryRun } from '../../../nodes/TencentCloudIot/run/preview';
import { reportRun } from '../../../nodes/TencentCloudIot/run/report/runReport';
import { tallyRun } from '../../../nodes/TencentCloudIot/run/report/result';
import type { Plan, Run, Selection } from '../../../nodes/TencentCloudIot/run/run';
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
	/** Rows of customers that are sent in part (c), of other customers (w), and without a customer. */
	withheld: fc.array(fc.constantFrom('c0', 'c1', 'w0', 'w1', undefined), { maxLength: 4 }),
	leftOut: some('l', 3),
	idsWithoutDevices: some('b', 3),
	reportedFailures: some('c', 9),
	gone: fc.nat(3),
	isPush: fc.boolean(),
	isNaming: fc.boolean(),
});

/** A run of one customer that is up to date or fails. */
function exampleOf(verdict: 'unchanged' | 'failed', failing: readonly string[]) {
	const fate: Fate = verdict === 'unchanged' ? { kind: 'unchanged' } : FATES[4]!;
	const none = new Set<string>();
	const sync = { leftOut: none, idsWithoutDevices: none, reportedFailures: new Set(failing), gone: 0 };
	return { calls: [{ fate, verdict, devices: 1 }], withheld: [], ...sync, isPush: false, isNaming: true };
}

/** Each sentence with a number, in English and in Chinese, and the counts of the report that must be its numbers. */
const SENTENCES: ReadonlyArray<
	readonly [english: RegExp, chinese: RegExp, counts: (report: Counts) => number[]]
> = [
	[/(\S+) customers? newly failed/, /(\d+) 个客户本次开始失败/, (r) => [r.NewlyFailed]],
	[/(\S+) others? failed/, /另有 (\d+) 个客户失败/, (r) => [r.others]],
	[/(\S+) customers? still failed/, /(\d+) 个客户仍然失败/, (r) => [r.stillFailed]],
	[/(\S+) customers? recovered/, /(\d+) 个客户已恢复/, (r) => [r.Recovered]],
	[/0 of (\S+) customers? pushed/, /(\d+) 个客户均未推送/, (r) => [r.total]],
	[
		/0 of (\S+) customers? needed a push, (?:it is|all are) up to date/,
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
	[
		/(\S+) customers? ha(?:s|ve) no device in the rows/,
		/(\d+) 个客户已没有设备/,
		(r) => [r.NoLongerWithDevices],
	],
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
			| 'stillFailed'
			| 'total'
			| 'done'
			| 'units'
			| 'earlier'
	  ),
	number
>;

/** Compares each number in Text, Summary and SummaryZh of random runs of Push and Sync with the report. */
export function checkRunNumbers(numRuns: number): void {
	const seen = new Set<number>();
	fc.assert(
		fc.property(runs, ({ calls, withheld, leftOut, isPush, isNaming, ...syncFacts }) => {
			const sync = isPush ? undefined : { ...resultWith().sync!, ...syncFacts };
			const ended = tallyRun(
				resultWith({
					calls: calls.map(({ verdict, ...call }, index) =>
						customer({ id: `c${index}`, ...call, verdict: isPush ? undefined : verdict }),
					),
					withheld: withheld.map(withheldOf),
					leftOut: new Map([...leftOut].map((id) => [id, [0]])),
					sync,
				}),
			);
			const report = reportRun(ended, isNaming ? 'everything' : 'nameless');
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
				stillFailed: [...failed].filter((id) => syncFacts.reportedFailures.has(id)).length,
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
				// Row numbers of failures are not counts.
				const lines = text
					.replace(/^·.*$/gm, '')
					.replace(/rows? [\d, and]+(?:more)?:|第 [\d、]+.*?行：|in \d+ rows|\d+ 行中/g, '');
				let linesLeft = lines.replace(/'[^']*'|（[cwlb]\d[^）]*）/g, '');
				for (const [index, [english, chinese, numbersOf]] of SENTENCES.entries()) {
					const found = (at === 0 ? english : chinese).exec(linesLeft);
					if (found === null) {
						continue;
					}
					seen.add(index);
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
		// Rare among random runs: no customer needs a push, or a customer still fails.
		{ numRuns, examples: [[exampleOf('unchanged', [])], [exampleOf('failed', ['c0'])]] },
	);
	// The runs prove little unless each sentence occurs.
	expect(seen.size).toBe(SENTENCES.length);
}

const plans = fc.record({
	customers: fc.array(fc.record({ devices: fc.integer({ min: 1, max: 1500 }), isSent: fc.boolean() }), {
		maxLength: 12,
	}),
	/** Rows that are withheld, some more than once. */
	invalidRows: fc.array(fc.nat(9), { maxLength: 5 }),
	leftOut: some('l', 3),
	gone: fc.nat(2_000),
	rate: fc.integer({ min: 1, max: 50 }),
	stopAtFailure: fc.boolean(),
	isPush: fc.boolean(),
	isNaming: fc.boolean(),
});

/** The counts that a Dry Run must show, computed from its plan. */
type PlannedCounts = Record<
	'sent' | 'devices' | 'rate' | 'unchanged' | 'invalidRows' | 'gone' | 'leftOut',
	number
>;

/** Each sentence of a Dry Run with a number, in the language of the node and of the message. */
const PLANNED: ReadonlyArray<readonly [sentence: RegExp, counts: (plan: PlannedCounts) => number[]]> = [
	[
		/(\d[\d,]*) customers?, (\d[\d,]*) devices?: (\d[\d,]*) requests?, about \d+ s at (\d[\d,]*) requests? per second/,
		({ sent, devices, rate }) => [sent, devices, sent, rate],
	],
	[/(\d[\d,]*) unchanged/, ({ unchanged }) => [unchanged]],
	[/(\d[\d,]*) rows? invalid \(not sent\)/, ({ invalidRows }) => [invalidRows]],
	[/(\d[\d,]*) 行数据无效（未发送）/, ({ invalidRows }) => [invalidRows]],
	[/(\d[\d,]*) customers? (?:is|are) no longer in the rows/, ({ gone }) => [gone]],
	[/(\d[\d,]*) customers? left out: no device/, ({ leftOut }) => [leftOut]],
];

/**
 * Compares each number in the texts of random Dry Runs with their plan: in the node, in English, and in the message of a schedule, in both
 * languages.
 */
export function checkPreviewNumbers(numRuns: number): void {
	const seen = new Set<RegExp>();
	const readBack = (text: string, counts: PlannedCounts) => {
		// Row numbers of failures are not counts.
		let textLeft = text
			.replace(/^·.*$/gm, '')
			.replace(/rows? [\d, and]+(?:more)?:|第 [\d、]+.*?行：|in \d+ rows|\d+ 行中|（[lw]\d[^）]*）/g, '');
		for (const [sentence, countsOf] of PLANNED) {
			const wanted = countsOf(counts);
			// Text has both languages.
			for (let found = sentence.exec(textLeft); found !== null; found = sentence.exec(textLeft)) {
				const numbers = found.slice(1).map((number) => Number(number.replaceAll(',', '')));
				expect([text, numbers]).toEqual([text, wanted]);
				seen.add(sentence);
				textLeft = textLeft.replace(found[0], '');
			}
		}
		const seconds = counts.sent === 0 ? [] : [Math.max(1, Math.round(counts.sent / counts.rate))];
		const durations = Array.from(text.matchAll(/about (\d+) s/g), ([, number]) => Number(number));
		expect([text, durations.every((number) => seconds.includes(number))]).toEqual([text, true]);
		expect([text, /\d/.exec(textLeft)?.[0]]).toEqual([text, undefined]);
	};
	fc.assert(
		fc.property(plans, ({ customers, invalidRows, leftOut, isPush, isNaming, gone, rate, stopAtFailure }) => {
			const calls = customers.map(({ devices }, index) => customer({ id: `c${index}`, devices }).call);
			const order = [...customers.keys()].filter((index) => isPush || customers[index]!.isSent);
			const counts = {
				sent: order.length,
				devices: order.reduce((sum, index) => sum + customers[index]!.devices, 0),
				rate,
				unchanged: customers.length - order.length,
				invalidRows: new Set(invalidRows).size,
				gone,
				leftOut: leftOut.size,
			};
			const withheld = invalidRows.map((itemIndex, index) => {
				const id = `w${index}`;
				const findings = [{ itemIndex, field: 'DeviceId', code: 'empty' as const }];
				return { parameters: { CustomerId: id }, itemIndexes: [itemIndex], customerId: id, findings };
			});
			const plan = { calls, withheld, leftOut: new Map([...leftOut].map((id) => [id, [0]])) };
			const options = { requestsPerSecond: rate };
			const execution = { timezone: 'Asia/Shanghai' };
			const run = { execution, operation: pushOperation, items: Array(9), stopAtFailure, options };
			for (const isManual of [true, false]) {
				const sync = { ...resultWith().sync!, isManual, gone };
				const selection: Selection = { sendOrder: order, blocked: undefined };
				const ofSync = isPush ? selection : { ...selection, facts: sync };
				const preview = dryRun.preview(run as unknown as Run, plan as unknown as Plan, ofSync);
				const place = isNaming ? ('everything' as const) : ('nameless' as const);
				const report = dryRun.report(preview, place);
				// A scheduled Dry Run is reported as a run without requests, with all customers in the rows; a plan has only those with devices.
				const isReport = 'Text' in report;
				const Customers = customers.length + withheld.length + (isReport ? leftOut.size : 0);
				expect(report).toMatchObject({ Requests: isReport ? 0 : counts.sent, Customers });
				readBack(report.Summary, counts);
				if ('Text' in report) {
					readBack(report.Text, counts);
					readBack(report.SummaryZh, counts);
				}
			}
		}),
		{ numRuns },
	);
	// The runs prove little unless each sentence occurs.
	expect(seen.size).toBe(PLANNED.length);
}
