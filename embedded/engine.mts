import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LookupFunction } from 'node:net';

type Class<T, Arguments extends unknown[] = never[]> = new (...args: Arguments) => T;

/** n8n's dependency injection container: one instance of each service per process. */
interface ServiceContainer {
	get<T>(service: Class<T>): T;
	set<T>(service: Class<T>, instance: T): void;
}

/** n8n's settings for the expression engine, from N8N_EXPRESSION_ENGINE_*. Timeout in ms, memory in MB. */
interface ExpressionEngineSettings {
	bridgeTimeout: number;
	bridgeMemoryLimit: number;
	poolSize: number;
	maxCodeCacheSize: number;
	compileCache: boolean;
}

/** n8n's settings for the egress policy (N8N_SSRF_*). `enabled` is false by default. */
interface EgressSettings {
	enabled: boolean;
	allowedIpRanges: string[];
	blockedIpRanges: string[];
	allowedHostnames: string[];
	blockedHostnames: string[];
}

interface EgressProtection {
	createSecureLookup(): LookupFunction;
}

const require = createRequire(import.meta.url);

// `require`, not `import`: n8n-core requires n8n-workflow's CommonJS build, and an import would bring a second
// copy with its own error classes and expression engine.
/** The n8n-workflow that the engine itself uses. */
export const n8nWorkflow = require('n8n-workflow') as typeof import('n8n-workflow');
// n8n limits each regular expression in a field's condition to 250 ms of wall clock time, which a busy machine exceeds.
n8nWorkflow.setSafeRegexEngine({
	exec: (pattern, input, flags) => new RegExp(pattern, flags).exec(input),
	test: (pattern, input, flags) => new RegExp(pattern, flags).test(input),
	replace: (pattern, input, flags, replacement) => input.replace(new RegExp(pattern, flags), replacement),
	matchAll: (pattern, input, flags = '') => [
		...input.matchAll(new RegExp(pattern, `${flags.replace('g', '')}g`)),
	],
	split: (pattern, input, flags) => input.split(new RegExp(pattern, flags)),
});

/** The engine. */
export const n8nCore = require('n8n-core') as typeof import('n8n-core');

// n8n-core brings its own copies of these packages; their types are not reachable from here, so each cast names
// the few members the host uses.
const requireFromCore = createRequire(require.resolve('n8n-core'));

export const { Container } = requireFromCore('@n8n/di') as { Container: ServiceContainer };

export const { Logger } = requireFromCore('@n8n/backend-common') as { Logger: Class<object> };

export const { ExpressionEngineConfig, SsrfProtectionConfig } = requireFromCore('@n8n/config') as {
	ExpressionEngineConfig: Class<ExpressionEngineSettings>;
	SsrfProtectionConfig: Class<EgressSettings, []>;
};

export const { OutboundHttp, SsrfProtectionService, DnsResolver } = requireFromCore(
	'@n8n/backend-network',
) as {
	OutboundHttp: Class<object, [EgressProtection, EgressSettings, object]>;
	SsrfProtectionService: Class<EgressProtection, [EgressSettings, object, object]>;
	DnsResolver: Class<object>;
};

/**
 * Creates n8n's InstanceSettings, which every execution context needs. The constructor writes a settings file
 * with a new encryption key: into a temporary folder that is removed at once, so that the home folder of
 * the user stays unchanged.
 */
export function createInstanceSettings(): void {
	const before = process.env.N8N_USER_FOLDER;
	const folder = mkdtempSync(join(tmpdir(), 'n8n-engine-'));
	process.env.N8N_USER_FOLDER = folder;
	try {
		Container.get(n8nCore.InstanceSettings as Class<unknown>);
	} finally {
		if (before === undefined) {
			delete process.env.N8N_USER_FOLDER;
		} else {
			process.env.N8N_USER_FOLDER = before;
		}
		rmSync(folder, { recursive: true, force: true });
	}
}
