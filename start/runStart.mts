import { readCommandLine, usage } from './commandLine.mts';
import { InputError } from './inputError.mts';
import { readRows } from './rows.mts';
import type { Terminal } from './terminal.mts';

/**
 * Runs `npm start` with these arguments.
 *
 * @returns the exit code: 0 when everything is correct, 2 when the arguments or the file cannot be used, else 1
 */
export async function runStart(args: readonly string[], terminal: Terminal): Promise<number> {
	try {
		return await run(args, terminal);
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		// File and column names may contain line breaks.
		terminal.stderr.write(`${message.replace(/\s+/g, ' ').trim()}\n`);
		return error instanceof InputError ? 2 : 1;
	}
}

/** Loads the engine only when it is needed, so wrong arguments and files fail at once. */
async function run(args: readonly string[], terminal: Terminal): Promise<number> {
	const settings = readCommandLine(args);
	if (settings === 'help') {
		terminal.stdout.write(usage);
		return 0;
	}
	if ('file' in settings) {
		const table = await readRows(settings.file);
		const { runTable } = await import('./runTable.mts');
		return await runTable(table, settings, terminal);
	}
	const { runProbe } = await import('./probe/probe.mts');
	return await runProbe(settings, terminal);
}
