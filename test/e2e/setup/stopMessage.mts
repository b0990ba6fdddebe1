import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/** The exit code that tells something missing from a test that failed. */
const CANNOT_START = 2;

/** Something that whoever runs this has to do first. The message is one sentence that says what. */
export class CannotStart extends Error {
	override readonly name = 'CannotStart';
}

/** Runs a command's main function; reports what it cannot start without in one sentence instead of a stack. */
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

/** What the flags of the command line say. @throws CannotStart with what is wrong with them, and the help */
export function readFlags<const Options extends ParseArgsOptionsConfig>(options: Options, help: string) {
	try {
		return parseArgs({ options }).values;
	} catch (cause) {
		throw new CannotStart(`${cause instanceof Error ? cause.message : String(cause)}\n\n${help}`, { cause });
	}
}
