/** `npm run weight`: weighs the sources and both tarballs, and lowers the limits in weight.json that are met with room. */
import { writeFileSync } from 'node:fs';
import { pack } from '../package/packed.mts';
import { excessOf, kilobytes, readLimits, weighSources, WEIGHT_FILE, type Weight } from './weight.mts';

async function packedKb(build: 'verified' | 'pool'): Promise<number> {
	const packed = await pack(build);
	await packed.remove();
	return kilobytes(packed.size);
}

const limits = readLimits();
const measured: Weight = {
	...weighSources(),
	packedVerifiedKb: await packedKb('verified'),
	packedPoolKb: await packedKb('pool'),
};
const names = Object.keys(measured) as Array<keyof Weight>;
console.table(
	Object.fromEntries(names.map((name) => [name, { measured: measured[name], limit: limits[name] }])),
);
const lowered = Object.fromEntries(names.map((name) => [name, Math.min(measured[name], limits[name])]));
writeFileSync(WEIGHT_FILE, `${JSON.stringify(lowered, null, '\t')}\n`);
const excess = excessOf(measured, limits);
if (excess.length > 0) {
	console.error(excess.join('\n'));
	process.exitCode = 1;
}
