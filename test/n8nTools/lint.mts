/**
 * `npm run lint:n8n`: lints the repository as n8n's own tool does in strict mode, which allows no configuration but n8n's.
 * `npm run lint` has the same rules without the tool.
 */
import { ESLint, type Linter } from 'eslint';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installN8nTools } from './install.mts';

await installN8nTools();
const rootFolder = join(import.meta.dirname, '../..');
const cli = join(import.meta.dirname, 'node_modules/@n8n/node-cli');
const template = join(cli, 'dist/template/templates/shared/default/eslint.config.mjs');
const [given, required] = await Promise.all(
	[join(rootFolder, 'eslint.config.mjs'), template].map(async (path) => await readFile(path, 'utf8')),
);
if (given!.split(/\s+/).join() !== required!.split(/\s+/).join()) {
	throw new Error(`eslint.config.mjs must be n8n's own, as in ${template}`);
}
const { config } = createRequire(join(cli, 'package.json'))('@n8n/node-cli/eslint') as {
	config: Linter.Config[];
};
const eslint = new ESLint({ cwd: rootFolder, overrideConfigFile: true, overrideConfig: config });
const results = await eslint.lintFiles('.');
const formatter = await eslint.loadFormatter();
console.log(await formatter.format(results));
const linted = results.filter(({ filePath }) => /\/(nodes|credentials)\//.test(filePath)).length;
console.log(`${linted} shipped sources were linted by n8n's rules.`);
if (linted === 0 || results.some(({ errorCount, warningCount }) => errorCount + warningCount > 0)) {
	process.exitCode = 1;
}
