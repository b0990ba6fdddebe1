import { describe, expect, test } from '@jest/globals';
import { KNOWN, PAGES } from '../../nodes/TencentCloudIot/messages/known';
import type { Message } from '../../nodes/TencentCloudIot/messages/message';
import {
	escapeHtml,
	inBothLanguages,
	writePage,
	writeParagraphs,
	writeTable,
	writeTitle,
} from '../../nodes/TencentCloudIot/messages/page';
import { ofRows } from '../../nodes/TencentCloudIot/messages/text';

test.each([
	['c017', 'c017'],
	['<b>a</b>', '&#60;b&#62;a&#60;/b&#62;'],
	['O\'Neil & "Sons"', 'O&#39;Neil &#38; &#34;Sons&#34;'],
	['`x`', '&#96;x&#96;'],
	['&#60;', '&#38;#60;'],
	['客户 😀', '客户 😀'],
	['', ''],
])('%j is %s in HTML', (text, html) => {
	expect(escapeHtml(text)).toBe(html);
});

test.each<[what: string, message: Message, html: string]>([
	['Chinese is above English', ['2 not sent', '2 个未发送'], '2 个未发送<br>2 not sent'],
	['words that are the same in both appear once', ['c017', 'c017'], 'c017'],
	['no English leaves Chinese', ['', '未发送'], '未发送'],
	['no Chinese leaves English', ['not sent', ''], 'not sent'],
	['nothing leaves nothing', ['', ''], ''],
	['each is escaped', ['<a> failed', '<a> 失败'], '&#60;a&#62; 失败<br>&#60;a&#62; failed'],
])('Of two languages %s', (_what, message, html) => {
	expect(inBothLanguages(message)).toBe(html);
});

test('A title has both languages in one line and may quote rows', () => {
	expect(writeTitle(PAGES.allReceipts())).toBe('全部回执 / All receipts');
	expect(writeTitle(KNOWN.stepBefore({ text: ofRows('a') }))).toBe('上一步：a / The step before: a');
});

test('Each message is a paragraph', () => {
	expect(writeParagraphs([])).toBe('');
	expect(
		writeParagraphs([
			['1 not sent', '1 个未发送'],
			['<a>', '<a>'],
		]),
	).toBe('<p>1 个未发送<br>1 not sent</p><p>&#60;a&#62;</p>');
});

describe('A table', () => {
	test('has a heading for each column, and a row for each receipt', () => {
		const headings = [PAGES.time(), PAGES.customer()];
		const rows = [
			['06:00', 'a<br>b'],
			['07:00', 'c'],
		];
		expect(writeTable(headings, rows)).toBe(
			'<table><tr><th>时间 / Time</th><th>客户 / Customer</th></tr>' +
				'<tr><td>06:00</td><td>a<br>b</td></tr><tr><td>07:00</td><td>c</td></tr></table>',
		);
	});

	test('without a receipt has its headings', () => {
		expect(writeTable([PAGES.outcome()], [])).toBe('<table><tr><th>结果 / Outcome</th></tr></table>');
	});

	test('escapes its headings', () => {
		expect(writeTable([KNOWN.stepBefore({ text: ofRows('<a>') })], [])).toBe(
			'<table><tr><th>上一步：&#60;a&#62; / The step before: &#60;a&#62;</th></tr></table>',
		);
	});
});

describe('A page', () => {
	const page = writePage("O'Neil <b>", '<p>1 row</p>');

	test('is a complete document that fits a phone, with its title in the tab and above the text', () => {
		expect(page.replace(/<style>.*<\/style>/, '<style></style>')).toBe(
			'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">' +
				'<meta name="viewport" content="width=device-width"><title>O&#39;Neil &#60;b&#62;</title>' +
				'<style></style></head><body><h1>O&#39;Neil &#60;b&#62;</h1><p>1 row</p></body></html>',
		);
	});

	test('loads nothing and runs nothing', () => {
		expect(page).not.toMatch(/script|url\(|@import|src=|href=/i);
	});

	test.each([
		['is as wide as a form of n8n on a desktop, and not wider', /body\{[^}]*max-width:760px/],
		['breaks a long id', /p\{[^}]*overflow-wrap:anywhere/],
		['breaks a long id in a table', /td,th\{[^}]*overflow-wrap:anywhere/],
		[
			'shows each cell as a line on a phone',
			/@media\(max-width:600px\)\{th\{display:none\}.*td\{display:block/,
		],
	])('%s', (_what, rule) => {
		expect(page).toMatch(rule);
	});

	test('closes each rule of its style', () => {
		const style = /<style>(.*)<\/style>/.exec(page)?.[1] ?? '';
		expect(style.split('{')).toHaveLength(style.split('}').length);
		expect(style.replace(/\{[^{}]*\}/g, '')).toMatch(/^[^{}]*@media\(max-width:600px\)\{[a-z]+\}$/);
	});
});
