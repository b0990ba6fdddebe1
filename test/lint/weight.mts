import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');
const SHIPPED = '{nodes,credentials}/**/*.ts';
export const WEIGHT_FILE = join(ROOT, 'test/lint/weight.json');

/** What the sources weigh. */
export interface SourceWeight {
	/** Of `.ts` files in nodes/ and credentials/. */
	shippedLines: number;
	shippedFiles: number;
	/** Names that a shipped file exports and at most one other shipped file imports; tests are no users. */
	exportsWithAtMostOneUser: number;
	/** Of `.ts` and `.mts` files in test/. */
	testLines: number;
	/** Of sources in the folders beside: the simulator, `npm start`, the benchmarks and what else is not shipped. */
	besideLines: number;
	/** Of the documents, but for changelog and licence. */
	docsWords: number;
}

/** What the code base weighs: each number is a limit in weight.json. The tarballs need a build. */
export interface Weight extends SourceWeight {
	/** Tarballs of the two builds, in begun kilobytes (1,000 bytes). */
	packedVerifiedKb: number;
	packedPoolKb: number;
}

export function readLimits(): Weight {
	return JSON.parse(readFileSync(WEIGHT_FILE, 'utf8')) as Weight;
}

/** @returns a sentence for each number above its limit, e.g. `shippedLines: 15100 is 59 above the limit of 15041` */
export function excessOf(measured: Partial<Weight>, limits: Weight): string[] {
	return (Object.entries(measured) as Array<[keyof Weight, number]>).flatMap(([name, value]) =>
		!(value <= limits[name])
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
		besideLines: linesOf(readFiles('{simulator,start,bench,packaging,examples,embedded}/**/*.{ts,mts,js}')),
		docsWords: wordsOf(readFiles('{[!CL]*,CO*,docs/*}.md')),
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

function wordsOf(files: ReadonlyMap<string, string>): number {
	return [...files.values()].reduce((sum, text) => sum + text.trim().split(/\s+/).length, 0);
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
 * What imports each other, directly or by way of others, and what stands between such; also by types only.
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
			if (imported !== undefined && unitOf(imported) !== unitOf(path)) from.add(unitOf(imported));
		}
	}
	for (let size = -1; size !== imports.size; ) {
		size = imports.size;
		const imported = new Set([...imports.values()].flatMap((from) => [...from]));
		for (const [unit, from] of imports) {
			if (!imported.has(unit) || ![...from].some((each) => imports.has(each))) imports.delete(unit);
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
