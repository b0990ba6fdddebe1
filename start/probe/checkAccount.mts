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
	readonly Unanswered: number;
	readonly RequestIdEchoed?: boolean;
	readonly Actions: Readonly<
		Record<'Found' | 'Missing' | 'NotPermitted' | 'Unclear' | 'NotAsked', readonly string[]>
	>;
	readonly Customers?: number;
	readonly ProductDevices?: number | 'refused';
	readonly Requests: number;
	readonly Transcript: Transcript;
}

type Output = Omit<Findings, 'Transcript'> & { readonly Transcript: string };

/** A check that found something out, or why nothing was sent at all: a sentence. */
export type Checked = { readonly findings: Findings } | { readonly failure: string };

interface Refused {
	readonly code: string;
	readonly message: string;
	readonly advice: string;
	readonly Summary?: string;
}

const ADVICE_ZH: Readonly<Record<string, string>> = {
	PROXY_LOGIN: '请在代理地址（如 HTTPS_PROXY）中写入用户名和密码。',
	REDIRECT: '该地址发生跳转，请检查凭证中的地址。',
	TLS_NOT_TRUSTED: '证书不受信任，请检查地址；公司 CA 请通过 NODE_EXTRA_CA_CERTS 提供。',
	WEB_PAGE: '收到的是网页，请检查凭证中的地址以及代理和防火墙。',
};

/** What to do, in Chinese; undefined where only the general advice fits. */
function adviceZh(code: string, message: string): string | undefined {
	if (/Timestamp|过期/.test(message)) return '请校准本机时钟。';
	if (/Signature|AppKey/.test(message)) return '请从控制台重新复制 App Key 与 App Secret。';
	return ADVICE_ZH[code];
}

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
	const refused = json['error'] as Refused | undefined;
	if (refused === undefined || refused.Summary !== undefined) {
		const { Transcript: text, ...output } = (refused ?? json) as unknown as Output;
		const todo = refused && adviceZh(refused.code, refused.message);
		const findings =
			todo === undefined ? output : { ...output, SummaryZh: output.SummaryZh.replace(/请检查.*/, todo) };
		return { findings: { ...findings, Transcript: JSON.parse(text) as Transcript } };
	}
	return { failure: `${refused.message} ${refused.advice}.` };
}
