import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ICredentialType, INodeType } from 'n8n-workflow';
import { ACTS } from '../../packaging/release/acts.mts';
import { readAdvisories } from '../../packaging/release/advisories.mts';
import { checkBillOfMaterials, type BillOfMaterials } from '../../packaging/release/builds.mts';
import { GUIDELINES, type Evidence } from '../../packaging/release/guidelines.mts';
import { checkChangelog, checkKeptVersion, checkVersion } from '../../packaging/release/pages.mts';
import { pack, unpack, type Manifest, type Unpacked } from '../../packaging/release/unpacked.mts';

let sound: Unpacked;
beforeAll(async () => {
	// Inside the repository, so that its imports of n8n resolve.
	sound = await unpack(await pack('.', 'build/release/tested'));
});

type Changes = Partial<Omit<Unpacked, 'manifest'>> & {
	readonly manifest?: Partial<Manifest>;
	readonly findings?: readonly string[];
};

/** The evidence of a valid package, with changes. */
function evidence({ manifest = {}, findings = [], ...changes }: Changes = {}): Evidence {
	const files = changes.files ?? sound.files;
	return {
		packed: {
			...sound,
			has: (file) => files.includes(file),
			...changes,
			manifest: { ...sound.manifest, ...manifest },
		},
		scan: {
			files: ['package.json'],
			findings: findings.map((ruleId) => ({ file: 'package.json', line: 1, ruleId, message: 'it is so' })),
		},
	};
}

const notMet = (found: Evidence) =>
	GUIDELINES.filter(({ check }) => check(found).length > 0).map(({ name }) => name);

/** The node with a changed description. */
function nodeWith(changes: Record<string, unknown>): readonly INodeType[] {
	const [node] = sound.nodes;
	return [{ ...node!, description: { ...node!.description, ...changes } } as INodeType];
}

/** The credential with changes. */
function credentialWith(changes: Record<string, unknown>): readonly ICredentialType[] {
	return [{ ...sound.credentials[0]!, ...changes } as ICredentialType];
}

const field = (displayName: string, more: object = {}) => ({
	displayName,
	name: 'x',
	type: 'string',
	...more,
});

/** Changes that break only the guideline of this name. */
const BROKEN: ReadonlyArray<readonly [guideline: string, changes: () => Changes]> = [
	['The name begins with n8n-nodes-', () => ({ manifest: { name: 'tencent-iot' } })],
	['The keywords include n8n-community-node-package', () => ({ manifest: { keywords: ['iot'] } })],
	['The licence is MIT, and its text is packed', () => ({ manifest: { license: 'ISC' } })],
	['The author has a name and an address', () => ({ manifest: { author: { name: 'somebody' } } })],
	[
		'The repository is the one that is published',
		() => ({ manifest: { repository: { url: 'git+https://a/b.git' } } }),
	],
	['The homepage leads to a page', () => ({ manifest: { homepage: 'none' } })],
	['The description says what the package is for', () => ({ manifest: { description: 'A node' } })],
	['Only what is needed is packed', () => ({ files: [...sound.files, 'dist/tsconfig.tsbuildinfo'] })],
	['There are no dependencies', () => ({ manifest: { dependencies: { undici: '7' } } })],
	[
		'n8n-workflow is the only peer, in any version',
		() => ({ manifest: { peerDependencies: { 'n8n-workflow': '^2' } } }),
	],
	['Nothing runs at installation', () => ({ manifest: { scripts: { postinstall: 'node x' } } })],
	['There are no overrides', () => ({ manifest: { overrides: { undici: '7' } } })],
	[
		'The n8n entry is strict, and everything that it names is packed',
		() => ({ manifest: { n8n: { ...sound.manifest.n8n, strict: false } } }),
	],
	[
		'The code touches neither environment nor files',
		() => ({
			read: (file: string) =>
				file.endsWith('.js') ? 'require("node:fs").readFileSync(process.env.HOME)' : sound.read(file),
		}),
	],
	[
		"n8n's scanner has no other findings",
		() => ({ findings: ['@n8n/community-nodes/no-dangerous-functions'] }),
	],
	[
		'Node and credential have a light and a dark icon, packed as SVG',
		() => ({ nodes: nodeWith({ icon: { light: 'file:a.svg', dark: 'file:a.svg' } }) }),
	],
	[
		'Each credential can be tested',
		() => ({ nodes: nodeWith({ credentials: [{ name: 'tencentCloudIotApi' }] }) }),
	],
	[
		'Secrets are typed as passwords',
		() => ({ credentials: credentialWith({ properties: [field('App Secret', { name: 'appSecret' })] }) }),
	],
	[
		'Each credential links to its documentation',
		() => ({
			credentials: credentialWith({
				documentationUrl: 'https://github.com/n8n-nodes-tencent-iot/n8n-nodes-tencent-iot#gone',
			}),
		}),
	],
	['Each node can be a tool of an AI agent', () => ({ nodes: nodeWith({ usableAsTool: undefined }) })],
	['Each node has a subtitle, a category and aliases', () => ({ nodes: nodeWith({ subtitle: '' }) })],
	[
		'Labels are in Title Case, descriptions of switches begin with Whether',
		() => ({ nodes: nodeWith({ properties: [field('Dry run'), field('Dry Run', { type: 'boolean' })] }) }),
	],
	[
		'The panel and README are in English, with usage, examples and credentials',
		() => ({ nodes: nodeWith({ properties: [field('Dry Run', { description: '预览' })] }) }),
	],
	[
		'It is published from GitHub with provenance',
		() => ({ manifest: { publishConfig: { provenance: false } } }),
	],
];

test('The packed package meets all 24 guidelines, each of which links to its page.', () => {
	expect(GUIDELINES).toHaveLength(24);
	expect(BROKEN.map(([name]) => name)).toEqual(GUIDELINES.map(({ name }) => name));
	expect(
		GUIDELINES.filter(({ page }) => !/^https:\/\/(docs\.n8n\.io|github\.com\/n8n-io)\//.test(page)),
	).toEqual([]);
	expect(notMet(evidence())).toEqual([]);
});

test.each(BROKEN)(
	'A package that breaks one guideline fails only the row of this guideline: %s',
	(name, changes) => {
		expect(notMet(evidence(changes()))).toEqual([name]);
	},
);

test("A finding of n8n's scanner is in the row of its rule.", () => {
	const found = evidence({ findings: ['@n8n/community-nodes/no-overrides-field'] });
	expect(notMet(found)).toEqual(['There are no overrides']);
});

describe('The advisories of bundled libraries', () => {
	const libraries = [{ name: 'undici', version: '5.0.0' }];

	/** Queries a registry that has these advisories, and the versions of the library that npm requests. */
	async function audited(advisories: object): Promise<ReturnType<typeof readAdvisories>> {
		const registry = createServer((request, response) => {
			const packument = {
				name: 'undici',
				'dist-tags': { latest: '5.0.0' },
				versions: { '5.0.0': { name: 'undici', version: '5.0.0' } },
			};
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify(request.method === 'POST' ? advisories : packument));
		});
		await once(registry.listen(0, '127.0.0.1'), 'listening');
		const { port } = registry.address() as AddressInfo;
		const found = await readAdvisories(libraries, [`--registry=http://127.0.0.1:${port}/`]);
		registry.close();
		return found;
	}

	test('are named with their severity and page', async () => {
		const advisory = {
			id: 1,
			url: 'https://github.com/advisories/GHSA-x',
			title: 'Requests are mixed up',
			severity: 'high',
			vulnerable_versions: '<5.8.0',
		};
		expect(await audited({ undici: [advisory] })).toEqual({
			kind: 'known',
			found: ['undici: high: Requests are mixed up (https://github.com/advisories/GHSA-x)'],
		});
	});

	test('are none if the registry has none', async () => {
		expect(await audited({})).toEqual({ kind: 'known', found: [] });
	});

	test('are not known if the registry cannot be reached, which is not reported as an advisory', async () => {
		expect(await readAdvisories(libraries, ['--registry=http://127.0.0.1:9/'])).toEqual({
			kind: 'unreachable',
			why: expect.stringContaining('127.0.0.1:9') as unknown,
		});
	});
});

test('A bill of materials without a hash, a licence or any library fails the check.', () => {
	const component = {
		name: 'undici',
		version: '7.0.0',
		hashes: [{ alg: 'SHA-512', content: 'a'.repeat(128) }],
		licenses: [{}],
	};
	const materials = (components: NonNullable<BillOfMaterials['components']>): BillOfMaterials[] => [
		{ specVersion: '1.6', metadata: { component: { name: 'x', version: '1' } }, components },
	];
	expect(checkBillOfMaterials(materials([component])).state).toBe('met');
	for (const components of [[], [{ ...component, hashes: [] }], [{ ...component, licenses: [] }]]) {
		expect(checkBillOfMaterials(materials(components)).state).toBe('notMet');
	}
});

test('A version that is missing in the pages, the changelog or the kept forms is reported.', () => {
	const { version = '' } = sound.manifest;
	expect(checkChangelog(version).state).toBe('met');
	expect(checkKeptVersion(version).state).toBe('met');
	expect(checkVersion('9.9.9').details).toEqual(
		expect.arrayContaining([
			expect.stringMatching(/^package-lock\.json says/),
			`README.md installs ${version}`,
		]),
	);
	expect(checkChangelog('9.9.9').details).toEqual([`its first section is "${version}"`]);
	expect(checkKeptVersion('9.9.9').details).toEqual(['test/engine/kept/9.9.9.json: npm run keep']);
});

test('Each manual step of a release says what to click.', () => {
	expect(ACTS.length).toBeGreaterThanOrEqual(5);
	expect(ACTS.filter((act) => /^(GitHub|npm|n8n)/.test(act) && !/→|submit/i.test(act))).toEqual([]);
});
