import { runStart } from '../../start/runStart.mts';

/** How `npm start` ended and what it wrote. */
export interface StartRun {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
	/** What was asked on the terminal, in order. */
	readonly questions: readonly string[];
}

/** Who sits at the terminal. */
export interface Setting {
	readonly environment?: NodeJS.ProcessEnv;
	/** What is replied to each question: by its text, or by the next entry. Left out: nobody is there. */
	readonly replies?: ((question: string) => string) | readonly string[];
	/** Whether both streams are those of a terminal. */
	readonly isTTY?: boolean;
}

/** Without the node's limit of 20 requests a second. */
export const FAST = ['--set', 'requestsPerSecond=0'];

/** Runs `npm start` with these arguments in this process, with no key or secret but the given ones. */
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
