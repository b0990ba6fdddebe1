import type { OutputStream } from './terminal.mts';

/** The progress of a run. */
export interface Progress {
	/** From 0 to 1. */
	readonly fraction: number;
	/** What was done so far, e.g. "86 requests". */
	readonly text: string;
}

/** Runs that end sooner show no progress. */
const QUIET_MS = 2_000;
const REDRAW_MS = 100;
const MS_BETWEEN_LINES = 10_000;
const BAR_WIDTH = 30;

/**
 * Shows the progress from the third second on until the returned function is called: on a terminal as a bar
 * that disappears at the end, elsewhere as a line every 10 seconds.
 */
export function showProgress(stream: OutputStream, describe: () => Progress): () => void {
	const startedMs = performance.now();
	const isTerminal = stream.isTTY === true;
	let isShown = false;
	const show = () => {
		if (performance.now() - startedMs < QUIET_MS) {
			return;
		}
		isShown = true;
		const line = `${bar(describe())}`;
		stream.write(isTerminal ? `\r\u001b[2K${line}` : `${line}\n`);
	};
	const timer = setInterval(show, isTerminal ? REDRAW_MS : MS_BETWEEN_LINES);
	return () => {
		clearInterval(timer);
		if (isShown && isTerminal) {
			stream.write('\r\u001b[2K');
		}
	};
}

function bar({ fraction, text }: Progress): string {
	const part = Math.min(1, Math.max(0, fraction));
	const filled = Math.round(part * BAR_WIDTH);
	const percent = `${Math.floor(part * 100)} %`.padStart(5);
	return `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] ${percent}  ${text}`;
}
