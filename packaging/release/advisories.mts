import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outsideNpmRun } from './unpacked.mts';

/** A library inside the package. */
export interface Library {
	readonly name: string;
	readonly version: string;
}

/** The advisories that the registry has for the libraries; `unreachable` if it did not respond. */
export type Advisories =
	| { readonly kind: 'known'; readonly found: readonly string[] }
	| { readonly kind: 'unreachable'; readonly why: string };

/** The parts of npm's report that are read. */
interface AuditReport {
	readonly error?: unknown;
	readonly message?: string;
	readonly vulnerabilities?: Readonly<
		Record<
			string,
			{ readonly severity: string; readonly via: ReadonlyArray<string | { title: string; url: string }> }
		>
	>;
}

/**
 * Queries npm's registry for advisories of the libraries. They are development dependencies, so `npm audit --omit=dev` would
 * check nothing: a separate manifest lists them.
 *
 * @param settings flags for npm, such as `--registry=…`
 */
export async function readAdvisories(
	libraries: readonly Library[],
	settings: readonly string[] = [],
): Promise<Advisories> {
	const folder = mkdtempSync(join(tmpdir(), 'advisories-'));
	try {
		const dependencies = Object.fromEntries(libraries.map(({ name, version }) => [name, version]));
		const root = { name: 'bundled', version: '1.0.0', dependencies };
		const installed = libraries.map(({ name, version }) => [`node_modules/${name}`, { version }] as const);
		const packages = { '': root, ...Object.fromEntries(installed) };
		writeFileSync(join(folder, 'package.json'), JSON.stringify(root));
		writeFileSync(
			join(folder, 'package-lock.json'),
			JSON.stringify({ ...root, lockfileVersion: 3, requires: true, packages }),
		);
		return await audit(folder, settings);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

async function audit(folder: string, settings: readonly string[]): Promise<Advisories> {
	const args = ['audit', '--json', '--package-lock-only', '--fetch-retries=0', ...settings];
	const printed = await new Promise<string>((resolve) => {
		// npm exits with 1 both for an advisory and for an unreachable registry: its report shows which.
		execFile('npm', args, { cwd: folder, env: outsideNpmRun(), timeout: 20_000 }, (_error, stdout) =>
			resolve(stdout),
		);
	});
	const report = parse(printed);
	if (report?.vulnerabilities === undefined) {
		return { kind: 'unreachable', why: report?.message ?? 'npm said nothing' };
	}
	const found = Object.entries(report.vulnerabilities).flatMap(([name, { severity, via }]) =>
		via.flatMap((cause) =>
			typeof cause === 'string' ? [] : [`${name}: ${severity}: ${cause.title} (${cause.url})`],
		),
	);
	return { kind: 'known', found };
}

function parse(text: string): AuditReport | undefined {
	try {
		return JSON.parse(text) as AuditReport;
	} catch {
		return undefined;
	}
}
