import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import { parser } from 'typescript-eslint';
import { ESLint } from 'eslint';
import { defineConfig } from 'eslint/config';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';

/**
 * Lints what n8n's scanner of community packages (@n8n/scan-community-package 0.32.0) lints, with the plugins of
 * @n8n/node-cli:
 *
 *   node packaging/release/scan.mjs [sources FOLDER | package FOLDER]…
 *
 * `sources` are the sources of the package, `package` is an unpacked tarball. Prints a list of
 * `{ files, findings }` as JSON, one for each folder, including warnings. As in the scanner, comments in the code cannot disable rules.
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

async function scan(leg, folder) {
	const eslint = new ESLint({
		cwd: folder,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: config,
	});
	const results = await eslint.lintFiles(LEGS[leg]);
	const files = results.map(({ filePath }) => filePath.slice(folder.length + 1));
	const findings = results.flatMap(({ messages }, index) =>
		messages.map(({ ruleId, line, message }) => ({ file: files[index], line, ruleId, message })),
	);
	return { files, findings };
}

const scans = [];
const folders = process.argv.slice(2);
while (folders.length > 0) {
	const [leg, folder] = folders.splice(0, 2);
	scans.push(await scan(leg, folder));
}
process.stdout.write(JSON.stringify(scans));
