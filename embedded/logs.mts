import { Container, Logger, n8nWorkflow } from './engine.mts';

/** One message that the engine or a node logged; `metadata` is the object that came with it, not a copy. */
export interface LogEntry {
	level: 'error' | 'warn' | 'info' | 'debug';
	message: string;
	metadata: unknown;
}

let entries: LogEntry[] = [];

function record(level: LogEntry['level']) {
	return (message: string, metadata?: unknown) => {
		entries.push({ level, message, metadata });
	};
}

/** Replaces n8n's console logger: in the engine's services, `this.logger` of nodes and LoggerProxy. */
const recorder = {
	error: record('error'),
	warn: record('warn'),
	info: record('info'),
	debug: record('debug'),
	scoped: () => recorder,
};

/** Replaces n8n's logger with the recorder. Call it before any service is created. */
export function installLogRecorder(): void {
	Container.set(Logger, recorder);
	n8nWorkflow.LoggerProxy.init(recorder);
}

/** Starts a new, empty list and returns it; everything logged from now on is added to it. */
export function recordLogs(): LogEntry[] {
	entries = [];
	return entries;
}
