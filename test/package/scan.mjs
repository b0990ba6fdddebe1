import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import { parser } from 'typescript-eslint';
import { ESLint } from 'eslint';
import { defineConfig } from 'eslint/config';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';

/**
 * What n8n's scanner of community packages (@n8n/scan-community-package 0.32.0) lints, with the plugins that @n8n/node-cli
 * brings:
 *
 *   node test/package/scan.mjs sources FOLDER     the sources that the package says it was built from
 *   node test/package/scan.mjs package FOLDER     an unpacked tarball
 *
 * Prints `{ files, findings }` as JSON, warnings included. As in the scanner, comments in the code switch nothing off.
 */
const LEGS = {
	sources: ['package.json', '{nodes,credentials}/**/*.{js,ts,json}'],
	package: ['**/*.js', 'package.json'],
};

const { community, credentials, nodes } = n8nNodesBase.configs;
const config = defineConfig(
	n8nCommunityNodesPlugin.configs.recommended,
	{ rules: { 'no-console': 'error' }, plugins: { 'n8n-nodes-base': n8nNodesBase } },
	{ files: ['package.json'], rules: community.rules },
	{
		files: ['**/credentials/**/*.ts'],
		rules: {
			...credentials.rules,
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
		},
	},
	{
		files: ['**/nodes/**/*.ts'],
		rules: {
			...nodes.rules,
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
		},
	},
	{ files: ['**/*.{ts,json}'], languageOptions: { parser } },
);

const [leg, folder] = process.argv.slice(2);
const eslint = new ESLint({
	cwd: folder,
	allowInlineConfig: false,
	overrideConfigFile: true,
	overrideConfig: config,
});
const results = await eslint.lintFiles(LEGS[leg]);
const findings = results.flatMap(({ filePath, messages }) =>
	messages.map(({ ruleId, line, message }) => ({
		file: filePath.slice(folder.length + 1),
		line,
		ruleId,
		message,
	})),
);
process.stdout.write(
	JSON.stringify({ files: results.map(({ filePath }) => filePath.slice(folder.length + 1)), findings }),
);
