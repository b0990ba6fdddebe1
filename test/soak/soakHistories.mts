import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { HistoryKind } from '../histories/histories.mts';

const ENTRY = fileURLToPath(new URL('../histories/histories.mts', import.meta.url));
const BUNDLE = fileURLToPath(new URL('../../node_modules/.cache/storms/histories.mjs', import.meta.url));

/** How many broken histories of each kind are printed. */
const MOST_PRINTED = 3;

/**
 * Plays histories of two and three runs, statement by statement, and prints those that break a promise.
 * @param kind only this kind; undefined for all
 * @param count plays only every n-th one; undefined for all of them
 * @returns how many are broken
 */
export async function soakHistories({
	kind,
	count: every = 1,
}: {
	kind: string | undefined;
	count: number | undefined;
}): Promise<number> {
	// Bundled, because the sources import each other without file extensions, which Node does not resolve.
	await build({
		entryPoints: [ENTRY],
		bundle: true,
		platform: 'node',
		format: 'esm',
		outfile: BUNDLE,
		logLevel: 'error',
	});
	const { HISTORIES, playHistories } = (await import(BUNDLE)) as typeof import('../histories/histories.mts');
	const kinds = Object.keys(HISTORIES) as HistoryKind[];
	const chosen = kinds.filter((name) => kind === undefined || name === kind);
	if (chosen.length === 0) {
		throw new Error(`--kind is one of ${kinds.join(', ')}`);
	}
	let brokenCount = 0;
	for (const name of chosen) {
		const { count, broken } = await playHistories(name, every);
		brokenCount += broken.length;
		console.log(`${name}: ${count} histories, ${broken.length} broken`);
		for (const { what: kind, history } of broken.slice(0, MOST_PRINTED)) {
			console.error(`  ${kind.join('; ')}: ${JSON.stringify(history)}`);
		}
	}
	return brokenCount;
}
