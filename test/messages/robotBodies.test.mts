import { describe, expect, test } from '@jest/globals';
import { cutToBytes, type Robot, RobotMessage } from '../../nodes/TencentCloudIot/messages/robots';

const FORM = 'https://n8n.example/form?id=1&step=2';

function messageFor(robot: Robot): RobotMessage {
	const message = new RobotMessage(robot);
	message.add("R & D: 'a' <failed>");
	message.add('');
	message.add('检查映射');
	message.addLink('Approve & go', FORM);
	return message;
}

const TEXT = `R & D: 'a' ‹failed›\n检查映射\nApprove & go ${FORM}`;

test.each<[robot: Robot, body: unknown]>([
	['wecom', { msgtype: 'text', text: { content: TEXT } }],
	['dingtalk', { msgtype: 'text', text: { content: TEXT } }],
	['feishu', { msg_type: 'text', content: { text: TEXT } }],
	[
		'slack',
		{
			text: "R &amp; D: 'a' ‹failed›\n检查映射\nApprove &amp; go <https://n8n.example/form?id=1&amp;step=2>",
			mrkdwn: false,
		},
	],
	[
		'teams',
		{
			type: 'message',
			attachments: [
				{
					contentType: 'application/vnd.microsoft.card.adaptive',
					content: {
						type: 'AdaptiveCard',
						version: '1.4',
						body: [
							{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: "R & D: 'a' ‹failed›" }] },
							{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: '检查映射' }] },
						],
						actions: [{ type: 'Action.OpenUrl', title: 'Approve & go', url: FORM }],
					},
				},
			],
		},
	],
])('%s gets its own message format, without empty lines', (robot, body) => {
	expect(JSON.parse(messageFor(robot).body)).toEqual(body);
});

test('Without a chosen robot, the message is plain text', () => {
	expect(messageFor('text').body).toBe(TEXT);
});

test.each([
	['https://n8n.example/form', 'https://n8n.example/form'],
	['  https://n8n.example/form\n', 'https://n8n.example/form'],
	['http://10.0.0.1:5678/form', 'http://10.0.0.1:5678/form'],
	["https://n8n.example/a'b(c)d*e|f", 'https://n8n.example/a%27b%28c%29d%2ae%7cf'],
	['ftp://n8n.example/form', undefined],
	['httpsx://n8n.example/form', undefined],
	['xhttps://n8n.example/form', undefined],
	['https://user@n8n.example/form', undefined],
	['form', undefined],
	['', undefined],
])('The address %j is a link to %s', (address, link) => {
	const message = new RobotMessage('text');
	message.addLink('Open', address);
	expect(message.body).toBe(link === undefined ? '' : `Open ${link}`);
});

test.each([
	['a\u0000b', 'a b'],
	['a\n b', 'a b'],
	['  a   b  ', 'a b'],
	['a\u200bb', 'a b'],
	['e\u0301', 'é'],
	['', ''],
])('The line %j is shown as %j', (line, shown) => {
	const message = new RobotMessage('text');
	message.add(line);
	expect(message.body).toBe(shown);
});

describe('A message has at most 2,000 bytes', () => {
	/** A message whose lines have these numbers of bytes, including line ends. */
	function ofBytes(...bytes: number[]): RobotMessage {
		const message = new RobotMessage('text');
		for (const count of bytes) {
			message.add('x'.repeat(count - 1));
		}
		return message;
	}

	test.each<[bytes: number[], isWhole: boolean]>([
		[[1], true],
		[[2000], true],
		[[2001], false],
		[[1000, 1000], true],
		[[1000, 1001], false],
	])('lines of %j: whole is %s', (bytes, isWhole) => {
		expect(ofBytes(...bytes).isWhole).toBe(isWhole);
	});

	test('with a link, which counts with its label', () => {
		const message = ofBytes(1900);
		message.addLink('x'.repeat(70), 'https://n8n.example/aaaaaaa');
		expect(message.isWhole).toBe(true);
		message.add('');
		expect(message.isWhole).toBe(true);
		message.add('x');
		expect(message.isWhole).toBe(false);
	});

	test('and is cut from the last line on if it does not fit', () => {
		expect(ofBytes(1990, 20, 20).body).toBe(`${'x'.repeat(1989)}\n${'x'.repeat(6)}…`);
		expect(ofBytes(2001).body).toBe(`${'x'.repeat(1996)}…`);
		expect(ofBytes(1999, 20).body).toBe('x'.repeat(1998));
	});
});

test.each([
	['abc', 3, 'abc'],
	['abcd', 3, '…'],
	['abcd', 2, ''],
	['abcdef', 5, 'ab…'],
	['', 0, ''],
	['设备号', 8, '设…'],
	['设备号', 9, '设备号'],
])('%j cut to %i bytes is %j', (text, most, cut) => {
	expect(cutToBytes(text, most)).toBe(cut);
});

describe("A robot's response", () => {
	test.each<[what: string, item: object, robot: Robot, taken: boolean, response: string]>([
		['a status without a body', { statusCode: 204 }, 'text', true, '204'],
		['the lowest success', { statusCode: 200, body: 'ok' }, 'slack', true, '200 ok'],
		['a text with blanks', { statusCode: 200, body: ' ok\n' }, 'slack', true, '200 ok'],
		['a status below', { statusCode: 199, body: 'ok' }, 'slack', false, '199 ok'],
		['the highest success', { statusCode: 299, body: '' }, 'text', true, '299'],
		['a redirect', { statusCode: 300, body: '' }, 'text', false, '300'],
		['a status as text', { statusCode: '200', body: 'ok' }, 'slack', true, '200 ok'],
		['a status that is none', { statusCode: 'OK', body: 'ok' }, 'slack', false, 'no response'],
		[
			'JSON with blanks before it',
			{ statusCode: 200, data: ' \n{"errcode":0}' },
			'wecom',
			true,
			'200 {"errcode":0}',
		],
		[
			'JSON behind words',
			{ statusCode: 200, data: 'x {"errcode":0}' },
			'wecom',
			false,
			'200 x {"errcode":0}',
		],
		['broken JSON', { statusCode: 200, data: '{"errcode":0' }, 'wecom', false, '200 {"errcode":0'],
		['null', { statusCode: 200, body: null }, 'text', true, '200'],
		['a number', { statusCode: 200, body: 7 }, 'text', true, '200 7'],
		['a list', { statusCode: 200, body: [1] }, 'wecom', false, '200 [1]'],
		['an object with a message', { statusCode: 500, body: { message: 'busy' } }, 'wecom', false, '500 busy'],
		['a message of n8n', { message: 'socket hang up' }, 'wecom', false, 'socket hang up'],
		['an error of n8n', { error: 'ECONNRESET' }, 'wecom', false, 'ECONNRESET'],
		['a code of 199', { statusCode: 200, body: { code: 199 } }, 'text', false, '200 {"code":199}'],
		['a code of 200', { statusCode: 200, body: { code: 200 } }, 'text', true, '200 {"code":200}'],
		['a code of 299', { statusCode: 200, body: { code: 299 } }, 'text', true, '200 {"code":299}'],
		['a code of 300', { statusCode: 200, body: { code: 300 } }, 'text', false, '200 {"code":300}'],
		['a code that is a word', { statusCode: 200, body: { code: 'OK' } }, 'teams', true, '200 {"code":"OK"}'],
	])('%s', (_what, item, robot, isTaken, response) => {
		expect(RobotMessage.judgeResponse(robot, { ...item })).toEqual({ isTaken, response });
	});

	test('is shown in 300 characters of one line', () => {
		const shown = (body: string) => RobotMessage.judgeResponse('slack', { statusCode: 500, body }).response;
		expect(shown('x'.repeat(296))).toBe(`500 ${'x'.repeat(296)}`);
		expect(shown('x'.repeat(297))).toBe(`500 ${'x'.repeat(295)}…`);
		expect(shown('a\u0000\nb')).toBe('500 a b');
	});
});
