import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../inputError.mts';
import { standardError, showProgress } from '../progress.mts';
import { openTarget } from '../target.mts';
import type { Target } from '../target.mts';
import type { TestCustomer } from './testCustomer.mts';

/** What a probe is to do. */
export interface ProbeSettings {
	readonly target: Target;
	/** Empty: none. */
	readonly productId: string;
	readonly testCustomer: TestCustomer | undefined;
	/** The folder for report and transcript. */
	readonly folder: string;
	/** Write the findings as JSON on stdout instead of the page. */
	readonly json: boolean;
}

/**
 * Finds out how the service behaves, writes report and transcript, and shows the report.
 *
 * @returns the exit code: 0 when key, signature and clock were accepted
 */
export async function runProbe(settings: ProbeSettings, signal: AbortSignal): Promise<number> {
	const { target, productId, testCustomer, folder, json } = settings;
	const { checkAccount } = await import('./checkAccount.mts');
	const { pageOf } = await import('./page.mts');
	const open = await openTarget(target);
	try {
		const stopProgress = showProgress(
			standardError,
			() => `Asking ${open.name}: up to 12 requests that cannot write`,
		);
		const checked = await checkAccount(open, productId, signal).finally(stopProgress);
		if ('failure' in checked) {
			process.stderr.write(`${checked.failure}\n`);
			return 1;
		}
		const { findings } = checked;
		const isTested = testCustomer !== undefined && findings.Accepted && !signal.aborted;
		const { testAddOrReplace } = await import('./testCustomer.mts');
		const tested = isTested ? await testAddOrReplace(testCustomer, open) : undefined;
		const page = pageOf(findings, 'en', tested);
		write(folder, {
			'report.md': page,
			'report.zh-CN.md': pageOf(findings, 'zh', tested),
			'transcript.json': `${JSON.stringify(findings.Transcript, null, '\t')}\n`,
		});
		process.stdout.write(json ? `${JSON.stringify(findings, null, '\t')}\n` : page);
		process.stderr.write(
			`Written to ${folder}: report.md, report.zh-CN.md, transcript.json. Keys, ids, names and phone numbers are masked; look at the files before you show them to others.\n`,
		);
		return findings.Accepted ? 0 : 1;
	} finally {
		await open.close();
	}
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
	try {
		mkdirSync(folder, { recursive: true });
		for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
	} catch (error) {
		throw new InputError(`Cannot write to ${folder}: ${(error as Error).message}.`, { cause: error });
	}
}
