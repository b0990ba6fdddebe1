import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeParameters } from 'n8n-workflow';
import { loadBuiltNode, runNode } from '../../embedded/embeddedEngine.mts';
import { InputError } from '../inputError.mts';
import { showProgress } from '../progress.mts';
import type { Terminal } from '../terminal.mts';
import { pageOf, withoutTranscript, type CheckItem } from './page.mts';
import { offerPushes } from './pushes.mts';
import type { ProbeSettings } from './settings.mts';
import { openTarget, type Target } from './target.mts';

/** The `error` of a failed item; if responses were read, it also has the findings. */
interface FailedCheck extends CheckItem {
	readonly message: string;
	readonly advice: string;
}

/** The most requests that *Account: Check* sends; to another machine, one per second. */
const MOST_REQUESTS = 12;
const MS_PER_REQUEST = 1_000;

/**
 * Finds out how the service behaves, offers pushes that show more, writes the report and shows it.
 *
 * @returns the exit code: 0 when key, signature and clock were accepted
 */
export async function runProbe(settings: ProbeSettings, terminal: Terminal): Promise<number> {
	const target = await openTarget(settings.service, terminal);
	try {
		return await probe(target, settings, terminal);
	} finally {
		await target.close();
	}
}

async function probe(target: Target, settings: ProbeSettings, terminal: Terminal): Promise<number> {
	const { productId, test, folder, json, service } = settings;
	const { stdout, stderr } = terminal;
	stderr.write(`Sending to ${target.name}: up to ${MOST_REQUESTS} requests that cannot write\n`);
	const item = await checkAccount(target, productId, terminal);
	const { SignatureScheme: scheme } = item;
	const isReady = item.Accepted && scheme !== undefined && scheme !== 'none';
	const isLocal = service.kind !== 'live';
	const pushTest = isReady ? await offerPushes(test, scheme, target, { ...terminal, isLocal }) : undefined;
	const path = join(folder, 'report.md');
	const page = pageOf(item, pushTest, path);
	write(folder, path, page);
	stdout.write(json ? `${JSON.stringify(item, null, '\t')}\n` : withoutTranscript(page));
	stderr.write(
		`Written: ${path}. Keys, ids, names and phone numbers are masked, so it can be sent by mail; look at it before you do.\n`,
	);
	return item.Accepted ? 0 : 1;
}

/** @throws Error with the node's message when nothing was sent */
async function checkAccount(
	{ credentials }: Target,
	productId: string,
	{ stderr, stdout }: Terminal,
): Promise<CheckItem> {
	const options: INodeParameters = productId === '' ? {} : { productId };
	const startedMs = performance.now();
	const stopProgress = showProgress(
		{ isTTY: stdout.isTTY === true && stderr.isTTY === true, write: (text) => stderr.write(text) },
		() => {
			const elapsedMs = performance.now() - startedMs;
			return { fraction: elapsedMs / MS_PER_REQUEST / MOST_REQUESTS, text: 'one request a second' };
		},
	);
	const { success, error, status, failure } = await runNode({
		...loadBuiltNode(),
		rows: [{}],
		parameters: { resource: 'account', operation: 'check', options },
		// Write Actions are called without their required parameters, so they are refused.
		credentials: { ...credentials, allowedActions: 'everything' },
		onError: 'continueErrorOutput',
	}).finally(stopProgress);
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

function write(folder: string, path: string, page: string): void {
	try {
		mkdirSync(folder, { recursive: true });
		writeFileSync(path, page);
	} catch (error) {
		throw new InputError(`Cannot write ${path}: ${(error as Error).message}.`, { cause: error });
	}
}
