/** A number with its noun: "1 row", "20,000 rows". */
export function counted(count: number, noun: string): string {
	return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** A part of a number with its noun: "2 of 3 rows", or "3 rows" for all of them. */
export function countedOf(part: number, total: number, noun: string): string {
	const countedTotal = counted(total, noun);
	return part === total ? countedTotal : `${part.toLocaleString('en-US')} of ${countedTotal}`;
}

/** How long something takes, in words: "about 45 s", "about 17 min", "about 8.3 h". */
export function aboutDuration(ms: number): string {
	const seconds = Math.max(1, Math.round(ms / 1000));
	if (seconds < 100) {
		return `about ${seconds} s`;
	}
	const minutes = seconds / 60;
	return minutes < 100 ? `about ${Math.round(minutes)} min` : `about ${(minutes / 60).toFixed(1)} h`;
}

/**
 * Masks everything that may be a phone number, so that at most seven of its digits remain.
 * @returns e.g. `138****8000` for `138-0013-8000`
 */
export function maskPhones(text: string): string {
	return text.replace(/\d(?:[ -]?\d){6,}/g, (number) => {
		const digits = number.replace(/\D/g, '');
		return `${digits.slice(0, 3)}****${digits.slice(Math.max(7, digits.length - 4))}`;
	});
}
