import { expect, test } from '@jest/globals';
import { HISTORIES, playHistories, type HistoryKind } from './histories.mts';

const KINDS = Object.keys(HISTORIES) as HistoryKind[];

test.each(KINDS)(
	'Every seventeenth history keeps all promises: %s',
	async (kind) => {
		const { count, broken } = await playHistories(kind, 17);
		console.log(`${kind}: ${count} histories`);
		expect(broken).toEqual([]);
	},
	3_000_000,
);
