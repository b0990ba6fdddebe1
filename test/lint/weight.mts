import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');
const SHIPPED = '{nodes,credentials}/**/*.ts';
export const WEIGHT_FILE = join(ROOT, 'test/lint/weight.json');

/** What the code base weighs: each number is a limit in weight.json. */
export interface Weight {
	/** Of `.ts` files in nodes/ and credentials/. */
	shippedLines: number;
	shippedFiles: number;
	/** Names that a shipped file exports and at most one other shipped file imports; tests are no users. */
	exportsWithAtMostOneUser: number;
	/** Of `.ts` and `.mts` files in test/. */
	testLines: number;
	/** Tarballs of the two builds, in begun kilobytes (1,000 bytes). */
	packedVerifiedKb: number;
	packedPoolKb: number;
}

/** What the sources show; the tarballs need a build. */
export type SourceWeight = Omit<Weight, 'packedVerifiedKb' | 'packedPoolKb'>;

export function readLimits(): Weight {
	return JSON.parse(readFileSync(WEIGHT_FILE, 'utf8')) as Weight;
}

/** @returns a sentence for each number above its limit, e.g. `shippedLines: 15100 is 59 above the limit of 15041` */
export function excessOf(measured: Partial<Weight>, limits: Weight): string[] {
	return (Object.entries(measured) as Array<[keyof Weight, number]>).flatMap(([name, value]) =>
		value > limits[name]
			? `${name}: ${value} is ${value - limits[name]} above the limit of ${limits[name]}`
			: [],
	);
}

export const kilobytes = (bytes: number) => Math.ceil(bytes / 1000);

export function weighSources(): SourceWeight {
	const shipped = readFiles(SHIPPED);
	return {
		shippedLines: linesOf(shipped),
		shippedFiles: shipped.size,
		exportsWithAtMostOneUser: exportsWithAtMostOneUser(shipped).length,
		testLines: linesOf(readFiles('test/**/*.{ts,mts}')),
	};
}

/** Text by path, from the top folder on. */
function readFiles(pattern: string): Map<string, string> {
	const paths = globSync(pattern, { cwd: ROOT, exclude: (name) => name.includes('node_modules') });
	return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

function linesOf(files: ReadonlyMap<string, string>): number {
	return [...files.values()].reduce((sum, text) => sum + text.split('\n').length - 1, 0);
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
			if (from === undefined) continue;
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
	if (!isExported) return [];
	if (ts.isVariableStatement(statement)) {
		return statement.declarationList.declarations.flatMap(({ name }) =>
			ts.isIdentifier(name) ? name.text : [],
		);
	}
	const { name } = statement as ts.DeclarationStatement;
	return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}

/**
 * Files that import each other, directly or by way of others, and what stands between such files; also by types only.
 * @param files text by path
 */
export function filesInCircles(files = readFiles(SHIPPED)): string[] {
	const imports = new Map(
		[...files].map(([path, text]) => {
			const { statements } = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
			return [path, statements.flatMap((statement) => importedFile(path, statement, files) ?? [])];
		}),
	);
	for (let size = -1; size !== imports.size; ) {
		size = imports.size;
		const imported = new Set([...imports.values()].flat());
		for (const [path, from] of imports) {
			if (!imported.has(path) || from.every((each) => !imports.has(each))) imports.delete(path);
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
	if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return undefined;
	const { moduleSpecifier } = statement;
	if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return undefined;
	const target = join(dirname(path), moduleSpecifier.text);
	return [`${target}.ts`, join(target, 'index.ts')].find((candidate) => files.has(candidate));
}

function importedNames(statement: ts.Statement): string[] {
	const bindings = ts.isImportDeclaration(statement)
		? statement.importClause?.namedBindings
		: (statement as ts.ExportDeclaration).exportClause;
	if (bindings === undefined || ts.isNamespaceImport(bindings) || ts.isNamespaceExport(bindings)) return [];
	return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}
