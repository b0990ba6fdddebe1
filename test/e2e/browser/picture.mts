import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageFolder } from '../setup/folders.mts';
import type { Editor } from './editor.mts';
import type { Locator } from './playwright.mts';

/** The largest size of a picture in the documentation. Bytes. */
const LARGEST_PICTURE = 300_000;

/** The folder for pictures: that of the documentation if they are refreshed, another one to look at them, or none. */
const folder = process.env.E2E_PICTURES === 'docs' ? imageFolder : process.env.E2E_PICTURES;

/** Saves a picture of the window, or of one part of it, if pictures are enabled. */
export async function picture(editor: Editor, name: string, part?: Locator): Promise<void> {
	if (folder === undefined || folder === '') {
		return;
	}
	await keepPicture(await screenshot(editor, part), `${name}.png`, LARGEST_PICTURE);
}

/** Takes a PNG of the window, or of one part of it. */
export async function screenshot({ page }: Editor, part?: Locator): Promise<Buffer> {
	const clip = await part?.boundingBox();
	return await page.screenshot(clip ? { clip, fullPage: true } : {});
}

/**
 * Writes a picture to the folder for pictures, if they are enabled.
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
		throw new Error(`${path} has ${content.length} bytes; at most ${largest} are allowed`);
	}
}
