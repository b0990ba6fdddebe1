const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?$/;
const TIME_WITH_ZONE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?\s?(Z|[+-]\d{2}:?\d{2})$/i;

/**
 * A moment as Unix milliseconds: an ISO text (n8n's own date-times have no zone), a Date or a luxon DateTime.
 * Undefined for anything else, numbers included: whether they are seconds or milliseconds is not to be guessed.
 * @param timezone that of a text without one, by its IANA name
 * @throws RangeError when it is needed and there is no such zone
 */
export function toUnixMs(value: unknown, timezone: string): number | undefined {
	const ms = typeof value === 'string' ? fromText(value.trim(), timezone) : fromObject(value);
	return Number.isFinite(ms) ? ms : undefined;
}

function fromText(text: string, timezone: string): number {
	if (!isDay(text)) return NaN;
	if (TIME_WITH_ZONE.test(text)) return Date.parse(text.replace(' ', 'T').replace(/\s/, ''));
	if (!LOCAL_TIME.test(text)) return NaN;
	const clockMs = Date.parse(`${text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T')}Z`);
	if (Number.isNaN(clockMs)) return NaN;
	// The offset is that of the moment looked for, which differs from the first guess near a change of the clock.
	return clockMs - offsetMs(clockMs - offsetMs(clockMs, timezone), timezone);
}

/** Whether the calendar has the day with which a text begins: JavaScript takes 30 February for 2 March. */
function isDay(text: string): boolean {
	const [year = NaN, month = NaN, day] = text.slice(0, 10).split('-').map(Number);
	return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

function fromObject(value: unknown): number {
	if (typeof value !== 'object' || value === null) return NaN;
	const { toMillis, getTime } = value as Readonly<Record<string, unknown>>;
	const ms: unknown =
		typeof toMillis === 'function'
			? toMillis.call(value)
			: typeof getTime === 'function' && getTime.call(value);
	return typeof ms === 'number' ? ms : NaN;
}

/** How far the clocks of a zone are ahead of UTC at a moment. */
function offsetMs(atMs: number, timeZone: string): number {
	const format = new Intl.DateTimeFormat('en-US', {
		timeZone,
		hourCycle: 'h23',
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		second: 'numeric',
	});
	const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
	const { year = NaN, month = NaN, day, hour, minute, second } = part;
	return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000;
}
