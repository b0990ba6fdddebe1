/** A day, with time and zone if the text has them. The hour 24 is excluded: JavaScript moves it to the next day, which may not be meant. */
const ISO =
	/^(\d{4}-\d{2}-\d{2})(?:[T ](?!24)(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?:\s?(Z|[+-]\d{2}:?\d{2}))?)?$/i;

/**
 * A moment as Unix milliseconds: an ISO text (n8n's own date-times have no zone), a Date or a luxon DateTime.
 * Undefined for anything else, and for numbers: the node does not guess whether they are seconds or milliseconds.
 * @param timezone the IANA name of the zone for a text that names none
 * @throws RangeError if that zone is needed and does not exist
 */
export function toUnixMs(value: unknown, timezone: string): number | undefined {
	const ms = typeof value === 'string' ? unixMsOfText(value.trim(), timezone) : unixMsOfObject(value);
	return Number.isFinite(ms) ? ms : undefined;
}

function unixMsOfText(text: string, timezone: string): number {
	const [, day = '', time = '00:00', zone] = ISO.exec(text) ?? [];
	const ms = Date.parse(`${day}T${time}${zone ?? 'Z'}`);
	// JavaScript turns 30 February into 2 March.
	const isRealDay = new Date(day).getUTCDate() === Number(day.slice(8));
	if (!isRealDay || Number.isNaN(ms)) {
		return NaN;
	}
	if (zone !== undefined) {
		return ms;
	}
	// The first guess may lie on the other side of a clock change, where the offset differs. So the offset is looked up again at that guess.
	const guessMs = ms - offsetMs(ms - offsetMs(ms, timezone), timezone);
	// The clocks of the zone may skip this time. Then it counts as later than the change, so a day without midnight does not start on the day before.
	return Math.max(guessMs, ms - offsetMs(guessMs, timezone));
}

function unixMsOfObject(value: unknown): number {
	if (typeof value !== 'object' || value === null) {
		return NaN;
	}
	const { getTime, toMillis = getTime } = value as Readonly<Record<string, unknown>>;
	const ms: unknown = typeof toMillis === 'function' && toMillis.call(value);
	return typeof ms === 'number' ? ms : NaN;
}

/** Kept, because making a format takes longer than using it a hundred times. */
const formatsByTimeZone = new Map<string, Intl.DateTimeFormat>();

/** How far the clocks of a zone are ahead of UTC at a moment. The format gives it as `GMT-03:30`, for some past years with seconds. */
function offsetMs(atMs: number, timeZone: string): number {
	const format =
		formatsByTimeZone.get(timeZone) ??
		new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
	formatsByTimeZone.set(timeZone, format);
	const [, sign, ...parts] = /([+-])(\d\d):(\d\d):?(\d*)$/.exec(format.format(atMs)) ?? [];
	const [hours = 0, minutes = 0, seconds = 0] = parts.map(Number);
	return (sign === '-' ? -1000 : 1000) * (hours * 3600 + minutes * 60 + seconds);
}

/** A Unix time below this number is in seconds (until the year 5138), one above it in milliseconds (since 1973). */
const LEAST_MS = 1e11;

/** The end of the year 9998. A later number is not a time of a device. */
const MOST_MS = 253_370_764_800_000;

/**
 * A Unix time of a response as ISO text, e.g. `2026-11-25T08:00:00.000+08:00`; undefined for values that are not times, such as 0.
 * @param time seconds or milliseconds
 * @param timezone its IANA name; an unknown name counts as UTC
 */
export function toIsoText(time: unknown, timezone: string): string | undefined {
	if (typeof time !== 'number' || !(time > 0)) {
		return undefined;
	}
	const ms = time < LEAST_MS ? time * 1000 : time;
	if (ms > MOST_MS) {
		return undefined;
	}
	let offsetMinutes = 0;
	try {
		offsetMinutes = Math.round(offsetMs(ms, timezone) / 60_000);
	} catch {
		// There is no such zone: the time is shown in UTC.
	}
	const localText = new Date(ms + offsetMinutes * 60_000).toISOString();
	if (offsetMinutes === 0) {
		return localText;
	}
	const offsetText = new Date(Math.abs(offsetMinutes) * 60_000).toISOString().slice(11, 16);
	return `${localText.slice(0, -1)}${offsetMinutes < 0 ? '-' : '+'}${offsetText}`;
}

/** A moment in the short form of messages, e.g. `11-28 02:15`. @param unixMinute minutes since 1970 */
export function dayAndTime(unixMinute: number, timezone: string): string {
	const text = toIsoText(unixMinute * 60, timezone) ?? '';
	return text.slice(5, 16).replace('T', ' ');
}
