import { expect, test } from '@jest/globals';
import { longestStretchMsOf } from '../support/growth.mts';
import { push } from './growth.mts';
import { HOSTILE_SHEETS } from './hostileSheets.mts';

/** The largest request that n8n accepts. Bytes. */
const LARGEST_REQUEST = 16_000_000;

/** The longest time in which n8n may not respond. */
const LONGEST_MS = 300;

/** Repeats the measurement if it may have been disturbed by the machine or a function that was just compiled. */
const LOOKS = 4;

/** The CPU time for listing the members of the largest record: JavaScript lists all of them or none. */
function listingMsOf(value: unknown): number {
	if (typeof value !== 'object' || value === null) {
		return 0;
	}
	const start = process.threadCpuUsage();
	const names = Object.keys(value);
	const { user, system } = process.threadCpuUsage(start);
	const ofMembers = names.slice(0, 10).map((name) => listingMsOf((value as Record<string, unknown>)[name]));
	return Math.max(Array.isArray(value) ? 0 : (user + system) / 1000, ...ofMembers);
}

test.each(HOSTILE_SHEETS)('n8n stays responsive while the node reads %s', async (_what, sheet) => {
	const rows = sheet.rows(LARGEST_REQUEST);
	let overMs = Infinity;
	for (let look = 0; look < LOOKS && overMs > 0; look++) {
		const stretchMs = await longestStretchMsOf(async () => await push(sheet, rows));
		const listingMs = Math.max(...rows.slice(0, 10).map(listingMsOf));
		overMs = Math.min(overMs, stretchMs - Math.max(LONGEST_MS, 1.5 * listingMs));
	}
	expect(overMs).toBeLessThanOrEqual(0);
});
