import type { INodeParameters } from 'n8n-workflow';
import { loadBuiltNode, runNode } from '../../embedded/embeddedEngine.mts';
import type { Transcript } from '../../simulator/like/transcript.mts';
import type { OpenTarget } from '../target.mts';

/** What *Account: Check* outputs, as far as the page shows it. */
export interface Findings {
	readonly Summary: string;
	readonly SummaryZh: string;
	readonly Accepted: boolean;
	readonly SignatureScheme?: string;
	readonly ClockOffsetSeconds?: number;
	readonly ClockWindow: { readonly AcceptedSeconds?: number; readonly RefusedSeconds?: number };
	readonly RepeatedNonce?: 'accepted' | 'refused';
	readonly ErrorsReadable: boolean;
	readonly RequestIdEchoed?: boolean;
	readonly Actions: Readonly<
		Record<'Found' | 'Missing' | 'NotPermitted' | 'Unclear' | 'NotAsked', readonly string[]>
	>;
	readonly Customers?: number;
	readonly Orders?: number;
	readonly ProductDevices?: number | 'refused';
	readonly Requests: number;
	readonly Transcript: Transcript;
}

type Output = Omit<Findings, 'Transcript'> & { readonly Transcript: string };

/** A check that found something out, or why nothing was sent at all: a sentence. */
export type Checked = { readonly findings: Findings } | { readonly failure: string };

/**
 * Runs *Account: Check* of the built node on n8n's engine.
 *
 * @throws Error when the package is not built, or when the workflow itself ends with an error
 */
export async function checkAccount(
	{ credentials }: OpenTarget,
	productId: string,
	signal: AbortSignal,
): Promise<Checked> {
	const options: INodeParameters = productId === '' ? {} : { productId };
	const { success, error, runs, status, failure } = await runNode({
		...loadBuiltNode(),
		rows: [{}],
		parameters: { resource: 'account', operation: 'check', options },
		credentials,
		onError: 'continueErrorOutput',
		signal,
	});
	// Nothing behind a cancelled node runs, so its own outputs are read.
	const items = status === 'canceled' ? (runs.at(-1)?.data?.main?.flat() ?? []) : [...success, ...error];
	const json = items[0]?.json;
	if (json === undefined)
		throw new Error(`The workflow ended with the status ${status}: ${failure?.message ?? ''}`);
	const refused = json['error'] as { message: string; advice: string; Summary?: string } | undefined;
	if (refused === undefined || refused.Summary !== undefined) {
		const { Transcript: text, ...findings } = (refused ?? json) as unknown as Output;
		return { findings: { ...findings, Transcript: JSON.parse(text) as Transcript } };
	}
	return { failure: `${refused.message} ${refused.advice}.` };
}
