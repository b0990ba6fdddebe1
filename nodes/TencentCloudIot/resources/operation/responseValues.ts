import type { GenericValue, IDataObject } from 'n8n-workflow';

import { toIsoText } from '../../input/dateTime';
import type { ResponseData } from '../../service/outcome';
import { readJson } from '../../service/response/exactJson';
import { cleanServerText } from '../../service/response/serverText';

/** The most characters of a text. A longer one is cut and ends in "…". */
const LONGEST_TEXT = 10_000;

/** The most levels of nested lists and objects. Deeper ones become "…". */
const DEEPEST_LEVEL = 32;

/** Picks the named members that a response has. Responses are never copied whole. */
export function pick(data: ResponseData, names: readonly string[]): IDataObject {
	const presentNames = names.filter((name) => Object.hasOwn(data, name));
	return Object.fromEntries(presentNames.map((name) => [name, cleanValue(data[name])]));
}

/**
 * Adds a text next to each Unix time, in the zone of the workflow: `CreateTimeISO` next to `CreateTime`.
 * @param names the members that are Unix times
 */
export function withIsoTimes(record: IDataObject, names: readonly string[], timezone: string): IDataObject {
	const withTexts: IDataObject = {};
	for (const [name, value] of Object.entries(record)) {
		withTexts[name] = value;
		const text = names.includes(name) ? toIsoText(value, timezone) : undefined;
		if (text !== undefined) {
			withTexts[`${name}ISO`] = text;
		}
	}
	return withTexts;
}

/** Parses a JSON text of a response. A text that is not JSON, or exceeds the limits, stays a text. */
export function parseJsonText(text: unknown): GenericValue {
	if (typeof text !== 'string') {
		return cleanValue(text);
	}
	try {
		const parsed = readJson(text);
		return cleanValue(parsed === undefined ? text : parsed.value);
	} catch {
		return cleanValue(text);
	}
}

/** Cleans all texts in a value, including the names of members, so that they are safe to show and to pass on: see cleanServerText. */
function cleanValue(value: unknown, depth = 0): GenericValue {
	if (typeof value === 'string') {
		return cleanServerText(value, LONGEST_TEXT);
	}
	if (typeof value !== 'object' || value === null) {
		return value as GenericValue;
	}
	if (depth === DEEPEST_LEVEL) {
		return '…';
	}
	const clean = (member: unknown) => cleanValue(member, depth + 1);
	if (Array.isArray(value)) {
		return value.map(clean) as GenericValue;
	}
	return Object.fromEntries(
		Object.entries(value).map(([name, member]) => [cleanServerText(name, LONGEST_TEXT), clean(member)]),
	);
}
