import { readCommandLine, usage } from './commandLine.mts';
import type { RowsSettings } from './commandLine.mts';
import { InputError } from './inputError.mts';
import type { ProbeSettings } from './probe/settings.mts';
import { readRows } from './rows.mts';

// A reader such as `head` that has seen enough is no reason to complain.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code !== 'EPIPE') {
		throw error;
	}
});

try {
	const settings = readCommandLine(process.argv.slice(2), process.env);
	if (settings === 'help') {
		process.stdout.write(usage);
	} else {
		process.exitCode = await run(settings);
	}
} catch (error) {
	const message = error instanceof Error ? error.message : String(error);
	// File and column names may hold line breaks.
	process.stderr.write(`${message.replace(/\s+/g, ' ').trim()}\n`);
	process.exitCode = error instanceof InputError ? 2 : 1;
}

/** The engine is loaded only here: wrong arguments and files fail at once, without it. */
async function run(settings: RowsSettings | ProbeSettings): Promise<number> {
	if ('file' in settings) {
		const table = await readRows(settings.file);
		const { runTable } = await import('./runTable.mts');
		return await runTable(table, settings);
	}
	const { runProbe } = await import('./probe/probe.mts');
	return await runProbe(settings);
}
