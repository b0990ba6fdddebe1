import type { INodeProperties } from 'n8n-workflow';

import type { ItemFields } from '../input/itemFields';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What is asked for, in Unix milliseconds, and which of it the user said. */
export interface TimeRange {
	startMs: number;
	endMs: number;
	isStartSet: boolean;
	isEndSet: boolean;
}

/**
 * The fields of a range of time.
 * @param record what is listed, in the singular
 */
export function timeRangeFields(record: string): { startTime: INodeProperties; endTime: INodeProperties } {
	const zone = "in the workflow's time zone unless the time names its own";
	const field = (displayName: string, name: string, description: string): INodeProperties => ({
		displayName,
		name,
		type: 'dateTime',
		default: '',
		description,
	});
	return {
		startTime: field(
			'Start Time',
			'startTime',
			`The earliest ${record} to return, ${zone}; 24 hours before the end if left out`,
		),
		endTime: field('End Time', 'endTime', `The latest ${record} to return, ${zone}; now if left out`),
	};
}

/**
 * Reads a range of time: the last 24 hours by default. One that ends before it starts is a finding.
 * @param within where the fields stand, with a dot at the end: empty for those of the node itself
 */
export function readTimeRange(item: ItemFields, within = ''): TimeRange {
	const start = item.optionalTime(`${within}startTime`, 'milliseconds');
	const end = item.optionalTime(`${within}endTime`, 'milliseconds');
	const endMs = end ?? Date.now();
	const startMs = start ?? endMs - DAY_MS;
	if (endMs < startMs) {
		if (end === undefined) item.refuse(`${within}startTime`, 'is in the future: correct it');
		else item.refuse(`${within}endTime`, "is before 'Start Time': correct one of them");
	}
	return { startMs, endMs, isStartSet: start !== undefined, isEndSet: end !== undefined };
}
