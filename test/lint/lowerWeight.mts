/**
 * `npm run weight`: weighs the sources and both tarballs, and lowers each limit in weight.json that is above the weight. Prints
 * how the limits changed since the last tag, or within a year, and each commit that raised one.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { pack } from '../package/packed.mts';
import { excessOf, kilobytes, readLimits, weighSources, WEIGHT_FILE, type Weight } from './weight.mts';

async function packedKb(build: 'verified' | 'pool'): Promise<number> {
	const packed = await pack(build);
	await packed.remove();
	return kilobytes(packed.size);
}

const git = (...command: string[]) => execFileSync('git', command, { encoding: 'utf8' }).trim().split('\n');

/** The limits after each commit that changed them, oldest first. */
function pastLimits(): Array<{ commit: string; limits: Partial<Weight> }> {
	const [tag] = git('tag', '--merged', 'HEAD', '--sort=-creatordate');
	const span = tag ? [`${tag}..HEAD`] : ['--since=1 year ago'];
	const commits = git('log', '--reverse', '--format=%h %s', ...span, '--', WEIGHT_FILE).filter(Boolean);
	return commits.map((commit) => {
		const file = git('show', `${commit.split(' ')[0]}:./test/lint/weight.json`);
		return { commit, limits: JSON.parse(file.join('\n')) as Partial<Weight> };
	});
}

const limits = readLimits();
const measured: Weight = {
	...weighSources(),
	packedVerifiedKb: await packedKb('verified'),
	packedPoolKb: await packedKb('pool'),
};
const names = Object.keys(measured) as Array<keyof Weight>;
const past = pastLimits();
const firstOf = (name: keyof Weight) => past.find((version) => name in version.limits)?.limits[name];
for (const [index, { commit, limits: raised }] of past.entries()) {
	const before = past[index - 1]?.limits ?? {};
	const rises = names.flatMap((name) => {
		const rise = (raised[name] ?? 0) - (before[name] ?? Infinity);
		return rise > 0 ? [`${name} +${rise}`] : [];
	});
	if (rises.length > 0) {
		console.log(`${commit}: ${rises.join(', ')}`);
	}
}
console.table(
	Object.fromEntries(
		names.map((name) => [name, { first: firstOf(name), limit: limits[name], measured: measured[name] }]),
	),
);
const lowered = Object.fromEntries(
	names.map((name) => [name, Math.min(measured[name], limits[name] ?? Infinity)]),
);
writeFileSync(WEIGHT_FILE, `${JSON.stringify(lowered, null, '\t')}\n`);
const excess = excessOf(measured, limits);
if (excess.length > 0) {
	console.error(excess.join('\n'));
	process.exitCode = 1;
}
