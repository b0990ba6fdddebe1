import { expect, test } from '@jest/globals';
import { optionsLike } from '../../simulator/like/optionsLike.mts';
import { readTranscript } from '../../simulator/like/transcript.mts';
import type { SimulatorOptions } from '../../simulator/simulator.mts';
import { countWrites } from '../../simulator/snapshot.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { found, probe, repliesOf, TEST_FLAGS } from './probeRun.mts';

/** What the report must say about a service. */
interface Expected {
	scheme: string;
	further: string;
	ofAnother: string;
	signature: string;
	limit: RegExp;
}

const FURTHER = { replace: 'replaces the devices / 替换设备', add: 'adds devices / 追加设备' } as const;
const OF_ANOTHER = {
	shared: 'both customers have it / 两个客户都有',
	moves: 'moves to the customer that was pushed last / 归最后推送的客户',
	refused: 'is refused / 被拒绝',
} as const;
const SCHEMES = ['json', 'goFmt', 'scalarsOnly', 'flattened', 'jsString'] as const;
const ENVELOPES = ['response', 'outer', 'bare'] as const;
const OWNERSHIPS = ['shared', 'moves', 'refused'] as const;

type Variant = readonly [name: string, options: SimulatorOptions, expected: Expected];

/** 32 services with all schemes and envelopes, both bind modes, the three rules of ownership, and with or without a rate limit. */
export const VARIANTS = Array.from({ length: 32 }, (_, index): Variant => {
	const nestedRule = SCHEMES[index % SCHEMES.length]!;
	const envelope = ENVELOPES[index % ENVELOPES.length]!;
	const bindMode = index % 2 === 0 ? 'replace' : 'add';
	const ownership = OWNERSHIPS[Math.floor(index / 2) % OWNERSHIPS.length]!;
	const isLimited = index % 8 === 7;
	const limit =
		index % 16 === 7 ? ({ perSecond: 8 } as const) : ({ perSecond: 9, answer: 'http429' } as const);
	const options: SimulatorOptions = { nestedRule, envelope, bindMode, ownership };
	const expected: Expected = {
		scheme: nestedRule,
		further: FURTHER[bindMode],
		ofAnother: OF_ANOTHER[ownership],
		signature: nestedRule === 'json' ? 'not seen / 未出现' : 'InvalidParameterValue (HTTP 200)',
		limit: isLimited ? new RegExp(`^after ${limit.perSecond} requests`) : /^none met by 1[12] requests/,
	};
	const name = `${nestedRule}, ${envelope}, ${bindMode}, ${ownership}${isLimited ? ', limited' : ''}`;
	return [`${index + 1}: ${name}`, isLimited ? { ...options, rateLimit: limit } : options, expected];
});

/** Probes each variant, and then a simulator configured from its report. */
export function testVariants(variants: readonly Variant[]): void {
	test.each(variants)(
		'A probe of service no. %s finds each habit with at most 15 requests, and a simulator configured from its report behaves the same.',
		async (_, options, expected) => {
			const simulator = await runSimulator(options);
			const flags = ['--endpoint', simulator.endpoint, ...TEST_FLAGS];
			const { report, path } = await probe(flags, { replies: repliesOf(simulator) });
			const read = (text: string) => ({
				scheme: found(text, 'SignatureScheme'),
				further: found(text, 'A further push'),
				ofAnother: found(text, 'A device of another customer'),
				signature: found(text, 'Another signature scheme'),
			});
			const { limit, ...habits } = expected;
			expect(read(report)).toEqual(habits);
			expect(found(report, 'Limit')).toMatch(limit);
			expect(simulator.requests.length).toBeLessThanOrEqual(15);
			expect(countWrites(simulator.requests)).toBe(expected.ofAnother === OF_ANOTHER.refused ? 2 : 3);
			const like = await runSimulator(optionsLike(readTranscript(path)));
			const again = await probe(['--endpoint', like.endpoint, ...TEST_FLAGS], { replies: repliesOf(like) });
			expect(read(again.report)).toEqual(habits);
		},
	);
}
