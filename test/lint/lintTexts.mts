/** Lints texts as if they were files, in a separate process: Jest cannot load ESLint's configuration. */
import { json } from 'node:stream/consumers';
import { ESLint } from 'eslint';

/** A text and the path that it would have, relative to the top folder. */
export interface LintedText {
	path: string;
	text: string;
}

const texts = (await json(process.stdin)) as LintedText[];
/** The rules about allowed imports and calls. */
const RULES_OF_LAYERS = ['import-x/no-restricted-paths', 'no-restricted-syntax'];

const eslint = new ESLint({
	overrideConfigFile: 'test/eslint.config.mjs',
	ruleFilter: ({ ruleId }) => RULES_OF_LAYERS.includes(ruleId),
});
const results = texts.map(async ({ path, text }) => {
	const [result] = await eslint.lintText(text, { filePath: path, warnIgnored: true });
	return result?.messages.map(({ message }) => message);
});
process.stdout.write(JSON.stringify(await Promise.all(results)));
