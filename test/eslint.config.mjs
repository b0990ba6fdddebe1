import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const nodeLayer = [
	'**/operation',
	'**/perItemOperation',
	'**/listOperation',
	'**/itemFields',
	'**/listSearch',
	'**/runOperation',
	'**/outputItems',
	'**/itemReader',
	'**/summary',
	'**/resources/**',
];

/**
 * Lint of everything that is not shipped, and of the layers of what is: imports go down only, from the node to the
 * binding domain to the service, and only the node knows n8n. The shipped sources' style is for `n8n-node lint`.
 */
export default tseslint.config(
	{ ignores: ['**/node_modules/**', 'dist/**', 'build/**', 'coverage/**'] },
	{
		files: ['{simulator,embedded,start,test,bench,packaging}/**/*.mts'],
		extends: [js.configs.recommended, tseslint.configs.recommended],
		rules: {
			'no-undef': 'off',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
		},
	},
	{
		files: ['nodes/TencentCloudIot/service/**/*.ts'],
		extends: [tseslint.configs.base],
		rules: {
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						{
							group: ['n8n-*', '**/binding/**', ...nodeLayer],
							message: 'The service layer stands at the bottom.',
						},
					],
				},
			],
		},
	},
	{
		files: ['nodes/TencentCloudIot/binding/**/*.ts'],
		extends: [tseslint.configs.base],
		rules: {
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						{ group: ['n8n-*', ...nodeLayer], message: 'The binding layer knows rows and customers only.' },
					],
				},
			],
		},
	},
);
