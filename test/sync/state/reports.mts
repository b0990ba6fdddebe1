import { expect } from '@jest/globals';
import fc from 'fast-check';
import { CANCELLED } from '../../../nodes/TencentCloudIot/service/transportError';
import {
	ALL_WELL,
	hasNews,
	healthOf,
	newlyFailed,
	recovered,
	reportedAfter,
	type RunEnd,
} from '../../../nodes/TencentCloudIot/sync/health';
import type { Fate } from '../../../nodes/TencentCloudIot/service/fate';
import { standingOf } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { failureWith } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { withheldOf } from '../../support/runResults.mts';
import { NO_CHECKS, Node } from './syncRuns.mts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const some = fc.subarray(IDS);

/** A run: whose rows are there, invalid, invalid in part or changed, whom the service refuses, and how it ends. */
const runs = fc.array(
	fc.record({
		gone: fc.subarray(IDS.slice(1)),
		withheld: some,
		inPart: some,
		changed: some,
		refused: some,
		how: fc.constantFrom('scheduled', 'scheduled', 'scheduled', 'by hand', 'cancelled', 'killed'),
	}),
	{ minLength: 2, maxLength: 12 },
);

const REFUSED: Fate = answered(failureWith({ outcome: 'REFUSED' }));

/** Compares what the reports of random timelines say with what a person would write down. */
export async function checkReports(numRuns: number): Promise<void> {
	await fc.assert(
		fc.asyncProperty(runs, async (all) => {
			const node = new Node();
			node.settings = { checks: NO_CHECKS };
			const versions = new Map<string, number>();
			// What a person would write down: who was there, who is told to fail, how many gone are not told.
			let known: string[] | undefined;
			let told = new Set<string>();
			let untold = 0;
			let health = 'ok';
			for (const { how, ...event } of all) {
				await node.clock.advance(15_000);
				for (const id of event.changed) versions.set(id, (versions.get(id) ?? 0) + 1);
				const there = IDS.filter((id) => !event.gone.includes(id));
				const withheld = there.filter((id) => event.withheld.includes(id));
				const sent = there.filter((id) => !withheld.includes(id));
				const inPart = sent.filter((id) => event.inPart.includes(id));
				const contents = Object.fromEntries(sent.map((id) => [id, String(versions.get(id) ?? 0)]));
				const isManual = how === 'by hand';
				const settings = { withheld, inPart: new Set(inPart), isManual };
				if (how === 'killed') {
					await node.die(contents, settings);
					[known, told, untold] = [undefined, new Set(), 0];
					// What was reported is not known either, where all was well.
					health = 'unknown';
					continue;
				}
				const run = await node.begin(contents, settings);
				const { verdicts, reported, failing, gone } = run.begun;
				const calls = sent.map((id, index) => {
					const verdict = verdicts[index]!;
					const isCancelled = how === 'cancelled' && verdict !== 'unchanged';
					const fate: Fate = isCancelled
						? { kind: 'notTried', why: CANCELLED }
						: verdict === 'unchanged'
							? { kind: 'unchanged' }
							: event.refused.includes(id)
								? REFUSED
								: answered(OK);
					return { call: { customer: { id } }, fate, verdict };
				});
				const unreported = reported?.gone ?? 0;
				const sync = { ...run.begun, reported: reported ?? ALL_WELL, failing, isManual, minute: 0 };
				const end: RunEnd = {
					calls,
					withheld: [...withheld, ...inPart].map(withheldOf),
					blocked: undefined,
					endedEarly: undefined,
					sync: { ...sync, gone: gone === undefined ? undefined : gone + unreported },
				};
				const isReporting =
					how === 'scheduled' ||
					(how === 'cancelled' && calls.every(({ fate }) => fate.kind === 'unchanged'));
				const fails = there.filter((id) => {
					const one = calls.find(({ call }) => call.customer.id === id);
					const isOfRun = one?.fate.kind === 'notTried';
					const isFailed = one !== undefined && !isOfRun && standingOf(one.verdict, one.fate) === 'failed';
					return isFailed || withheld.includes(id) || inPart.includes(id);
				});
				const isWell = (id: string) =>
					!fails.includes(id) &&
					calls.some(({ call, fate }) => call.customer.id === id && fate.kind !== 'notTried');
				const newly = fails.filter((id) => !told.has(id));
				const over = there.filter((id) => told.has(id) && isWell(id));
				expect([newlyFailed(end).toSorted(), recovered(end)]).toEqual([newly.toSorted(), over]);
				if (known !== undefined) {
					untold += known.filter((id) => !there.includes(id)).length;
					expect(end.sync!.gone).toBe(untold);
				}
				const is = healthOf(end);
				if (health !== 'unknown')
					expect(hasNews(end)).toBe(
						isReporting && (is !== health || (is === 'degraded' && newly.length > 0)),
					);
				if (isReporting) {
					told = new Set([...[...told].filter((id) => there.includes(id) && !over.includes(id)), ...newly]);
					[untold, health] = [0, is];
				} else told = new Set([...told].filter((id) => there.includes(id)));
				known = there;
				const standings = calls.map(({ verdict, fate }) => standingOf(verdict, fate));
				await node.until(run.end(standings, reportedAfter(end)));
			}
		}),
		{ numRuns },
	);
}
