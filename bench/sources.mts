import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Below node_modules, so that the bundle finds the same n8n-workflow as the engine. */
const BUNDLE = `${root}node_modules/.cache/bench/sources.cjs`;

const ENTRY = `
export { readItems } from './nodes/TencentCloudIot/input/itemReader';
export { pushOperation } from './nodes/TencentCloudIot/resources/deviceBinding/push.operation';
export { createFreshness, signRequest } from './nodes/TencentCloudIot/service/signing/request';
export { encodeParameters, hmacSha1, textToSign } from './nodes/TencentCloudIot/service/signing/signature';
export { ALL_WELL } from './nodes/TencentCloudIot/sync/reported';
export { baselineOf } from './nodes/TencentCloudIot/sync/state/baseline';
export { closedState } from './nodes/TencentCloudIot/sync/state/lastRun';
export { minuteOf, StateEntries } from './nodes/TencentCloudIot/sync/entries/stateEntries';
export { systemClock } from './nodes/TencentCloudIot/systemClock';
`;

/** The parts of the package that are measured alone. */
export type Sources = typeof import('../nodes/TencentCloudIot/input/itemReader') &
	typeof import('../nodes/TencentCloudIot/resources/deviceBinding/push.operation') &
	typeof import('../nodes/TencentCloudIot/service/signing/request') &
	typeof import('../nodes/TencentCloudIot/service/signing/signature') &
	typeof import('../nodes/TencentCloudIot/sync/health') &
	typeof import('../nodes/TencentCloudIot/sync/state/baseline') &
	typeof import('../nodes/TencentCloudIot/sync/state/baseline') &
	typeof import('../nodes/TencentCloudIot/sync/state/lastRun') &
	typeof import('../nodes/TencentCloudIot/sync/state/entries') &
	typeof import('../nodes/TencentCloudIot/systemClock');

/** Bundles them from the sources, as the package's own build does. */
export async function loadSources(): Promise<Sources> {
	await build({
		stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' },
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'cjs',
		external: ['n8n-workflow'],
		outfile: BUNDLE,
		logLevel: 'error',
	});
	return createRequire(import.meta.url)(BUNDLE) as Sources;
}
