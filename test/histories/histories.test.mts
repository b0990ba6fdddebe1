import { expect, test } from '@jest/globals';
import { HISTORIES, playHistories, type HistoryKind } from './histories.mts';

const KINDS = Object.keys(HISTORIES) as HistoryKind[];

// test:long plays every seventeenth history, and `npm run soak -- --histories` as many as you like.
test.each(KINDS)('A sample of all histories keeps all promises: %s', async (kind) => {
	const { count, broken } = await playHistories(kind, 2003);
	expect(count).toBeGreaterThan(5);
	expect(broken).toEqual([]);
});
