import { version as PackageVersion } from '../../../package.json';
import type { Connection } from '../service/connection';
import { whatHappened, type RequestFailure } from '../service/outcome';
import { PROBE } from '../messages/probe';
import { SIGNATURE_SCHEME_NAMES, type SignatureScheme } from '../service/signing/signature';
import { clockOffsetSeconds, type Observation } from './conversation';
import { findingsOf } from './findings';
import type { HttpResponse } from '../service/response/httpResponse';
import { cleanServerText } from '../service/response/serverText';
import { inCommas, ofService, ours, type Text, withoutFullStop, writeSentences } from '../messages/text';

type Findings = ReturnType<typeof findingsOf>;

/** The findings of a probe for people and programs, without secrets, names, ids or phone numbers. */
interface ProbeReport extends Findings {
	/** The findings in sentences, with what to do. */
	Summary: string;
	SummaryZh: string;
	/** The version of the package, e.g. `0.1.0`. */
	PackageVersion: string;
	/** What was sent and received, as JSON text. */
	Transcript: string;
}

/** The report mentions the clocks if they differ by more. */
const UNMENTIONED_OFFSET_SECONDS = 5;

/**
 * Makes the report of a probe.
 * @param failure why key, signature or clock were not accepted
 * @param connection the credential: its schemes are the one that is set, or all of them
 */
export function reportOf(
	observations: readonly Observation[],
	failure: RequestFailure | undefined,
	{ signatureSchemes: schemes, appKey }: Pick<Connection, 'signatureSchemes' | 'appKey'>,
): ProbeReport {
	const findings = findingsOf(observations);
	const keyCheck = observations.findLast(({ request }) => request.purpose === 'key');
	const sentences =
		failure === undefined || keyCheck === undefined
			? sentencesOf(findings, schemes)
			: failureSentences(failure, keyCheck.reading, appKey);
	const [Summary, SummaryZh] = writeSentences(sentences, 'everything');
	return { Summary, SummaryZh, ...findings, PackageVersion, Transcript: transcriptOf(observations, appKey) };
}

function sentencesOf(findings: Findings, schemes: readonly SignatureScheme[]): Text[] {
	const { Requests, Unanswered, SignatureScheme: detectedScheme, RequestIdEchoed, Actions } = findings;
	const isSchemeDetected = detectedScheme !== undefined && detectedScheme !== 'none';
	const offsetSeconds = findings.ClockOffsetSeconds ?? 0;
	const unavailableActions = [...Actions.Missing, ...Actions.NotPermitted];
	const advice: Text[] = [];
	if (!isSchemeDetected) {
		advice.push(PROBE.advice.noScheme());
	} else if (!schemes.includes(detectedScheme)) {
		advice.push(PROBE.advice.setScheme({ scheme: ours(SIGNATURE_SCHEME_NAMES[detectedScheme]) }));
	}
	if (detectedScheme === 'none' || RequestIdEchoed === false) {
		advice.push(PROBE.advice.pushesMayFail());
	}
	if (Unanswered > 0) {
		advice.push(PROBE.advice.unanswered({ count: Unanswered }));
	}
	if (Math.abs(offsetSeconds) > UNMENTIONED_OFFSET_SECONDS) {
		const clockAdvice = offsetSeconds > 0 ? PROBE.advice.clockBehind : PROBE.advice.clockAhead;
		advice.push(clockAdvice({ seconds: Math.abs(offsetSeconds) }));
	}
	if (unavailableActions.length > 0) {
		advice.push(
			PROBE.advice.unavailable({ actions: inCommas(unavailableActions.map((name) => ours(name))) }),
		);
	}
	if (findings.ListsCountEntries === false) {
		advice.push(PROBE.advice.noAudit());
	}
	if (findings.ProductDevices === 'refused') {
		advice.push(PROBE.advice.linkProduct());
	}
	if (advice.length === 0) {
		advice.push(PROBE.advice.nothing());
	}
	return [PROBE.accepted({ requests: Requests }), ...advice, PROBE.advice.twoPushes()];
}

/** The sentences about a failure. The service's own text is masked, because people show reports to others. */
function failureSentences(
	failure: RequestFailure,
	{ code, message }: Pick<Observation['reading'], 'code' | 'message'>,
	appKey: string,
): Text[] {
	const isTextShown = failure.isFromService && code !== '';
	const text = ofService(withoutFullStop(maskedText(`${code}: ${message}`, appKey)));
	return [isTextShown ? PROBE.responded({ text }) : whatHappened(failure), failure.advice];
}

/** The members of envelopes and of the responses to the probe's requests (product 1465). */
const DOCUMENTED_NAMES = new Set([
	'Response',
	'Error',
	'Code',
	'Message',
	'RequestId',
	'Status',
	'Total',
	'code',
	'msg',
	'data',
	'message',
	'Data',
	'Result',
	'Customers',
	'CustomerId',
	'CountryCode',
	'PhoneNumber',
	'Orders',
	'OrderNo',
	'ItemId',
	'ItemVNO',
	'ItemNum',
	'Devices',
	'DeviceName',
	'ProductId',
	'LoginTime',
	'FirstOnlineTime',
	'CreateTime',
	'Version',
	'LogLevel',
	'DevAddr',
	'DevicePsk',
	'DeviceCert',
	'DevEUI',
	'AppKey',
	'AppSKey',
	'NwkSKey',
	'Model',
	'ModelDefine',
]);

/** The members of an envelope whose numbers are kept, up to six digits. Any other number may be a phone number. */
const NAMES_OF_KEPT_NUMBERS = /^(code|total)$/i;

/** The members that are envelopes around a result. */
const ENVELOPE_NAMES = /^(Response|data)$/;

/** The most elements of a list that are kept, and the most members of an object. */
const MOST_ELEMENTS = 2;
const MOST_MEMBERS = 50;

/** A body of more bytes is left out, because the responses to a probe have only one record. */
const LARGEST_BODY = 20_000;

/**
 * What was sent and received, as JSON text. Safe to publish: without secrets, names, ids or phone numbers.
 * @param appKey is removed first, because it may consist of words of the protocol, which are kept
 */
function transcriptOf(observations: readonly Observation[], appKey: string): string {
	const exchanges = observations.map((observation) => exchangeOf(observation, appKey));
	return JSON.stringify({ format: 'n8n-nodes-tencent-iot transcript 1', exchanges });
}

function exchangeOf(observation: Observation, appKey: string): object {
	const { exchange, fresh } = observation;
	const { parameters, scheme, purpose } = observation.request;
	// The ProductId is the only value that comes from the user.
	const request = 'ProductId' in parameters ? { ...parameters, ProductId: '…' } : parameters;
	const sent = { request, scheme, purpose };
	if ('error' in exchange) {
		return { ...sent, error: exchange.error.kind };
	}
	const { status, contentType } = exchange.response;
	const json = jsonIn(exchange.response);
	const response = {
		status,
		contentType: /html|json|plain/.exec(contentType)?.[0] ?? '',
		clockOffsetSeconds: clockOffsetSeconds(observation),
		body: json === undefined ? undefined : masked(json, { requestId: fresh.RequestId, appKey }),
	};
	return { ...sent, response };
}

function jsonIn({ body }: HttpResponse): unknown {
	if (body.length > LARGEST_BODY) {
		return undefined;
	}
	try {
		return JSON.parse(new TextDecoder().decode(body));
	} catch {
		return undefined;
	}
}

/**
 * Keeps the form of a response value and masks its content, except for words of the protocol and counts.
 * @param ids the ids of the exchange, which must not be shown
 * @param levels how many levels of nested values are kept
 * @param name the name of the member that has the value
 * @param isInEnvelope whether an envelope has that member
 */
function masked(
	value: unknown,
	ids: Record<'requestId' | 'appKey', string>,
	levels = 8,
	name = '',
	isInEnvelope = true,
): unknown {
	if (value === null || value === undefined || typeof value === 'boolean') {
		return value;
	}
	if (value === ids.requestId) {
		return '{RequestId}';
	}
	if (typeof value === 'string') {
		return maskedText(value, ids.appKey);
	}
	if (typeof value === 'number') {
		return isInEnvelope && NAMES_OF_KEPT_NUMBERS.test(name) && Math.abs(value) < 1e6 ? value : 0;
	}
	if (levels === 0) {
		return '…';
	}
	if (Array.isArray(value)) {
		return value.slice(0, MOST_ELEMENTS).map((element) => masked(element, ids, levels - 1, '', false));
	}
	const isEnvelope = isInEnvelope && (name === '' || ENVELOPE_NAMES.test(name));
	const members = Object.entries(value).slice(0, MOST_MEMBERS);
	return Object.fromEntries(
		members.map(([memberName, member], index) => [
			DOCUMENTED_NAMES.has(memberName) ? memberName : `…${index}`,
			masked(member, ids, levels - 1, memberName, isEnvelope),
		]),
	);
}

/** The most characters of a text that are kept. */
const LONGEST_KEPT_TEXT = 500;

/** Matches words of the protocol and of error messages, then any other word, which may be a name, an id or a token. */
const TOKENS =
	/((?:action|app|auth|customer|code|device|empty|error|exceeded|expired|fail|found|frequency|id|ed|ure|internal|invalid|is|item|key|limit|missing|no|nonce|not|of|ok|success|operation|order|param|eter|product|rate|refused|repeat|request|required|response|s|service|signature|the|time|stamp|too|many|unauthorized|value|wrong)+)(?![A-Za-z])|(签名|无效|非法|错误|时间戳|过期|参数|缺失|缺少|必选|必填|不能为空|不存在|重复|频率|限制|次数|权限|内部|失败|请求|接口|客户|用户|设备|产品|订单)|\d+|[A-Za-z]+|[\p{L}\p{M}\p{N}]/giu;

/**
 * A text in which everything except words of the protocol is masked, e.g. `CustomerId … 无效`.
 * @param appKey is also masked
 */
function maskedText(text: string, appKey: string): string {
	return cleanServerText(text, LONGEST_KEPT_TEXT)
		.replaceAll(appKey || '…', '…')
		.replace(TOKENS, (_, word?: string, phrase?: string) => word ?? phrase ?? '…')
		.replace(/[<>]/g, '…')
		.replace(/…[….\s]*…/g, '…');
}
