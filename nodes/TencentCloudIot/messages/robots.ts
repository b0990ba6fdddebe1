/**
 * Messages for the robots of group chats: the JSON body to post, and whether a robot's response says that it accepted the message.
 *
 * The words of a message come from rows, from the service and from people. None of them may mention a whole group, add a link next to the
 * real one, or start a line that looks like the node's own. So each line is cleaned as a whole, and only `addLink` adds a link.
 */

/** The choices of 'Message For'. Stored in workflows: they never change once published. */
export const ROBOTS = ['text', 'wecom', 'feishu', 'dingtalk', 'slack', 'teams'] as const;
export type Robot = (typeof ROBOTS)[number];

/**
 * WeCom refuses a text above 2,048 bytes of UTF-8, the lowest limit of all robots. The difference leaves room for what a client adds.
 * https://developer.work.weixin.qq.com/document/path/91770
 */
const MOST_MESSAGE_BYTES = 2_000;

/** Control, direction, private, unassigned and invisible characters, and what starts a new line. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/**
 * What clients turn into mentions, links and markup, each with a replacement that looks similar and means nothing to them. In this order:
 * - `@`, also in its full-width and small forms: it makes a mention in DingTalk and WeCom
 * - angle brackets: Slack's `<!channel>` and Feishu's `<at user_id="all">`
 * - a scheme, a domain and an e-mail address: every client turns them into links
 * - `[text](address)`: a link in Feishu, DingTalk and Teams
 * - an entity, which a client may decode into one of the above
 * - emphasis and code; not `_`, which is a part of many ids
 */
const HARMLESS_REPLACEMENTS: ReadonlyArray<[pattern: RegExp, replacement: string]> = [
	[/[@＠﹫]/g, '(a)'],
	[/[<＜﹤]/g, '‹'],
	[/[>＞﹥]/g, '›'],
	[/&(?=#?\w)/g, '＆'],
	[/[:：﹕](?=\s*[/\\／])/g, ' '],
	[/\b(tel|mailto|sms|data|javascript|file|weixin|dingtalk|slack|lark|msteams)[:：﹕]/gi, '$1 '],
	[/[/／]+(?=\s*[/／])/g, ''],
	[/(?<=[\p{L}\p{N}_-])[.．｡](?=[\p{L}\p{M}][\p{L}\p{M}\p{N}-])/gu, '·'],
	[/(?<=[a-z0-9])。(?=[a-z]{2})/gi, '。 '],
	[/[\]］]\s*(?=[(（[［])/g, '› '],
	[/[*＊]/g, '×'],
	[/[`~]/g, "'"],
];

/** The words in one line, without anything that a client would turn into a mention, a link or markup. */
function cleanLine(text: string): string {
	let line = text.normalize('NFC').replace(UNPRINTABLE, ' ');
	for (const [pattern, replacement] of HARMLESS_REPLACEMENTS) {
		line = line.replace(pattern, replacement);
	}
	return line.replace(/ {2,}/g, ' ').trim();
}

/** A line that has been cleaned: words, which never become a link or a mention, or a link that the workflow's owner set. */
type CleanLine = string | { label: string; address: string };

/** Whether a robot accepted a message, and how it responded, e.g. `200 {"errcode":93000,"errmsg":"invalid webhook url"}`. */
interface JudgedResponse {
	isTaken: boolean;
	response: string;
}

/** A message to a robot, built line by line, and the judgement of the robot's response. */
export class RobotMessage {
	readonly #robot: Robot;
	readonly #lines: CleanLine[] = [];

	constructor(robot: Robot) {
		this.#robot = robot;
	}

	/**
	 * Judges the item that n8n's node HTTP Request outputs with 'Include Response Headers and Status' and 'Never Error'.
	 * @param item `{ statusCode, body }`, or `{ statusCode, data }` if the node puts a text into its default field; `{ error }` without a response
	 */
	static judgeResponse(robot: Robot, item: Readonly<Record<string, unknown>>): JudgedResponse {
		const status = Number(item['statusCode'] ?? NaN);
		if (!Number.isInteger(status)) {
			return {
				isTaken: false,
				response: cleanResponse(textOf(item['error'] ?? item['message'] ?? '') || 'no response'),
			};
		}
		const body = parseBody(item['body'] ?? item['data'] ?? '');
		const is2xx = status >= 200 && status < 300;
		const isTaken = is2xx && IS_TAKEN[robot](body);
		return { isTaken, response: cleanResponse(`${status} ${textOf(body)}`) };
	}

	add(line: string): void {
		this.#lines.push(cleanLine(line));
	}

	/** Adds a link, if the address is that of a web page: a message does not contain links that nobody can open. */
	addLink(label: string, pageAddress: string): void {
		const url = URL.parse(pageAddress.trim());
		if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '') {
			return;
		}
		// `URL` does not encode these characters, but some clients end an address at them.
		const address = url.href.replace(/['()*|<>]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
		this.#lines.push({ label: cleanLine(label), address });
	}

	/** Whether the body has all lines, each of them whole. */
	get isWhole(): boolean {
		return this.#lines.reduce((sum, line) => sum + bytesOf(line), 0) <= MOST_MESSAGE_BYTES;
	}

	/**
	 * The body to post to the robot; plain text for 'Text'. Lines at the end that do not fit are left out, but never a link.
	 * E.g. `{"msgtype":"text","text":{"content":"CRM to IoT sync · 失败 / failing\n…"}}`
	 */
	get body(): string {
		const write = BODIES[this.#robot];
		return write(fitLines(this.#lines).filter((line) => line !== ''));
	}
}

function bytesOf(line: CleanLine): number {
	const text = typeof line === 'string' ? line : `${line.label} ${line.address}`;
	return Buffer.byteLength(text) + 1;
}

/** Cuts the last lines so that all lines fit the limit. No link is cut, wherever it is. */
function fitLines(lines: readonly CleanLine[]): CleanLine[] {
	let bytesLeft = MOST_MESSAGE_BYTES;
	for (const line of lines) {
		if (typeof line !== 'string') {
			bytesLeft -= bytesOf(line);
		}
	}
	const fittingLines: CleanLine[] = [];
	for (const line of lines) {
		if (typeof line !== 'string') {
			fittingLines.push(line);
			continue;
		}
		const beginning = cutToBytes(line, bytesLeft - 1);
		bytesLeft -= bytesOf(beginning);
		if (beginning !== '') {
			fittingLines.push(beginning);
		}
	}
	return fittingLines;
}

const CUT_SIGN = '…';

/** The text, or its beginning and `…`. It never cuts through a character as a reader sees it. */
export function cutToBytes(text: string, mostBytes: number): string {
	if (Buffer.byteLength(text) <= mostBytes) {
		return text;
	}
	let bytes = Buffer.byteLength(CUT_SIGN);
	if (mostBytes < bytes) {
		return '';
	}
	let cut = '';
	for (const { segment } of new Intl.Segmenter().segment(text)) {
		bytes += Buffer.byteLength(segment);
		if (bytes > mostBytes) {
			break;
		}
		cut += segment;
	}
	return cut + CUT_SIGN;
}

function inText(lines: readonly CleanLine[]): string {
	return lines.map((line) => (typeof line === 'string' ? line : `${line.label} ${line.address}`)).join('\n');
}

/** The body for WeCom and DingTalk. */
function inTextMessage(lines: readonly CleanLine[]): string {
	return JSON.stringify({ msgtype: 'text', text: { content: inText(lines) } });
}

/** Slack reads `&`, `<` and `>` as its own markup: https://docs.slack.dev/messaging/formatting-message-text */
function inSlack(lines: readonly CleanLine[]): string {
	const escapeAmpersands = (text: string) => text.replaceAll('&', '&amp;');
	const texts = lines.map((line) => {
		return typeof line === 'string'
			? escapeAmpersands(line)
			: `${escapeAmpersands(line.label)} <${escapeAmpersands(line.address)}>`;
	});
	return texts.join('\n');
}

/** Teams reads Markdown in a `TextBlock`, but none in a `TextRun`: https://adaptivecards.io/explorer/TextRun.html */
function inTeams(lines: readonly CleanLine[]): object {
	const body: object[] = [];
	const actions: object[] = [];
	for (const line of lines) {
		if (typeof line === 'string') {
			body.push({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: line }] });
		} else {
			actions.push({ type: 'Action.OpenUrl', title: line.label, url: line.address });
		}
	}
	const card = { type: 'AdaptiveCard', version: '1.4', body, actions };
	return {
		type: 'message',
		attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
	};
}

const BODIES: Readonly<Record<Robot, (lines: readonly CleanLine[]) => string>> = {
	text: inText,
	wecom: inTextMessage,
	dingtalk: inTextMessage,
	feishu: (lines) => JSON.stringify({ msg_type: 'text', content: { text: inText(lines) } }),
	slack: (lines) => JSON.stringify({ text: inSlack(lines), mrkdwn: false }),
	teams: (lines) => JSON.stringify(inTeams(lines)),
};

/** The most characters of a response that are shown. */
const LONGEST_RESPONSE = 300;

/**
 * Whether the body of a response with status 2xx shows that the robot accepted the message. WeCom, DingTalk and Feishu also refuse with 200.
 * Feishu's older robots respond with `StatusCode`; Slack's webhooks with `ok` as text, its Web API with `{ ok: true }`. If the robot is not
 * known, everything counts as accepted except a refusal by any of these: somebody may post to WeCom without having chosen it.
 */
const IS_TAKEN: Readonly<Record<Robot, (body: unknown) => boolean>> = {
	text: (body) => !isRefusal(body),
	wecom: (body) => memberOf(body, 'errcode') === 0,
	dingtalk: (body) => memberOf(body, 'errcode') === 0,
	feishu: (body) => (memberOf(body, 'code') ?? memberOf(body, 'StatusCode')) === 0,
	slack: (body) => body === 'ok' || memberOf(body, 'ok') === true,
	teams: (body) => !isRefusal(body),
};

/** Whether a body with status 2xx is a refusal by any of the robots. Some services respond with a `code` of 200 for a success. */
function isRefusal(body: unknown): boolean {
	const code = Number(
		memberOf(body, 'errcode') ?? memberOf(body, 'code') ?? memberOf(body, 'StatusCode') ?? 0,
	);
	const isSuccessCode = code === 0 || (code >= 200 && code < 300);
	const isErrorCode = Number.isFinite(code) && !isSuccessCode;
	// https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
	const isTeamsFailure = typeof body === 'string' && body.startsWith('Webhook message delivery failed');
	return isErrorCode || isTeamsFailure || memberOf(body, 'ok') === false;
}

function memberOf(body: unknown, name: string): unknown {
	return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

function parseBody(body: unknown): unknown {
	if (typeof body !== 'string' || !/^\s*\{/.test(body)) {
		return typeof body === 'string' ? body.trim() : body;
	}
	try {
		return JSON.parse(body);
	} catch {
		return body;
	}
}

function textOf(value: unknown): string {
	if (typeof value === 'string') {
		return value;
	}
	const message = memberOf(value, 'message');
	return typeof message === 'string' ? message : (JSON.stringify(value) ?? '');
}

function cleanResponse(text: string): string {
	const line = text
		.slice(0, 4 * LONGEST_RESPONSE)
		.replace(UNPRINTABLE, ' ')
		.trim();
	return line.length <= LONGEST_RESPONSE ? line : `${line.slice(0, LONGEST_RESPONSE - 1)}${CUT_SIGN}`;
}
