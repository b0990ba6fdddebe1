import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { styleText } from 'node:util';

/** A writable output, such as process.stdout. */
export interface OutputStream {
	readonly isTTY?: boolean;
	write(text: string): unknown;
}

/** Asks the user at the terminal. A hidden reply is not shown while it is typed. */
export type Ask = (question: string, how?: { readonly isHidden: boolean }) => Promise<string>;

/** Where the command runs. Tests pass their own, so a run needs no process. */
export interface Terminal {
	readonly environment: NodeJS.ProcessEnv;
	readonly stdout: OutputStream;
	readonly stderr: OutputStream;
	/** Undefined if nobody can reply. */
	readonly ask: Ask | undefined;
}

/** The terminal of this process. */
export function terminalOfProcess(): Terminal {
	const { stdin, stdout, stderr, env } = process;
	return { environment: env, stdout, stderr, ask: stdin.isTTY ? ask : undefined };
}

async function ask(question: string, { isHidden } = { isHidden: false }): Promise<string> {
	// Output is suppressed during a hidden reply, so the question is written first.
	const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
	const output = isHidden ? hidden : process.stderr;
	const reader = createInterface({ input: process.stdin, output, terminal: true });
	if (isHidden) {
		process.stderr.write(question);
	}
	try {
		const reply = await reader.question(isHidden ? '' : question);
		return reply.trim();
	} finally {
		reader.close();
		if (isHidden) {
			process.stderr.write('\n');
		}
	}
}

/** How a text is highlighted. */
export type Mark = 'good' | 'bad' | 'faint';

export type Paint = (mark: Mark, text: string) => string;

const STYLES = { good: ['bold', 'green'], bad: ['bold', 'red'], faint: ['gray'] } as const;

/** Colours on a terminal, but not in a file or a pipe, nor with NO_COLOR (https://no-color.org). */
export function paintFor(stream: OutputStream, { NO_COLOR: noColor = '' }: NodeJS.ProcessEnv): Paint {
	if (stream.isTTY !== true || noColor !== '') {
		return (_mark, text) => text;
	}
	return (mark, text) => styleText([...STYLES[mark]], text, { validateStream: false });
}
