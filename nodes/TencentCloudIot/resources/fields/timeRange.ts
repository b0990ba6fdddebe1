import type { ItemFields } from '../../input/fields/field';
import { optional, time } from '../../input/fields/fields';
import { because } from '../../messages/findings';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The last sentence in the description of each time field. */
export const ZONE_SENTENCE = "Without a zone, the workflow's is used.";

/** The two fields of a time range. @param record the kind of records that are listed, in the singular */
export const timeRangeFields = (record: string) => ({
	startTime: optional(
		time({
			displayName: 'Start Time',
			description: `Earliest ${record} (default: 24 hours before the end). ${ZONE_SENTENCE}`,
		}),
	),
	endTime: optional(
		time({
			displayName: 'End Time',
			description: `Latest ${record} (default: now). ${ZONE_SENTENCE}`,
		}),
	),
});

/** Reads a time range in Unix milliseconds, by default the last 24 hours. A range that ends before it starts is a finding. */
export function readTimeRange(item: ItemFields<ReturnType<typeof timeRangeFields>>): {
	startMs: number;
	endMs: number;
} {
	const { startTime: start, endTime: end } = item;
	const endMs = end ?? Date.now();
	const startMs = start ?? endMs - DAY_MS;
	if (endMs < startMs) {
		if (end === undefined) {
			item.refuse('startTime', because('future'));
		} else {
			item.refuse('endTime', because('beforeStart'));
		}
	}
	return { startMs, endMs };
}
