import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeParameters } from 'n8n-workflow';
import { loadBuiltNode, runNode } from '../../embedded/embeddedEngine.mts';
import { startSimulator } from '../../simulator/simulator.mts';
import { InputError } from '../inputError.mts';
import { standardError, showProgress } from '../progress.mts';
import { pageOf, type CheckItem } from './page.mts';
import type { ProbeSettings, Target } from './settings.mts';
import { testAddOrReplace } from './testCustomer.mts';

/** The `error` of an item that failed; where responses were read it has the findings as well. */
interface FailedCheck extends CheckItem {
	readonly message: string;
	readonly advice: string;
}

/**
 * Finds out how the service behaves, writes page and transcript, and shows the page.
 *
 * @returns the exit code: 0 when key, signature and clock were accepted
 */
export async function runProbe({ target, ...settings }: ProbeSettings): Promise<number> {
	if (target !== undefined) {
		return await probe(target, settings);
	}
	const { appKey, appSecret, endpoint, close } = await startSimulator();
	const credentials = { appKey, appSecret, platform: 'custom', endpoint };
	return await probe({ name: 'a simulator of the service', credentials }, settings).finally(close);
}

async function probe(target: Target, settings: Omit<ProbeSettings, 'target'>): Promise<number> {
	const { productId, testCustomer, folder, json } = settings;
	const stopProgress = showProgress(
		standardError,
		() => `Sending to ${target.name}: up to 12 requests that cannot write`,
	);
	const item = await checkAccount(target, productId).finally(stopProgress);
	const isTested = testCustomer !== undefined && item.Accepted;
	const tested = isTested ? await testAddOrReplace(testCustomer, target) : undefined;
	const page = pageOf(item, tested);
	const transcript = { ...(JSON.parse(item.Transcript) as object), consoleShowed: tested };
	write(folder, {
		'report.md': page,
		'transcript.json': `${JSON.stringify(transcript, null, '\t')}\n`,
	});
	process.stdout.write(json ? `${JSON.stringify(item, null, '\t')}\n` : page);
	process.stderr.write(
		`Written to ${folder}: report.md, transcript.json. Keys, ids, names and phone numbers are masked; look at the files before you show them to others.\n`,
	);
	return item.Accepted ? 0 : 1;
}

/** @throws Error with the node's words when nothing was sent at all */
async function checkAccount({ credentials }: Target, productId: string): Promise<CheckItem> {
	const options: INodeParameters = productId === '' ? {} : { productId };
	const { success, error, status, failure } = await runNode({
		...loadBuiltNode(),
		rows: [{}],
		parameters: { resource: 'account', operation: 'check', options },
		credentials,
		onError: 'continueErrorOutput',
	});
	const json = [...success, ...error][0]?.json;
	if (json === undefined) {
		throw new Error(`The workflow ended with the status ${status}: ${failure?.message ?? ''}`);
	}
	const failed = json['error'] as FailedCheck | undefined;
	if (failed === undefined) {
		return json as unknown as CheckItem;
	}
	if (failed.Summary === undefined) {
		throw new Error(`${failed.message} ${failed.advice}.`);
	}
	return failed;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
	try {
		mkdirSync(folder, { recursive: true });
		for (const [name, text] of Object.entries(files)) {
			writeFileSync(join(folder, name), text);
		}
	} catch (error) {
		throw new InputError(`Cannot write to ${folder}: ${(error as Error).message}.`, { cause: error });
	}
}
