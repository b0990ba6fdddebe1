/** What progress is written to, such as process.stderr. */
export interface ProgressStream {
	readonly isTTY?: boolean;
	write(text: string): unknown;
}

const REDRAW_MS = 100;
const MS_BETWEEN_LINES = 1000;

/**
 * Shows a text that changes, until the function it returns is called: on a terminal as one line that is rewritten,
 * elsewhere as a line each second in which it has changed. The last text stays.
 */
export function showProgress(stream: ProgressStream, describe: () => string): () => void {
	const { isTTY = false } = stream;
	let shown = '';
	const show = () => {
		const text = describe();
		if (text === shown) return;
		shown = text;
		stream.write(isTTY ? `\r\u001b[2K${text}` : `${text}\n`);
	};
	show();
	const timer = setInterval(show, isTTY ? REDRAW_MS : MS_BETWEEN_LINES);
	return () => {
		clearInterval(timer);
		show();
		if (isTTY) stream.write('\n');
	};
}
