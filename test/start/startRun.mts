import { runStart } from '../../start/runStart.mts';

/** How `npm start` ended and what it wrote. */
export interface StartRun {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
	/** The questions on the terminal, in order. */
	readonly questions: readonly string[];
}

/** The terminal and environment of a run. */
export interface Setting {
	readonly environment?: NodeJS.ProcessEnv;
	/** The reply to each question: by its text, or the next entry. Left out: no terminal. */
	readonly replies?: ((question: string) => string) | readonly string[];
	/** Whether both streams are those of a terminal. */
	readonly isTTY?: boolean;
}

/** Without the node's limit of 20 requests a second. */
export const FAST = ['--set', 'requestsPerSecond=0'];

/** Runs `npm start` with these arguments in this process, with no key or secret from the real environment. */
export async function start(
	args: readonly string[],
	{ environment = {}, replies, isTTY = false }: Setting = {},
): Promise<StartRun> {
	let stdout = '';
	let stderr = '';
	const questions: string[] = [];
	const ask = async (question: string) => {
		questions.push(question);
		return typeof replies === 'function' ? replies(question) : (replies?.[questions.length - 1] ?? '');
	};
	const exitCode = await runStart(args, {
		environment,
		stdout: {
			isTTY,
			write: (text) => {
				stdout += text;
			},
		},
		stderr: {
			isTTY,
			write: (text) => {
				stderr += text;
			},
		},
		ask: replies === undefined ? undefined : ask,
	});
	return { exitCode, stdout, stderr, questions };
}
