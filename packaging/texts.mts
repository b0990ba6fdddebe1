/** Lists the texts that users read: `npm run texts` writes build/texts.md. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '..');
const LIST = join(ROOT, 'build/texts.md');

const INTRODUCTION = `# The texts of the node

Labels, descriptions, messages, advice and log lines, by the file that they stand in. \`{name}\` is a value that is filled in.
Made by \`npm run texts\`.
`;

/** Two words, or one in Chinese. A text without them is a name, a code or a part of a sentence that stands elsewhere. */
const PROSE = /\p{L}{2,}[^\n]*[\s、，][^\n]*\p{L}{2,}|\p{sc=Han}{2,}/u;

/** @returns the list as Markdown */
export function listTexts(): string {
	const sections = ['nodes', 'credentials'].flatMap((folder) => {
		const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
		return names
			.filter((name) => name.endsWith('.ts'))
			.toSorted()
			.flatMap((name) => {
				const path = join(ROOT, folder, name);
				const texts = textsOf(path);
				if (texts.length === 0) return [];
				const title = relative(ROOT, path).split('\\\\').join('/');
				return `## ${title}\n\n${texts.map((text) => `- ${text}\n`).join('')}`;
			});
	});
	return [INTRODUCTION, ...sections].join('\n');
}

function textsOf(path: string): string[] {
	const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
	const texts = new Set<string>();
	const visit = (node: ts.Node): void => {
		if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isLiteralTypeNode(node)) return;
		const text = textOf(node);
		if (text !== undefined && PROSE.test(text.replaceAll(/\{\w+\}/g, '')))
			texts.add(text.replaceAll('\n', ' ').trim());
		ts.forEachChild(node, visit);
	};
	visit(source);
	return [...texts];
}

function textOf(node: ts.Node): string | undefined {
	if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
	if (!ts.isTemplateExpression(node)) return undefined;
	return (
		node.head.text +
		node.templateSpans.map((span) => `{${nameOf(span.expression)}}${span.literal.text}`).join('')
	);
}

/** The last name in an expression says best what is filled in. */
function nameOf(expression: ts.Expression): string {
	return (
		expression
			.getText()
			.match(/[A-Za-z]\w*/g)
			?.at(-1) ?? '…'
	);
}

if (process.argv[1] === import.meta.filename) {
	mkdirSync(dirname(LIST), { recursive: true });
	writeFileSync(LIST, listTexts());
	console.log(`Written: ${relative(ROOT, LIST)}`);
}
