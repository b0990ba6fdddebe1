/** How long something takes, in words: "about 45 s", "about 17 min", "about 8.3 h". */
export function aboutDuration(ms: number): string {
	const seconds = Math.max(1, Math.round(ms / 1000));
	if (seconds < 100) return `about ${seconds} s`;
	const minutes = seconds / 60;
	return minutes < 100 ? `about ${Math.round(minutes)} min` : `about ${(minutes / 60).toFixed(1)} h`;
}
