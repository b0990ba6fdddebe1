/**
 * `npm run release:check`: checks everything about a release that a program can check, then lists the manual steps. It builds
 * and packs, publishes nothing, and queries only npm's registry, for advisories. Exits with 1 if a check fails.
 */
import { paintFor } from '../../start/terminal.mts';
import { ACTS } from './acts.mts';
import { checkAdvisories, checkBillOfMaterials, checkRebuild, packBoth, type Builds } from './builds.mts';
import { GUIDELINES } from './guidelines.mts';
import { checkChangelog, checkKeptVersion, checkLinks, checkPictures, checkVersion } from './pages.mts';
import type { Row } from './row.mts';
import { scanAll } from './scan.mts';
import { unpack, type Unpacked } from './unpacked.mts';

const root = process.cwd();
const paint = paintFor(process.stdout, process.env);

function showSection(title: string, rows: readonly Row[]): void {
	process.stdout.write(`\n${title}\n`);
	for (const { name, state, details, page } of rows) {
		const mark = { met: paint('good', '✓'), notMet: paint('bad', '✗'), notKnown: '?' }[state];
		process.stdout.write(`  ${mark} ${name}${page === undefined ? '' : paint('faint', `  ${page}`)}\n`);
		for (const detail of details) {
			process.stdout.write(`      ${detail}\n`);
		}
	}
}

async function checkGuidelines(packed: Unpacked): Promise<Row[]> {
	const [ofSources, ofPackage] = await scanAll(['sources', root], ['package', packed.folder]);
	const scan = {
		files: [...(ofSources?.files ?? []), ...(ofPackage?.files ?? [])],
		findings: [...(ofSources?.findings ?? []), ...(ofPackage?.findings ?? [])],
	};
	return GUIDELINES.map(({ name, page, check }): Row => {
		const details = check({ packed, scan });
		return { name, page, details, state: details.length === 0 ? 'met' : 'notMet' };
	});
}

async function checkBuilds(builds: Builds): Promise<Row[]> {
	return [
		checkBillOfMaterials(builds.materials),
		await checkAdvisories(builds.materials),
		await checkRebuild(root, builds),
	];
}

const builds = await packBoth(root);
const packed = await unpack(builds.verified);
// The scan takes the longest and runs in a separate process.
const [guidelines, inside] = await Promise.all([checkGuidelines(packed), checkBuilds(builds)]);
const version = packed.manifest.version ?? '';
const pages = [
	checkVersion(version),
	checkChangelog(version),
	checkKeptVersion(version),
	checkLinks(),
	checkPictures(),
];
showSection(`n8n's ${guidelines.length} guidelines, over the packed files of ${version}`, guidelines);
showSection('Version and pages', pages);
showSection('Inside the package', inside);

const rows = [...guidelines, ...pages, ...inside];
const notMet = rows.filter(({ state }) => state === 'notMet').length;
const notKnown = rows.filter(({ state }) => state === 'notKnown').length;
process.stdout.write('\nWhat only a person can do, in this order\n');
ACTS.forEach((act, index) => process.stdout.write(`  ${index + 1}. ${act}\n`));
const met = `${rows.length - notMet - notKnown} of ${rows.length} checks are met`;
const open = notKnown === 0 ? '' : `, ${notKnown} not known here`;
process.stdout.write(
	`\n${paint(notMet === 0 ? 'good' : 'bad', `${met}${open}`)}, in ${Math.round(process.uptime())} s\n`,
);
process.exitCode = notMet === 0 ? 0 : 1;
