const formatByTimezone = new Map<string, Intl.DateTimeFormat>();

/**
 * A moment as people read it: `2026-11-30 06:00:05 GMT+8`. It has day and zone, because readers mistook a bare time for one in another zone
 * or on another day.
 * @param timezone its IANA name; an unknown name counts as UTC
 */
export function timeText(ms: number, timezone: string): string {
	const parts = new Map(
		formatOf(timezone)
			.formatToParts(ms)
			.map(({ type, value }) => [type, value]),
	);
	const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
	const day = [part('year'), part('month'), part('day')].join('-');
	const time = [part('hour'), part('minute'), part('second')].join(':');
	return `${day} ${time} ${part('timeZoneName')}`;
}

function formatOf(timezone: string): Intl.DateTimeFormat {
	let format = formatByTimezone.get(timezone);
	if (format === undefined) {
		format = createFormat(timezone);
		formatByTimezone.set(timezone, format);
	}
	return format;
}

function createFormat(timeZone: string): Intl.DateTimeFormat {
	const digits = '2-digit';
	try {
		return new Intl.DateTimeFormat('en-US', {
			timeZone,
			timeZoneName: 'shortOffset',
			hourCycle: 'h23',
			year: 'numeric',
			month: digits,
			day: digits,
			hour: digits,
			minute: digits,
			second: digits,
		});
	} catch {
		return createFormat('UTC');
	}
}
