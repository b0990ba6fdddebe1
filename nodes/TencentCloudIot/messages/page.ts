import type { Message } from './message';
import { type Text, write } from './text';

/** Escapes a text for HTML. n8n's form ending 'Show Text' shows a page unchanged, so an unescaped text could add markup. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"'`]/g, (character) => `&#${character.codePointAt(0)};`);
}

/** Chinese above English; only one of them if both are the same or one is empty. */
export function inBothLanguages([english, chinese]: Message): string {
	const texts = [...new Set([chinese, english])].filter(Boolean);
	return texts.map(escapeHtml).join('<br>');
}

/**
 * The style of a page, readable on a phone 360 pixels wide and on a desktop; n8n's own form ending is 448 pixels wide on both. On a phone
 * each cell becomes a line. A page has no scripts and loads nothing from elsewhere.
 */
const STYLE = [
	'body{font:16px/1.6 system-ui,sans-serif;margin:24px auto;padding:0 16px;max-width:760px;text-align:left;color:#222;background:#fff}',
	'h1{font-size:20px;margin:0 0 12px}',
	'p{margin:0 0 12px;overflow-wrap:anywhere}',
	'table{border-collapse:collapse;width:100%;font-size:15px}',
	'td,th{border-bottom:1px solid #ddd;padding:6px 8px;text-align:left;vertical-align:top;overflow-wrap:anywhere}',
	'small{color:#666}',
	'@media(max-width:600px){th{display:none}tr{display:block;border-bottom:1px solid #ddd;padding:8px 0}td{display:block;border:0;padding:2px 0}}',
].join('');

/**
 * Writes a complete HTML page.
 * @param title a plain text, which is escaped here
 * @param body HTML, whose texts the caller has escaped
 */
export function writePage(title: string, body: string): string {
	const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>`;
	return `<!doctype html><html lang="zh-CN"><head>${head}<style>${STYLE}</style></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>`;
}

/** A title or a heading: both languages in one line, Chinese first. */
export function writeTitle(text: Text): string {
	const [english, chinese] = write(text, 'everything');
	return `${chinese} / ${english}`;
}

/** Writes a paragraph in HTML for each message, in both languages. */
export function writeParagraphs(messages: readonly Message[]): string {
	return messages.map((message) => `<p>${inBothLanguages(message)}</p>`).join('');
}

/** Writes a table in HTML. @param rows cells in HTML, whose texts the caller has escaped */
export function writeTable(headings: readonly Text[], rows: ReadonlyArray<readonly string[]>): string {
	const head = headings.map((heading) => `<th>${escapeHtml(writeTitle(heading))}</th>`);
	const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
	return `<table><tr>${head.join('')}</tr>${body.join('')}</table>`;
}
