import { errorIn, refusalsIn, requestsBeforeThrottling } from '../../simulator/like/optionsLike.mts';
import type { PushFindings, Transcript } from '../../simulator/like/transcript.mts';
import type { PushTest, Seen } from './pushes.mts';

/** What *Account: Check* outputs: both summaries, a transcript as JSON text, and each finding under its name. */
export interface CheckItem {
	readonly Summary: string;
	readonly SummaryZh: string;
	readonly Accepted: boolean;
	readonly SignatureScheme?: string;
	/** A `Transcript` as JSON text. */
	readonly Transcript: string;
	readonly [finding: string]: unknown;
}

/** In the order of the page; the documentation of *Account: Check* explains each of them. */
const FINDINGS = [
	'PackageVersion',
	'Accepted',
	'SignatureScheme',
	'ClockOffsetSeconds',
	'RequestIdEchoed',
	'OldTimestampRefused',
	'RepeatedNonceRefused',
	'Actions',
	'Customers',
	'ProductDevices',
	'Requests',
	'Unanswered',
];

const NOT_KNOWN = 'not known / 未知';

const FURTHER_PUSH = {
	replaces: 'replaces the devices / 替换设备',
	adds: 'adds devices / 追加设备',
} as const;

const DEVICE_OF_ANOTHER = {
	shared: 'both customers have it / 两个客户都有',
	moves: 'moves to the customer that was pushed last / 归最后推送的客户',
	refused: 'is refused / 被拒绝',
} as const;

const SEEN: Readonly<Record<Seen, string>> = {
	none: 'neither device / 没有测试设备',
	first: 'device 1 / 设备 1',
	second: 'device 2 / 设备 2',
	both: 'devices 1 and 2 / 设备 1 和 2',
	notShown: 'devices of a customer are not shown / 不显示客户的设备',
};

/**
 * The report: one Markdown file in English and Chinese without any key, customer, device or phone number. Its last block is
 * the transcript, with which a simulator behaves the same.
 *
 * @param test undefined if nothing was pushed
 * @param path the path of the report, for the command that reads it
 */
export function pageOf(item: CheckItem, test: PushTest | undefined, path: string): string {
	const transcript = JSON.parse(item.Transcript) as Transcript;
	const whole: Transcript = test === undefined ? transcript : { ...transcript, pushes: test.findings };
	const parts = [
		'# How the service behaves',
		item.Summary,
		item.SummaryZh,
		tableOf(
			['', 'Found out'],
			FINDINGS.map((name) => [name, textOf(item[name])] as const),
		),
		'## Codes and limits',
		tableOf(['What', 'Response'], codesIn(transcript)),
	];
	if (item.Accepted) {
		parts.push('## Pushes', describePushes(test));
	}
	parts.push(
		'## Behaves the same',
		`\`npm run simulator -- --like ${path}\``,
		`\`\`\`json\n${JSON.stringify(whole, null, '\t')}\n\`\`\``,
	);
	return `${parts.join('\n\n')}\n`;
}

/** The report as shown on a terminal: without the transcript. */
export function withoutTranscript(page: string): string {
	return page.slice(0, page.indexOf('## Behaves the same'));
}

/** The code and status with which each kind of request was refused, and whether there was a rate limit. */
function codesIn(transcript: Transcript): ReadonlyArray<readonly [what: string, response: string]> {
	const { signature, action, missing, oldTimestamp, repeatedNonce, throttled } = refusalsIn(transcript);
	const responseOf = (exchange: typeof signature) => {
		if (exchange?.response === undefined) {
			return 'not seen / 未出现';
		}
		const { status, body } = exchange.response;
		return `${errorIn(body)?.Code ?? '-'} (HTTP ${status})`;
	};
	const admitted = requestsBeforeThrottling(transcript);
	const limit =
		admitted === undefined
			? `none met by ${transcript.exchanges.length} requests / ${transcript.exchanges.length} 个请求未遇到限流`
			: `after ${admitted} requests / ${admitted} 个请求之后: ${responseOf(throttled)}`;
	return [
		['Another signature scheme', responseOf(signature)],
		['An Action that does not exist', responseOf(action)],
		['A required parameter is missing', responseOf(missing)],
		['A Timestamp of an hour ago', responseOf(oldTimestamp)],
		['A Timestamp and Nonce that were used', responseOf(repeatedNonce)],
		['Limit', limit],
	];
}

function describePushes(test: PushTest | undefined): string {
	if (test === undefined) {
		return (
			'None were sent: whether a push replaces or adds is not known. `npm start -- --probe` on a terminal offers three.\n\n' +
			'未推送：推送是替换还是追加仍未知。在终端运行 `npm start -- --probe` 可以发送三次测试推送。'
		);
	}
	const { pushes, findings, seen } = test;
	const rows = pushes.map(({ customer, device, outcome, code, requestId }, index) => [
		`${index + 1}. customer ${customer} ← device ${device}`,
		[outcome, code, requestId].filter((text) => text !== '').join(' '),
	]);
	const seenText = seen === undefined ? 'nobody has looked yet / 尚未查看' : SEEN[seen];
	return tableOf(
		['Push', 'Outcome'],
		[
			...(rows as Array<[string, string]>),
			['Customer A has', seenText],
			['A further push', furtherPushText(findings)],
			['A device of another customer', deviceOfAnotherText(findings)],
		],
	);
}

function furtherPushText({ furtherPush }: PushFindings): string {
	return furtherPush === undefined ? NOT_KNOWN : FURTHER_PUSH[furtherPush];
}

function deviceOfAnotherText({ deviceOfAnother }: PushFindings): string {
	return deviceOfAnother === undefined ? NOT_KNOWN : DEVICE_OF_ANOTHER[deviceOfAnother];
}

/** @param rows rows with an empty second cell are left out */
function tableOf(head: readonly [string, string], rows: ReadonlyArray<readonly [string, string]>): string {
	const lines = rows
		.filter(([, text]) => text !== '')
		.map(([name, text]) => `| ${name} | ${text.replaceAll('|', '/')} |`);
	return [`| ${head.join(' | ')} |`, '| --- | --- |', ...lines].join('\n');
}

function textOf(value: unknown): string {
	if (value === undefined) {
		return '';
	}
	if (Array.isArray(value)) {
		return value.join(', ');
	}
	if (typeof value !== 'object' || value === null) {
		return String(value);
	}
	return Object.entries(value)
		.filter(([, member]) => member !== undefined)
		.map(([name, member]) => `${name}: ${textOf(member) || '-'}`)
		.join('; ');
}
