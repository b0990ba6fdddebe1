import {
	Container,
	DnsResolver,
	ExpressionEngineConfig,
	Logger,
	OutboundHttp,
	SsrfProtectionConfig,
	SsrfProtectionService,
	n8nCore,
	n8nWorkflow,
} from './engine.mts';
import { Deduplicator, createProcessedData, type ProcessedDataTable } from './processedData.mts';

/** `vm`: n8n 2.41's default, expressions run in an isolate; `legacy`: the evaluator of n8n 1.x. */
export type ExpressionEngine = 'vm' | 'legacy';

/**
 * n8n's egress policy. IP ranges as `127.0.0.0/8`, host names as `example.com` or `*.example.com`. Ranges left out
 * are n8n's defaults: private, loopback and link-local addresses are blocked, nothing else.
 */
export interface EgressPolicy {
	allowedIpRanges?: string[];
	blockedIpRanges?: string[];
	allowedHostnames?: string[];
	blockedHostnames?: string[];
}

/** Selects the evaluator for the next run. The isolates start at the first use and keep no handle open. */
export async function useExpressionEngine(engine: ExpressionEngine): Promise<void> {
	const { Expression } = n8nWorkflow;
	if (engine === 'vm') {
		const settings = Container.get(ExpressionEngineConfig);
		await Expression.initExpressionEngine({
			engine,
			bridgeTimeout: settings.bridgeTimeout,
			bridgeMemoryLimit: settings.bridgeMemoryLimit,
			poolSize: settings.poolSize,
			maxCodeCacheSize: settings.maxCodeCacheSize,
			compileCache: settings.compileCache,
			// n8n builds an isolate for every execution, needed or not, which takes 26 ms. Built at the first expression
			// instead, it evaluates the same way.
			lazyAcquire: true,
		});
	}
	Expression.setExpressionEngine(engine);
}

/**
 * Sets the policy of `helpers.getSecureEgressFilter()` and n8n's own HTTP helpers for the next run. `off` is
 * n8n's default: the filter exists and lets everything through.
 */
export function useEgressPolicy(policy: EgressPolicy | 'off'): void {
	const settings = new SsrfProtectionConfig();
	if (policy !== 'off') {
		Object.assign(settings, policy, { enabled: true });
	}
	const logger = Container.get(Logger);
	const protection = new SsrfProtectionService(settings, Container.get(DnsResolver), logger);
	Container.set(OutboundHttp, new OutboundHttp(protection, settings, logger));
}

let deduplicator = new Deduplicator(createProcessedData());

/** Installs, once per process, the implementation of the deduplication helpers of nodes. */
export function installDeduplication(): void {
	void n8nCore.DataDeduplicationService.init({
		checkProcessedAndRecord: async (...args) => await deduplicator.checkProcessedAndRecord(...args),
		removeProcessed: async (...args) => await deduplicator.removeProcessed(...args),
		clearAllProcessedItems: async (...[scope, context]) =>
			await deduplicator.clearAllProcessedItems(scope, context),
		getProcessedDataCount: async (...args) => await deduplicator.getProcessedDataCount(...args),
	});
}

/** Sets the table of these helpers for the next run. */
export function useProcessedData(table: ProcessedDataTable): void {
	deduplicator = new Deduplicator(table);
}

/**
 * Sets environment variables of the process (undefined removes one) and returns a function that restores the previous
 * values. In a test file `process.env` is a copy that neither the engine nor a built node sees.
 */
export function setEnvironment(variables: Record<string, string | undefined>): () => void {
	const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
	const set = ([name, value]: readonly [string, string | undefined]) => {
		if (value === undefined) {
			delete process.env[name];
		} else {
			process.env[name] = value;
		}
	};
	Object.entries(variables).forEach(set);
	return () => before.forEach(set);
}
