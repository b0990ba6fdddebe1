import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scanAll, type Scan } from '../../packaging/release/scan.mts';
import { pack, rootFolder, type Packed } from './packed.mts';

const rulesOf = ({ findings }: Scan) => [...new Set(findings.map(({ ruleId }) => ruleId))].sort();

let verified: Packed;
let scans: Record<'sources' | 'verified' | 'spoilt', Scan>;
beforeAll(async () => {
	verified = await pack('verified');
	const spoilt = await spoil(await pack('verified'));
	const [ofSources, ofVerified, ofSpoilt] = await scanAll(
		['sources', rootFolder],
		...[verified, spoilt].map(({ folder }) => ['package', folder] as ['package', string]),
	);
	scans = { sources: ofSources!, verified: ofVerified!, spoilt: ofSpoilt! };
	await spoilt.remove();
});
afterAll(async () => await verified?.remove());

/** Adds code that the scanner refuses to a package, and a comment that tries to disable the rule. */
async function spoil(packed: Packed): Promise<Packed> {
	const script = 'dist/nodes/TencentCloudIot/TencentCloudIot.node.js';
	const code = await packed.readText(script);
	await writeFile(join(packed.folder, script), `/* eslint-disable */ ${code}\nprocess.env;`);
	const manifest = { ...packed.manifest, overrides: { undici: '7' } };
	await writeFile(join(packed.folder, 'package.json'), JSON.stringify(manifest));
	return packed;
}

test("n8n's scanner finds nothing in the sources, not even a warning", () => {
	const { files, findings } = scans.sources;
	expect(findings).toEqual([]);
	expect(files).toEqual(
		expect.arrayContaining([
			'package.json',
			'credentials/TencentCloudIotApi.credentials.ts',
			'nodes/TencentCloudIot/TencentCloudIot.node.ts',
		]),
	);
});

test("n8n's scanner finds nothing in the packed verified build", () => {
	const { files, findings } = scans.verified;
	expect(findings).toEqual([]);
	const scripts = verified.files.filter((file) => file.endsWith('.js'));
	expect([...files].sort()).toEqual([...scripts, 'package.json'].sort());
});

test('A comment cannot disable the scanner, which also checks package.json', () => {
	expect(rulesOf(scans.spoilt)).toEqual([
		'@n8n/community-nodes/no-overrides-field',
		'@n8n/community-nodes/no-restricted-globals',
	]);
});
