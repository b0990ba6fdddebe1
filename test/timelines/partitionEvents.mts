import fc from 'fast-check';
import type { Fate } from './unreliableService.mts';

/** The most partitions: each has a Sync node. */
export const MOST_PARTITIONS = 4;

/** The processes that take their executions. */
export const WORKERS = 2;

/** One execution of each partition, all at the same moment. */
export interface Round {
	kind: 'round';
	/** What becomes of requests; which of them, customer and attempt say. */
	fates: Fate[];
	/** Which worker takes the execution of each partition. */
	workers: number[];
	/** The partition that is triggered twice, and the worker of its second execution. */
	doubled: { partition: number; worker: number } | undefined;
	/** A worker dies with all that it executes, by the how-manieth request or statement of it. */
	kill: { worker: number; at: 'request' | 'before statement' | 'after statement'; count: number } | undefined;
}

/** What happens to a CRM that is synced in partitions. */
export type PartitionEvent =
	| Round
	| { kind: 'edit'; customers: number[]; version: number }
	| { kind: 'remove'; customers: number[] }
	/** Into how many partitions the customers are divided from now on; 1 is one Sync node for all. */
	| { kind: 'divide'; into: number };

/** A round that meets nothing bad. */
export const GOOD_ROUND: Round = {
	kind: 'round',
	fates: ['ok'],
	workers: Array.from({ length: MOST_PARTITIONS }, (_, partition) => partition % WORKERS),
	doubled: undefined,
	kill: undefined,
};

const worker = fc.nat(WORKERS - 1);
const customers = fc.array(fc.nat(23), { minLength: 1, maxLength: 12 });
const fate = fc.constantFrom<Fate>(
	...(['ok', 'ok', 'ok', 'lost', 'dropped', 'refused', 'throttled', 'unclear'] as const),
);

const round: fc.Arbitrary<PartitionEvent> = fc.record({
	kind: fc.constant('round' as const),
	fates: fc.oneof(fc.constant<Fate[]>(['ok']), fc.array(fate, { minLength: 1, maxLength: 8 })),
	workers: fc.array(worker, { minLength: MOST_PARTITIONS, maxLength: MOST_PARTITIONS }),
	doubled: fc.option(fc.record({ partition: fc.nat(MOST_PARTITIONS - 1), worker }), {
		freq: 2,
		nil: undefined,
	}),
	kill: fc.option(
		fc.record({
			worker,
			at: fc.constantFrom('request' as const, 'before statement' as const, 'after statement' as const),
			count: fc.integer({ min: 1, max: 15 }),
		}),
		{ freq: 2, nil: undefined },
	),
});

const into = fc.integer({ min: 2, max: MOST_PARTITIONS });

/** A node that is left out for a time, and comes back, remembers what it pushed before; meanwhile another one pushed. */
const detour: fc.Arbitrary<PartitionEvent[]> = fc
	.record({ rounds: fc.tuple(round, round, round), into, customers })
	.map(({ rounds: [before, meanwhile, after], into: parts, customers: changed }) => [
		{ kind: 'divide', into: parts },
		before,
		{ kind: 'divide', into: 1 },
		{ kind: 'edit', customers: changed, version: 1 },
		meanwhile,
		{ kind: 'edit', customers: changed, version: 0 },
		{ kind: 'divide', into: parts },
		after,
	]);

const events: fc.Arbitrary<PartitionEvent[]> = fc.oneof(
	{ weight: 12, arbitrary: round.map((one) => [one]) },
	{
		weight: 8,
		// One of two sets, so that a customer often goes back to the earlier one.
		arbitrary: fc
			.record({ kind: fc.constant('edit' as const), customers, version: fc.nat(1) })
			.map((one) => [one]),
	},
	{
		weight: 2,
		arbitrary: fc.record({ kind: fc.constant('remove' as const), customers }).map((one) => [one]),
	},
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant('divide' as const), into }).map((one) => [one]) },
	{ weight: 3, arbitrary: detour },
);

export const partitionTimelines: fc.Arbitrary<PartitionEvent[]> = fc
	.array(events, { minLength: 3, maxLength: 12 })
	.map((parts) => parts.flat());
