import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** The share of the mutants that are tried, 0 to 1. */
export const share = Number(process.env.MUTATION_SHARE ?? 1);

/** Accepts a random sample of the mutants: the same ones in each run with the same share, as long as their code is unchanged. */
class Sample {
	async init() {}

	async check(mutants) {
		const skipped = { status: 'compileError', reason: 'not in the sample' };
		return Object.fromEntries(
			mutants.map((mutant) => [mutant.id, positionOf(mutant) < share ? { status: 'passed' } : skipped]),
		);
	}

	group(mutants) {
		return [mutants.map(({ id }) => id)];
	}
}

/** @returns a number from 0 to 1, evenly spread */
function positionOf({ fileName, location, replacement }) {
	const text = JSON.stringify([share, relative(process.cwd(), fileName), location, replacement]);
	return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'sample', Sample)];
