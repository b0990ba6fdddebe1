import { keepPicture } from './picture.mts';
import { openBrowser } from './playwright.mts';

/** The largest size of a picture in the documentation. Bytes. */
const LARGEST_PICTURE = 300_000;

/** A message in a group chat. */
export interface GroupMessage {
	/** The group's name, e.g. "IoT operations". */
	readonly group: string;
	/** The sender's name, e.g. "n8n". */
	readonly sender: string;
	readonly time: string;
	readonly lines: readonly string[];
}

const STYLE = `
	* { box-sizing: border-box; margin: 0; }
	body { background: #fff; font-family: 'Noto Sans CJK SC', 'Noto Sans', 'WenQuanYi Zen Hei', 'DejaVu Sans', sans-serif; padding: 16px; width: 452px; }
	.phone { border: 10px solid #1d2129; border-radius: 38px; background: #ededed; overflow: hidden; width: 420px; }
	.bar { background: #f7f7f7; border-bottom: 1px solid #ddd; padding: 26px 16px 12px; text-align: center; font-weight: 600; font-size: 17px; }
	.time { color: #8a8f99; font-size: 12px; padding: 12px; text-align: center; }
	.row { display: flex; gap: 10px; padding: 0 14px 26px 14px; }
	.face { background: #2b7de9; border-radius: 6px; color: #fff; flex: none; font-size: 13px; font-weight: 600; height: 38px; line-height: 38px; text-align: center; width: 38px; }
	.sender { color: #8a8f99; font-size: 12px; margin-bottom: 4px; }
	.bubble { background: #fff; border-radius: 8px; color: #191919; font-size: 15px; line-height: 1.5; overflow-wrap: anywhere; padding: 10px 12px; }
	.bubble p + p { margin-top: 6px; }
`;

/** Draws a message as a group chat on a phone shows it, and saves the picture if pictures are enabled. */
export async function keepPhonePicture(
	{ group, sender, time, lines }: GroupMessage,
	name: string,
): Promise<void> {
	const paragraphs = lines.map((line) => `<p>${escaped(line)}</p>`).join('');
	const html = `<style>${STYLE}</style><div class="phone"><div class="bar">${escaped(group)}</div>
		<div class="time">${escaped(time)}</div><div class="row"><div class="face">${escaped(sender)}</div>
		<div><div class="sender">${escaped(sender)}</div><div class="bubble">${paragraphs}</div></div></div></div>`;
	const browser = await openBrowser();
	try {
		const { page } = browser;
		await page.goto(`data:text/html;charset=utf-8,${encodeURIComponent(html)}`);
		const clip = await page.locator('.phone').boundingBox();
		const png = await page.screenshot(clip === null ? {} : { clip, fullPage: true });
		await keepPicture(png, `${name}.png`, LARGEST_PICTURE);
	} finally {
		await browser.close();
	}
}

function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
