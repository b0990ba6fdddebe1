import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');
const SHIPPED = '{nodes,credentials}/**/*.ts';
export const WEIGHT_FILE = join(ROOT, 'test/lint/weight.json');

/**
 * What a reader of the shipped sources has to keep in mind. Lines and words are not limited: a limit on lines only leads to
 * longer ones.
 */
export interface SourceWeight {
	/** Tokens of the `.ts` files in nodes/ and credentials/. A string is one token; comments do not count. */
	shippedTokens: number;
	/** Their decisions: `if`, loops, `case`, `catch`, `? :`, `&&`, `||`, `??` and `?.`. */
	shippedDecisions: number;
	/** Names that a shipped file exports and at most one other shipped file imports. Tests do not count as users. */
	exportsWithAtMostOneUser: number;
}

/** The weight of the code base: each number is a limit in weight.json. Weighing the tarballs needs a build. */
export interface Weight extends SourceWeight {
	/** Size of the tarball of each build, in kilobytes of 1,000 bytes, rounded up. */
	packedVerifiedKb: number;
	packedPoolKb: number;
}

export function readLimits(): Weight {
	return JSON.parse(readFileSync(WEIGHT_FILE, 'utf8')) as Weight;
}

/** @returns a sentence for each number above its limit, e.g. `shippedTokens: 118300 is 59 above the limit of 118241` */
export function excessOf(measured: Partial<Weight>, limits: Weight): string[] {
	const names = Object.keys(measured) as Array<keyof Weight>;
	return names.flatMap((name) => {
		const value = measured[name] ?? NaN;
		const limit = limits[name];
		// A number that is missing on either side compares as false, so it is reported, too.
		return value <= limit ? [] : [`${name}: ${value} is ${value - limit} above the limit of ${limit}`];
	});
}

export const kilobytes = (bytes: number) => Math.ceil(bytes / 1000);

export function weighSources(): SourceWeight {
	const shipped = readFiles(SHIPPED);
	const { tokens, decisions } = countTokens(shipped);
	return {
		shippedTokens: tokens,
		shippedDecisions: decisions,
		exportsWithAtMostOneUser: exportsWithAtMostOneUser(shipped).length,
	};
}

/** Texts by path, relative to the top folder. */
function readFiles(pattern: string): Map<string, string> {
	const paths = globSync(pattern, { cwd: ROOT, exclude: (name) => name.includes('node_modules') });
	return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

const DECISIONS: ReadonlySet<ts.SyntaxKind> = new Set([
	ts.SyntaxKind.IfStatement,
	ts.SyntaxKind.ForStatement,
	ts.SyntaxKind.ForInStatement,
	ts.SyntaxKind.ForOfStatement,
	ts.SyntaxKind.WhileStatement,
	ts.SyntaxKind.DoStatement,
	ts.SyntaxKind.CaseClause,
	ts.SyntaxKind.CatchClause,
	ts.SyntaxKind.QuestionDotToken,
	ts.SyntaxKind.AmpersandAmpersandToken,
	ts.SyntaxKind.AmpersandAmpersandEqualsToken,
	ts.SyntaxKind.BarBarToken,
	ts.SyntaxKind.BarBarEqualsToken,
	ts.SyntaxKind.QuestionQuestionToken,
	ts.SyntaxKind.QuestionQuestionEqualsToken,
]);

/**
 * Counts with TypeScript's parser, so comments and line breaks do not change the result.
 * @param files text by path
 */
export function countTokens(files: ReadonlyMap<string, string>): { tokens: number; decisions: number } {
	let tokens = 0;
	let decisions = 0;
	const count = (node: ts.Node, source: ts.SourceFile): void => {
		// A `?` also marks an optional parameter or property, and a conditional type.
		const isConditional =
			node.kind === ts.SyntaxKind.QuestionToken && ts.isConditionalExpression(node.parent);
		if (isConditional || DECISIONS.has(node.kind)) {
			decisions++;
		}
		const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
		const isToken = children.length === 0 && node.getText(source) !== '';
		if (isToken) {
			tokens++;
		}
		for (const child of children) {
			count(child, source);
		}
	};
	for (const [path, text] of files) {
		const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
		count(source, source);
	}
	return { tokens, decisions };
}

/**
 * @param files text by path
 * @returns e.g. `nodes/TencentCloudIot/host/shown.ts: shownText`
 */
export function exportsWithAtMostOneUser(files: ReadonlyMap<string, string>): string[] {
	const exported: string[] = [];
	const users = new Map<string, Set<string>>();
	for (const [path, text] of files) {
		const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
		for (const statement of source.statements) {
			exported.push(...exportedNames(statement).map((name) => `${path}: ${name}`));
			const from = importedFile(path, statement, files);
			if (from === undefined) {
				continue;
			}
			for (const name of importedNames(statement)) {
				const key = `${from}: ${name}`;
				users.set(key, (users.get(key) ?? new Set()).add(path));
			}
		}
	}
	return exported.filter((each) => (users.get(each)?.size ?? 0) <= 1);
}

function exportedNames(statement: ts.Statement): string[] {
	if (ts.isExportDeclaration(statement)) {
		const { exportClause } = statement;
		return exportClause !== undefined && ts.isNamedExports(exportClause)
			? exportClause.elements.map(({ name }) => name.text)
			: [];
	}
	const isExported =
		ts.canHaveModifiers(statement) &&
		ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
	if (!isExported) {
		return [];
	}
	if (ts.isVariableStatement(statement)) {
		return statement.declarationList.declarations.flatMap(({ name }) =>
			ts.isIdentifier(name) ? name.text : [],
		);
	}
	const { name } = statement as ts.DeclarationStatement;
	return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}

/**
 * Units that import each other, directly or indirectly, including type imports.
 * @param unitOf the unit that a path belongs to: the file itself, or its folder
 * @param files text by path
 */
export function circlesOf(unitOf: (path: string) => string, files = readFiles(SHIPPED)): string[] {
	const imports = new Map<string, Set<string>>();
	for (const [path, text] of files) {
		const from = imports.get(unitOf(path)) ?? new Set();
		imports.set(unitOf(path), from);
		for (const statement of ts.createSourceFile(path, text, ts.ScriptTarget.Latest).statements) {
			const imported = importedFile(path, statement, files);
			if (imported !== undefined && unitOf(imported) !== unitOf(path)) {
				from.add(unitOf(imported));
			}
		}
	}
	for (let size = -1; size !== imports.size; ) {
		size = imports.size;
		const imported = new Set([...imports.values()].flatMap((from) => [...from]));
		for (const [unit, from] of imports) {
			if (!imported.has(unit) || ![...from].some((each) => imports.has(each))) {
				imports.delete(unit);
			}
		}
	}
	return [...imports.keys()];
}

/** The file of `files` that an import or a re-export names. */
function importedFile(
	path: string,
	statement: ts.Statement,
	files: ReadonlyMap<string, string>,
): string | undefined {
	if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) {
		return undefined;
	}
	const { moduleSpecifier } = statement;
	if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) {
		return undefined;
	}
	const target = join(dirname(path), moduleSpecifier.text);
	return [`${target}.ts`, join(target, 'index.ts')].find((candidate) => files.has(candidate));
}

function importedNames(statement: ts.Statement): string[] {
	const bindings = ts.isImportDeclaration(statement)
		? statement.importClause?.namedBindings
		: (statement as ts.ExportDeclaration).exportClause;
	if (bindings === undefined || ts.isNamespaceImport(bindings) || ts.isNamespaceExport(bindings)) {
		return [];
	}
	return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}
