import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutToBytes, type Robot, RobotMessage } from '../../nodes/TencentCloudIot/messages/robots';

const ROBOTS: readonly Robot[] = ['wecom', 'feishu', 'dingtalk', 'slack', 'teams'];
const FORM = 'https://n8n.example.com/form/approve-a-plan';

/** A line of a message: words, or a link. */
type Line = string | { label: string; address: string };

function messageFor(robot: Robot, lines: readonly Line[]): string {
	const message = new RobotMessage(robot);
	for (const line of lines) {
		if (typeof line === 'string') {
			message.add(line);
		} else {
			message.addLink(line.label, line.address);
		}
	}
	return message.body;
}

/** Ids, names and errors that try to mention a whole group, or to show a foreign page. */
const HOSTILE = [
	'<!channel> look',
	'<!subteam^S012AB|everyone>',
	'<@U024BE7LH>',
	'<at user_id="all">所有人</at>',
	'&lt;at user_id="all"&gt;&lt;/at&gt;',
	'@all @everyone @here @channel @所有人',
	'＠all ﹫13712345678 <@13712345678>',
	'[Approve](https://evil.example)',
	'https://evil.example/approve?x=1',
	'<https://evil.example|Approve the plan>',
	'www.evil.example or evil.example/path',
	'mailto:boss@evil.example tel:+8613712345678',
	'evil．example ｈｔｔｐ：／／evil。com',
	'a\nCRM to IoT sync · 正常 / ok\r\nApprove',
	'a\u2028b\u2029c\u0085d\u000be\u000cf',
	'\u202ehttps://moc.live\u202c\u200b@\u200ball e\u200bvil\u00ad.example',
	'**bold** `code` ~~gone~~ ![x](http://1.2.3.4/x.png) <b onclick=x>',
];

/** The places of a message that contain text from outside. */
const PLACES: ReadonlyArray<[place: string, lines: (hostile: string) => Line[]]> = [
	[
		'a customer id',
		(text) => ['Sync · 失败', `3 个客户本次开始失败（${text}、c2）`, `1 customer newly failed ('${text}')`],
	],
	['a serial number', (text) => [`· 变化：c1：P/d · ${text} · Lock`]],
	['a product', (text) => [`· new: c1: P/d · SN · ${text}`]],
	['a device', (text) => [`设备 ${text}`, `Device ${text}.`]],
	['the approver', (text) => [`已由 ${text} 批准 / Approved by ${text}`]],
	['an error of the source', (text) => [`没有读到数据行 / No rows: ${text}`]],
];

/** The lines that a robot shows, with Slack's entities decoded as in its clients. */
function shownLines(robot: Robot, message: string): string[] {
	const body = JSON.parse(message) as Record<string, unknown>;
	if (robot === 'teams') {
		const [{ content }] = body['attachments'] as [
			{ content: { body: Array<{ inlines: [{ text: string }] }> } },
		];
		return content.body.map(({ inlines }) => inlines[0].text);
	}
	const texts: Readonly<Record<string, unknown>> = {
		wecom: (body['text'] as { content?: string } | undefined)?.content,
		dingtalk: (body['text'] as { content?: string } | undefined)?.content,
		feishu: (body['content'] as { text?: string } | undefined)?.text,
		slack: body['text'],
	};
	return String(texts[robot]).split('\n');
}

/** Independent patterns, broader than those of any client. */
const MENTION = /<[!@]|<at\b|&lt;|&#|[@＠﹫]\S/iu;
const LINK =
	/[a-z][a-z0-9+.-]*\s?[:：]\s?[/／]{2}|\bwww\b\s?[.．]|[\p{L}\p{N}-]+[.．｡][\p{L}]{2,}|\]\s*\(|\b(mailto|tel|javascript):|<\w+:/iu;
const LINE_BREAK = /[\p{Cc}\p{Zl}\p{Zp}]/u;

describe('No text from outside reaches a robot as a mention, a link or a line', () => {
	const cases = HOSTILE.flatMap((text) =>
		PLACES.flatMap(([place, linesOf]) => ROBOTS.map((robot) => [robot, place, text, linesOf(text)] as const)),
	);

	test('There are 17 texts in 6 places for 5 robots', () => {
		expect(cases).toHaveLength(17 * 6 * 5);
	});

	test.each(cases)('%s, %s: %j', (robot, _place, _text, lines) => {
		const shown = shownLines(robot, messageFor(robot, lines));
		expect(shown).toHaveLength(lines.length);
		for (const line of shown) {
			expect(line).not.toMatch(MENTION);
			expect(line).not.toMatch(LINK);
			expect(line).not.toMatch(LINE_BREAK);
		}
	});

	test('The patterns match each hostile text before it is cleaned', () => {
		const missed = HOSTILE.filter(
			(text) => ![MENTION, LINK, LINE_BREAK].some((pattern) => pattern.test(text)),
		);
		expect(missed).toEqual([]);
	});

	test('Random combinations of hostile pieces are cleaned, too', () => {
		const pieces = [
			'@',
			'＠',
			'<',
			'>',
			'!',
			'at',
			'all',
			' ',
			':',
			'：',
			'/',
			'//',
			'.',
			'．',
			'evil',
			'com',
			'中国',
			'[',
			']',
			'(',
			')',
			'&',
			'#64',
			';',
			'\n',
			'\u200b',
			'https',
			'\u2028',
			'e\u0301',
			'*',
			'\\',
		];
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom(...pieces), { maxLength: 24 }),
				fc.constantFrom(...ROBOTS),
				(parts, robot) => {
					const shown = shownLines(robot, messageFor(robot, [`x ${parts.join('')} y`]));
					expect(shown).toHaveLength(1);
					for (const pattern of [MENTION, LINK, LINE_BREAK]) {
						expect(shown[0]).not.toMatch(pattern);
					}
				},
			),
			{ numRuns: 3_000 },
		);
	});
});

test('Ids, serial numbers and sentences of the node stay unchanged', () => {
	const lines = [
		"1 customer newly failed ('user_1024', 'KH-000.7' and others). 2 of 3 are up to date, 1 pushed now (2 devices).",
		'· 第 3 行 KH000007：DeviceId 为空（没有任何更改）；约 1.5 小时。修正后下次运行自动恢复。Sync 正常',
		'PRODUCT1/dev_01 · SN-0001 · Smart Lock (2024)',
	];
	expect(messageFor('text', lines)).toBe(lines.join('\n'));
	// Between two Latin words, a client would turn it into a link.
	expect(messageFor('text', ['修正 4 行中的 CustomerId。Row Handling 可处理这 4 行'])).toBe(
		'修正 4 行中的 CustomerId。 Row Handling 可处理这 4 行',
	);
});

test.each(ROBOTS)('The form for an approval is a link for %s', (robot) => {
	const link = { label: '批准 / Approve', address: ` ${FORM} ` };
	const message = messageFor(robot, ['Sync stopped', link]);
	expect(message).toContain(FORM);
	expect(() => JSON.parse(message) as unknown).not.toThrow();
});

test.each(HOSTILE)('The label of a link is cleaned like a line: %j', (text) => {
	expect(messageFor('text', [{ label: text, address: FORM }])).toBe(`${messageFor('text', [text])} ${FORM}`);
});

test('Text that is not the address of a page does not become a link', () => {
	const noAddresses = [
		'',
		'PASTE THE ADDRESS HERE',
		'javascript:alert(1)',
		'ftp://x',
		'https://user:pass@x',
		'n8n/form',
	];
	const links = noAddresses.map((address) => ({ label: 'label', address }));
	expect(messageFor('text', ['line', ...links])).toBe('line');
});

test('No message exceeds the smallest limit of all robots, and the link is kept', () => {
	const link = { label: '批准', address: FORM };
	const lines: Line[] = ['汉'.repeat(900), '👨‍👩‍👧‍👦'.repeat(100), link, 'end'];
	const { text } = JSON.parse(messageFor('wecom', lines)) as { text: { content: string } };
	expect(Buffer.byteLength(text.content)).toBeLessThanOrEqual(2_000);
	expect(text.content).toContain(FORM);
	expect(text.content).toMatch(/…\n批准/);
});

test('A plain text message is not JSON', () => {
	expect(messageFor('text', ['a', 'b'])).toBe('a\nb');
});

describe("A message is accepted when the robot's response says so", () => {
	const cases: ReadonlyArray<[Robot, object, boolean]> = [
		['wecom', { statusCode: 200, body: { errcode: 0, errmsg: 'ok' } }, true],
		['wecom', { statusCode: 200, body: '{"errcode":0}' }, true],
		['wecom', { statusCode: 200, data: '{"errcode":0}' }, true],
		['wecom', { statusCode: 200, body: { errcode: 93000 } }, false],
		['wecom', { statusCode: 200, body: { errcode: 45009 } }, false],
		['wecom', { statusCode: 200, body: '<html>a proxy</html>' }, false],
		['wecom', { statusCode: 200, body: '' }, false],
		['wecom', { statusCode: 502, body: { errcode: 0 } }, false],
		['dingtalk', { statusCode: 200, body: { errcode: 0 } }, true],
		['dingtalk', { statusCode: 200, body: { errcode: 310000, errmsg: 'keywords not in content' } }, false],
		['feishu', { statusCode: 200, body: { code: 0 } }, true],
		['feishu', { statusCode: 200, body: { StatusCode: 0, StatusMessage: 'success' } }, true],
		['feishu', { statusCode: 200, body: { code: 9499 } }, false],
		['feishu', { statusCode: 200, body: { code: 19024, StatusCode: 0 } }, false],
		['feishu', { statusCode: 200, body: {} }, false],
		['slack', { statusCode: 200, body: 'ok' }, true],
		['slack', { statusCode: 200, data: 'ok' }, true],
		['slack', { statusCode: 200, body: { ok: true } }, true],
		['slack', { statusCode: 200, body: { ok: false, error: 'channel_not_found' } }, false],
		['slack', { statusCode: 400, body: 'invalid_payload' }, false],
		['slack', { statusCode: 404, body: 'no_service' }, false],
		['teams', { statusCode: 202, body: '' }, true],
		['teams', { statusCode: 200, body: '1' }, true],
		['teams', { statusCode: 401, body: { error: 'unauthorized' } }, false],
		['text', { statusCode: 204 }, true],
		['text', { statusCode: 500, body: 'x' }, false],
		// Refusals by WeCom, DingTalk and Feishu are also recognized if 'Message For' has its default value.
		['text', { statusCode: 200, body: { errcode: 0, errmsg: 'ok' } }, true],
		['text', { statusCode: 200, body: { errcode: 40008, errmsg: 'invalid message type' } }, false],
		['text', { statusCode: 200, body: '{"code":19024,"msg":"Key Words Not Found","data":{}}' }, false],
		['text', { statusCode: 200, body: { StatusCode: 9499 } }, false],
		['text', { statusCode: 200, body: { ok: false } }, false],
		['text', { statusCode: 200, body: { code: 200, message: 'success' } }, true],
		['text', { statusCode: 200, body: { code: 0 } }, true],
		['text', { statusCode: 200, body: { code: 'SUCCESS' } }, true],
		['text', { statusCode: 200, body: 'ok' }, true],
		[
			'teams',
			{
				statusCode: 200,
				body: 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413',
			},
			false,
		],
		['wecom', { error: { message: 'socket hang up' } }, false],
		['slack', { error: 'The connection was aborted' }, false],
		['slack', {}, false],
		['teams', { Health: 'ok' }, false],
	];

	test.each(cases)('%s %j: %s', (robot, item, isTaken) => {
		expect(RobotMessage.judgeResponse(robot, { ...item }).isTaken).toBe(isTaken);
	});

	test('The response is shown in one line', () => {
		expect(
			RobotMessage.judgeResponse('wecom', { statusCode: 200, body: { errcode: 93000, errmsg: 'x\ny' } })
				.response,
		).toBe('200 {"errcode":93000,"errmsg":"x\\ny"}');
		expect(RobotMessage.judgeResponse('wecom', { error: { message: 'socket\nhang up' } }).response).toBe(
			'socket hang up',
		);
		expect(RobotMessage.judgeResponse('wecom', {}).response).toBe('no response');
		expect(
			RobotMessage.judgeResponse('slack', { statusCode: 500, body: 'x'.repeat(5000) }).response,
		).toHaveLength(300);
	});
});

test('A shortened text keeps as many whole characters as fit, and an ellipsis', () => {
	const characters = ['a', 'é', '汉', '😀', '🇨🇳', '👨‍👩‍👧‍👦', 'e\u0301'];
	const texts = fc.array(fc.constantFrom(...characters), { maxLength: 12 });
	fc.assert(
		fc.property(texts, fc.nat(120), (whole, most) => {
			const text = whole.join('');
			const fits = (candidate: string) => Buffer.byteLength(candidate) <= most;
			const beginnings = whole.map((_, count) => `${whole.slice(0, count).join('')}…`);
			const longest = beginnings.filter(fits).at(-1) ?? '';
			expect(cutToBytes(text, most)).toBe(fits(text) ? text : longest);
		}),
	);
});
