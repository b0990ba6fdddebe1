import type { ICredentialType, INodeProperties, INodeType } from 'n8n-workflow';
import { linksIn, REPOSITORY, whyDead } from './links.mts';
import type { Scan } from './scan.mts';
import type { Unpacked } from './unpacked.mts';

/** One guideline of n8n for community nodes. */
export interface Guideline {
	/** The requirement. */
	readonly name: string;
	/** The page of n8n's documentation that states it. */
	readonly page: string;
	/** Returns the violations; empty if there are none. */
	readonly check: (found: Evidence) => readonly string[];
}

/** What the guidelines check. */
export interface Evidence {
	readonly packed: Unpacked;
	/** The findings of n8n's scanner in the packed files and in the sources. */
	readonly scan: Scan;
}

const VERIFICATION =
	'https://docs.n8n.io/connect/create-nodes/build-your-node/reference/verification-guidelines';
const USER_INTERFACE = 'https://docs.n8n.io/connect/create-nodes/build-your-node/reference/ux-guidelines';
const RULES =
	'https://github.com/n8n-io/n8n/blob/master/packages/@n8n/eslint-plugin-community-nodes/docs/rules/';

/** n8n's rules with their own row; the findings of all other rules are in the row about the scan. */
const RULES_WITH_A_ROW = [
	'package-name-convention',
	'valid-author',
	'require-homepage',
	'valid-description',
	'require-files-array',
	'no-runtime-dependencies',
	'valid-peer-dependencies',
	'no-forbidden-lifecycle-scripts',
	'no-overrides-field',
	'n8n-object-validation',
	'no-restricted-globals',
	'icon-validation',
	'credential-test-required',
	'credential-password-field',
	'credential-documentation-url',
	'node-usable-as-tool',
	'require-node-description-fields',
] as const;

type RuleWithARow = (typeof RULES_WITH_A_ROW)[number];

/** Scripts that npm runs when a package is installed. */
const AT_INSTALLATION = ['preinstall', 'install', 'postinstall', 'prepare'];

/** A field whose value is a secret. */
const SECRET = /secret|password|token/i;

/** Words that stay in lower case in Title Case. */
const SMALL_WORDS = /^(?:a|an|and|as|at|by|for|from|in|of|on|or|per|the|to|with)$/;

const HAN = /\p{sc=Han}/u;

/** The guidelines, in the order in which n8n's reviewers check a package. */
export const GUIDELINES: readonly Guideline[] = [
	byRule('package-name-convention', 'The name begins with n8n-nodes-', ({ manifest: { name = '' } }) =>
		/^(@[\w-]+\/)?n8n-nodes-[a-z0-9-]+$/.test(name) ? [] : [`the name is ${name}`],
	),
	{
		name: 'The keywords include n8n-community-node-package',
		page: 'https://docs.n8n.io/integrations/community-nodes/building-community-nodes/',
		check: ({ packed: { manifest } }) =>
			manifest.keywords?.includes('n8n-community-node-package') === true ? [] : ['it is not'],
	},
	{
		name: 'The licence is MIT, and its text is packed',
		page: VERIFICATION,
		check: ({ packed }) => [
			...problem(packed.manifest.license !== 'MIT', `the licence is ${packed.manifest.license}`),
			...problem(!packed.has('LICENSE.md'), 'LICENSE.md is not packed'),
		],
	},
	byRule('valid-author', 'The author has a name and an address', ({ manifest: { author } }) =>
		problem(!author?.name || !author.email?.includes('@'), 'package.json lacks one of them'),
	),
	{
		name: 'The repository is the one that is published',
		page: VERIFICATION,
		check: ({ packed: { manifest } }) =>
			problem(
				manifest.repository?.url !== `git+${REPOSITORY}.git`,
				`package.json names ${manifest.repository?.url}`,
			),
	},
	byRule('require-homepage', 'The homepage leads to a page', ({ manifest: { homepage = '' } }) =>
		problem(!homepage.startsWith(REPOSITORY), `it is ${homepage}`),
	),
	byRule('valid-description', 'The description says what the package is for', ({ manifest }) =>
		problem((manifest.description?.length ?? 0) < 40, 'it is missing or short'),
	),
	byRule('require-files-array', 'Only what is needed is packed', ({ files }) => {
		const unneeded = files.filter(
			(file) =>
				!/^(dist\/.*\.(js|svg|json)|package\.json|README\.md|LICENSE\.md|THIRD-PARTY-NOTICES)$/.test(file),
		);
		return unneeded.map((file) => `${file} is packed`);
	}),
	byRule('no-runtime-dependencies', 'There are no dependencies', ({ manifest: { dependencies = {} } }) =>
		Object.keys(dependencies).map((name) => `${name} is one`),
	),
	byRule('valid-peer-dependencies', 'n8n-workflow is the only peer, in any version', ({ manifest }) =>
		problem(
			JSON.stringify(manifest.peerDependencies) !== '{"n8n-workflow":"*"}',
			`they are ${JSON.stringify(manifest.peerDependencies)}`,
		),
	),
	byRule('no-forbidden-lifecycle-scripts', 'Nothing runs at installation', ({ manifest: { scripts = {} } }) =>
		AT_INSTALLATION.filter((name) => name in scripts).map((name) => `the script ${name} does`),
	),
	byRule('no-overrides-field', 'There are no overrides', ({ manifest }) =>
		problem(manifest.overrides !== undefined, 'there are'),
	),
	byRule(
		'n8n-object-validation',
		'The n8n entry is strict, and everything that it names is packed',
		(packed) => {
			const { n8nNodesApiVersion, strict, nodes = [], credentials = [] } = packed.manifest.n8n ?? {};
			return [
				...problem(n8nNodesApiVersion !== 1, `n8nNodesApiVersion is ${n8nNodesApiVersion}`),
				...problem(strict !== true, 'strict is not true'),
				...problem(nodes.length === 0, 'it names no node'),
				...[...nodes, ...credentials]
					.filter((path) => !packed.has(path))
					.map((path) => `${path} is not packed`),
			];
		},
	),
	byRule('no-restricted-globals', 'The code touches neither environment nor files', (packed) =>
		packed.files
			.filter((file) => file.endsWith('.js'))
			.flatMap((file) => {
				const found = packed.read(file).match(/\bprocess\.env\b|require\("(?:node:)?fs(?:\/promises)?"\)/g);
				return found === null ? [] : [`${file} has ${[...new Set(found)].join(', ')}`];
			}),
	),
	{
		name: "n8n's scanner has no other findings",
		page: VERIFICATION,
		check: ({ scan: { files, findings } }) => [
			...problem(files.length === 0, 'it has checked no files'),
			...findings
				.filter(({ ruleId }) => !RULES_WITH_A_ROW.some((rule) => ruleId.endsWith(`/${rule}`)))
				.map(({ file, line, ruleId, message }) => `${file}:${line}: ${ruleId}: ${message}`),
		],
	},
	byRule('icon-validation', 'Node and credential have a light and a dark icon, packed as SVG', (packed) =>
		[
			...packed.nodes.map(({ description }) => description.icon),
			...packed.credentials.map(({ icon }) => icon),
		].flatMap((icon) => iconProblems(icon, packed)),
	),
	byRule('credential-test-required', 'Each credential can be tested', ({ nodes, credentials }) =>
		credentials.filter((credential) => !hasTest(credential, nodes)).map(({ name }) => `${name} cannot`),
	),
	byRule('credential-password-field', 'Secrets are typed as passwords', ({ credentials }) =>
		credentials.flatMap(({ properties }) =>
			properties
				.filter(({ name, typeOptions }) => SECRET.test(name) && typeOptions?.password !== true)
				.map(({ displayName }) => `${displayName} is shown`),
		),
	),
	byRule('credential-documentation-url', 'Each credential links to its documentation', ({ credentials }) =>
		credentials.flatMap(({ name, documentationUrl = '' }) =>
			problem(!isPage(documentationUrl), `the link of ${name} leads to ${documentationUrl}`),
		),
	),
	byRule('node-usable-as-tool', 'Each node can be a tool of an AI agent', ({ nodes }) =>
		nodes
			.filter(({ description }) => description.usableAsTool !== true)
			.map(({ description }) => `${description.name} cannot`),
	),
	byRule('require-node-description-fields', 'Each node has a subtitle, a category and aliases', (packed) =>
		packed.nodes.flatMap(({ description }) => [
			...problem(!description.subtitle, `${description.name} has no subtitle`),
			...codexProblems(packed),
		]),
	),
	{
		name: 'Labels are in Title Case, descriptions of switches begin with Whether',
		page: USER_INTERFACE,
		check: ({ packed: { nodes } }) => nodes.flatMap((node) => fieldsOf(node).flatMap(wordingProblems)),
	},
	{
		name: 'The panel and README are in English, with usage, examples and credentials',
		page: VERIFICATION,
		check: ({ packed }) => [
			...packed.nodes.flatMap((node) =>
				fieldsOf(node)
					.filter(({ displayName, description = '' }) => HAN.test(`${displayName}${description}`))
					.map(({ displayName }) => `${displayName} has Chinese in the panel`),
			),
			...['## Installation', '## First push', 'examples/workflows/', '**Credential**']
				.filter((part) => !packed.read('README.md').includes(part))
				.map((part) => `README.md lacks ${part}`),
		],
	},
	{
		name: 'It is published from GitHub with provenance',
		page: VERIFICATION,
		check: ({ packed: { manifest } }) =>
			problem(manifest.publishConfig?.provenance !== true, 'publishConfig does not ask for it'),
	},
];

/** A row about one of n8n's rules: the findings of the rule, and those of an additional check of the packed files. */
function byRule(rule: RuleWithARow, name: string, check: (packed: Unpacked) => readonly string[]): Guideline {
	return {
		name,
		page: `${RULES}${rule}.md`,
		check: ({ packed, scan }) => [
			...check(packed),
			...scan.findings
				.filter(({ ruleId }) => ruleId.endsWith(`/${rule}`))
				.map(({ file, line, message }) => `${file}:${line}: ${message}`),
		],
	};
}

function problem(isThere: boolean, text: string): string[] {
	return isThere ? [text] : [];
}

function iconProblems(icon: unknown, packed: Unpacked): string[] {
	if (typeof icon !== 'object' || icon === null) {
		return ['it has no pair of icons'];
	}
	const { light, dark } = icon as { light?: string; dark?: string };
	const paths = [light, dark].map((path) => `dist/icons/${path?.split('/').at(-1)}`);
	const missing = paths.filter((path) => !path.endsWith('.svg') || !packed.has(path));
	return [
		...problem(light === dark, 'the icons are the same'),
		...missing.map((path) => `${path} is not packed`),
	];
}

function hasTest(credential: ICredentialType, nodes: readonly INodeType[]): boolean {
	if (credential.test !== undefined) {
		return true;
	}
	return nodes.some(({ description, methods }) => {
		const used = description.credentials?.find(({ name }) => name === credential.name);
		return typeof used?.testedBy === 'string' && methods?.credentialTest?.[used.testedBy] !== undefined;
	});
}

function isPage(url: string): boolean {
	if (!url.startsWith(REPOSITORY)) {
		return /^https:\/\//.test(url);
	}
	const links = linksIn('credentials/TencentCloudIotApi.credentials.ts');
	return links.some(({ text }) => text === url) && links.every((link) => whyDead(link) === undefined);
}

function codexProblems(packed: Unpacked): string[] {
	const codex = packed.files.find((file) => /\.node\.json$/.test(file));
	if (codex === undefined) {
		return ['no codex file is packed'];
	}
	const { categories = [], alias = [] } = JSON.parse(packed.read(codex)) as {
		categories?: string[];
		alias?: string[];
	};
	return [
		...problem(categories.length === 0, 'the codex has no category'),
		...problem(alias.length === 0, 'the codex has no alias'),
	];
}

/** All fields of a node's panel, including those in collections. */
function fieldsOf({ description: { properties } }: INodeType): INodeProperties[] {
	const inside = ({ options = [] }: INodeProperties): INodeProperties[] =>
		(options as INodeProperties[])
			.filter((option) => option.type !== undefined)
			.flatMap((option) => [option, ...inside(option)]);
	return properties.flatMap((property) => [property, ...inside(property)]);
}

function wordingProblems({ displayName, type, description = '' }: INodeProperties): string[] {
	const words = displayName.split(/[\s/]+/).filter((word) => /^[a-z]/.test(word));
	const small = type === 'notice' ? [] : words.filter((word) => !SMALL_WORDS.test(word));
	return [
		...problem(small.length > 0, `'${displayName}' is not in Title Case`),
		...problem(
			type === 'boolean' && !description.startsWith('Whether '),
			`the description of '${displayName}' does not begin with Whether`,
		),
	];
}
