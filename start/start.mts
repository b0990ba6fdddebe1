import { runStart } from './runStart.mts';
import { terminalOfProcess } from './terminal.mts';

// A reader such as `head` that has seen enough is no reason to complain.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code !== 'EPIPE') {
		throw error;
	}
});

process.exitCode = await runStart(process.argv.slice(2), terminalOfProcess());
