import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/** The exit code when something is missing, to tell it from a failed test. */
const CANNOT_START = 2;

/** The user must do something first. The message says what, in one sentence. */
export class CannotStart extends Error {
	override readonly name = 'CannotStart';
}

/** Runs a command's main function; prints only the message of a `CannotStart`, without a stack trace. */
export async function runMain(main: () => Promise<void>): Promise<void> {
	try {
		await main();
	} catch (cause) {
		if (!(cause instanceof CannotStart)) {
			throw cause;
		}
		process.stderr.write(`${cause.message}\n`);
		process.exitCode = CANNOT_START;
	}
}

/** Reads the flags of the command line. @throws CannotStart with the mistake and the help */
export function readFlags<const Options extends ParseArgsOptionsConfig>(options: Options, help: string) {
	try {
		return parseArgs({ options }).values;
	} catch (cause) {
		throw new CannotStart(`${cause instanceof Error ? cause.message : String(cause)}\n\n${help}`, { cause });
	}
}
