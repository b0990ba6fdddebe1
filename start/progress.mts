/** What progress is written to, such as process.stderr. */
export interface ProgressStream {
	readonly isTTY?: boolean;
	write(text: string): unknown;
}

const REDRAW_MS = 100;
const MS_BETWEEN_LINES = 10_000;

/** stderr, as a terminal only where stdout is one too: what is kept or piped on gets whole lines. */
export const standardError: ProgressStream = {
	isTTY: process.stdout.isTTY && process.stderr.isTTY,
	write: (text) => process.stderr.write(text),
};

/**
 * Shows a text that changes, until the function it returns is called: on a terminal as one line that is rewritten,
 * elsewhere as a line every 10 seconds, which shows that it continues. The last text stays.
 */
export function showProgress(stream: ProgressStream, describe: () => string): () => void {
	const { isTTY = false } = stream;
	let shown = '';
	const show = () => {
		shown = describe();
		stream.write(isTTY ? `\r\u001b[2K${shown}` : `${shown}\n`);
	};
	const showChanged = () => {
		if (describe() !== shown) {
			show();
		}
	};
	show();
	const timer = isTTY ? setInterval(showChanged, REDRAW_MS) : setInterval(show, MS_BETWEEN_LINES);
	return () => {
		clearInterval(timer);
		showChanged();
		if (isTTY) {
			stream.write('\n');
		}
	};
}
