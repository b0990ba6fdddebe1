import js from '@eslint/js';
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';
import { ZONES } from './lint/layers.mts';
import { HARD_TO_READ, READABLE } from './lint/readable.mts';

const IMPORTED_TYPE = { selector: 'TSImportType', message: 'Import a type where the other imports stand.' };

/** What n8n shows as HTML. */
const SHOWN_TO_USERS = [
	'NewExpression[callee.name=/^Node(Operation|Api)Error$/]',
	'MemberExpression[property.name="addExecutionHints"]',
].map((selector) => ({ selector, message: 'Only shown.ts gives n8n a text to show: it takes markup out.' }));

/** A list that is copied for each entry takes the square of the time: a sheet of 128 kB ended n8n so. */
const COPIED_TO_ADD = {
	selector:
		':matches(CallExpression[callee.property.name="set"] ArrayExpression > SpreadElement, CallExpression[callee.property.name="set"] CallExpression[callee.property.name="concat"]) CallExpression[callee.property.name="get"]',
	message: 'Push to the list of a Map: a copy for each entry takes the square of the time.',
};

const communityNodes = n8nCommunityNodesPlugin.configs.recommended;

/** The rules of n8n's own tool for community nodes (@n8n/node-cli 0.48.3), which `npm run lint:n8n` runs itself. */
const RULES_OF_N8N = [
	{
		files: ['**/*.ts'],
		extends: [
			js.configs.recommended,
			tseslint.configs.recommended,
			communityNodes,
			importX.configs['flat/recommended'],
		],
		rules: { 'prefer-spread': 'off', 'no-console': 'error' },
	},
	{
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
	},
	{
		files: ['package.json'],
		extends: [communityNodes],
		rules: n8nNodesBase.configs.community.rules,
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
	},
	{
		files: ['credentials/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
		},
	},
];

/** The lint of the whole repository: n8n's rules for what is shipped, and this repository's own for everything. */
export default tseslint.config(
	{ ignores: ['**/node_modules/**', 'dist/**', '**/build/**', 'coverage/**'] },
	...RULES_OF_N8N,
	{
		files: ['{simulator,embedded,start,test,bench,packaging,examples}/**/*.mts'],
		extends: [js.configs.recommended, tseslint.configs.recommended],
		rules: {
			'no-undef': 'off',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
		},
	},
	{
		files: ['{nodes,credentials}/**/*.ts', 'simulator/**/*.mts'],
		extends: [tseslint.configs.base],
		plugins: { 'import-x': importX },
		rules: { 'import-x/no-restricted-paths': ['error', { zones: ZONES }] },
	},
	{
		files: ['**/*.{ts,mts}'],
		rules: READABLE,
	},
	// One rule, and the last entry for a file replaces the ones before it.
	restrictedSyntax({ files: ['**/*.{ts,mts}'], restricted: [COPIED_TO_ADD] }),
	restrictedSyntax({
		files: ['simulator/**/*.mts', 'nodes/TencentCloudIot/host/shown.ts'],
		restricted: [IMPORTED_TYPE, COPIED_TO_ADD],
	}),
	restrictedSyntax({
		files: ['{nodes,credentials}/**/*.ts'],
		ignores: ['nodes/TencentCloudIot/host/shown.ts'],
		restricted: [IMPORTED_TYPE, COPIED_TO_ADD, ...SHOWN_TO_USERS],
	}),
);

/** What must not be written in `files`, besides what is hard to read anywhere. */
function restrictedSyntax({ files, ignores = [], restricted }) {
	return {
		files,
		ignores,
		rules: { 'no-restricted-syntax': ['error', ...restricted, ...HARD_TO_READ] },
	};
}
