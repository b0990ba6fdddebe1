import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { plant, PLANTED_FAULTS } from './plantedFaults.mts';

const ROOT = join(__dirname, '../..');
const SOURCES = join(ROOT, 'nodes/TencentCloudIot');

test('Storms find every fault that is planted in the protocol', async () => {
	const soak = promisify(execFile)(process.execPath, ['test/soak/soak.mts', '--planted', '--from', '0'], {
		cwd: ROOT,
	});
	// It fails if a fault is not found, and its message then names the fault.
	const { stdout } = await soak;
	expect(stdout.trim().split('\n')).toHaveLength(PLANTED_FAULTS.length);
}, 1_500_000);

test('Every planted fault compiles, because a fault with an outdated name would change nothing', () => {
	const texts = new Map<string, string>();
	const services = languageServiceOver(texts);
	for (const fault of PLANTED_FAULTS) {
		const path = join(SOURCES, fault.file);
		texts.clear();
		texts.set(path, plant(fault, readFileSync(path, 'utf8')));
		const messages = services.getSemanticDiagnostics(path).map(({ messageText }) => messageText);
		const faults = messages.filter(
			(message) => !IS_UNUSED.test(ts.flattenDiagnosticMessageText(message, ' ')),
		);
		expect([fault.what, faults]).toEqual([fault.what, []]);
	}
}, 300_000);

/** A fault may leave a variable or method unused. */
const IS_UNUSED = /is declared but/;

/** @param texts by path, the sources whose text differs from their file */
function languageServiceOver(texts: ReadonlyMap<string, string>): ts.LanguageService {
	const config = ts.getParsedCommandLineOfConfigFile(
		join(ROOT, 'tsconfig.json'),
		{},
		{
			...ts.sys,
			onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
				throw new Error(ts.flattenDiagnosticMessageText(messageText, ' '));
			},
		},
	);
	if (config === undefined) {
		throw new Error('tsconfig.json cannot be read');
	}
	const { fileNames, options } = config;
	const textOf = (path: string) => texts.get(path) ?? ts.sys.readFile(path);
	return ts.createLanguageService({
		getScriptFileNames: () => fileNames.filter((path) => path.startsWith(SOURCES)),
		// The service reads a text again only if its version has changed.
		getScriptVersion: (path) => texts.get(path) ?? '',
		getScriptSnapshot: (path) => {
			const text = textOf(path);
			return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
		},
		getCurrentDirectory: () => ROOT,
		getCompilationSettings: () => options,
		getDefaultLibFileName: ts.getDefaultLibFilePath,
		fileExists: ts.sys.fileExists,
		readFile: ts.sys.readFile,
	});
}
