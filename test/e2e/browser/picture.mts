import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageFolder } from '../setup/folders.mts';
import type { Editor } from './editor.mts';
import type { Locator } from './playwright.mts';

/** Pictures of the documentation stay below this. Bytes. */
const LARGEST_PICTURE = 300_000;

/** Where pictures go: the documentation's folder when it is to be refreshed, else a folder for looking at, or nowhere. */
const folder = process.env.E2E_PICTURES === 'docs' ? imageFolder : process.env.E2E_PICTURES;

/** Takes a picture of the window, or of one part of it, if pictures are wanted. */
export async function picture(editor: Editor, name: string, part?: Locator): Promise<void> {
	if (folder === undefined || folder === '') {
		return;
	}
	await keepPicture(await screenshot(editor, part), `${name}.png`, LARGEST_PICTURE);
}

/** The window as a PNG, or one part of it. */
export async function screenshot({ page }: Editor, part?: Locator): Promise<Buffer> {
	const clip = await part?.boundingBox();
	return await page.screenshot(clip ? { clip, fullPage: true } : {});
}

/**
 * Writes a picture where pictures go, if they are wanted.
 *
 * @param file its name, e.g. `output.png`
 * @param largest number of bytes
 */
export async function keepPicture(content: Buffer, file: string, largest: number): Promise<void> {
	if (folder === undefined || folder === '') {
		return;
	}
	await mkdir(folder, { recursive: true });
	const path = join(folder, file);
	await writeFile(path, content);
	if (content.length > largest) {
		throw new Error(`${path} has ${content.length} bytes; ${largest} are the most`);
	}
}
