import { registerHooks } from 'node:module';
import { terminalOfProcess } from './terminal.mts';

// The node's sources import each other without an extension, for the bundler.
registerHooks({
	resolve(specifier, context, nextResolve) {
		const isFromSource = context.parentURL?.includes('/nodes/TencentCloudIot/') === true;
		const lacksExtension = /^\.{1,2}\//.test(specifier) && !/\.\w+$/.test(specifier);
		const resolved = nextResolve(isFromSource && lacksExtension ? `${specifier}.ts` : specifier, context);
		const isSource = /\/nodes\/TencentCloudIot\/.*\.ts$/.test(resolved.url);
		return isSource ? { ...resolved, format: 'module-typescript' } : resolved;
	},
});

// A reader such as `head` may close the pipe early: not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code !== 'EPIPE') {
		throw error;
	}
});

const { runStart } = await import('./runStart.mts');
process.exitCode = await runStart(process.argv.slice(2), terminalOfProcess());
