import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Below node_modules, so that the bundle finds the same n8n-workflow as the engine. */
const BUNDLE = fileURLToPath(new URL('../node_modules/.cache/bench/sources.cjs', import.meta.url));

/** Bundles measuredParts.mts from the sources, as the package's own build does. */
export async function loadSources() {
	await build({
		entryPoints: [fileURLToPath(new URL('measuredParts.mts', import.meta.url))],
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'cjs',
		external: ['n8n-workflow'],
		outfile: BUNDLE,
		logLevel: 'error',
	});
	return createRequire(import.meta.url)(BUNDLE) as typeof import('./measuredParts.mts');
}
