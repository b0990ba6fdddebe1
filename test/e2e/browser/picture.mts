import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { imageFolder } from '../setup/folders.mts';
import type { Editor } from './editor.mts';
import type { Locator } from './playwright.mts';

/** Pictures of the documentation stay below this. Bytes. */
const LARGEST_PICTURE = 300_000;

/** Where pictures go: the documentation's folder when it is to be refreshed, else a folder for looking at, or nowhere. */
const folder = process.env.E2E_PICTURES === 'docs' ? imageFolder : process.env.E2E_PICTURES;

/** Takes a picture of the window, or of one part of it, if pictures are wanted. */
export async function picture({ page }: Editor, name: string, part?: Locator): Promise<void> {
	if (folder === undefined || folder === '') return;
	await mkdir(folder, { recursive: true });
	const path = join(folder, `${name}.png`);
	const clip = await part?.boundingBox();
	await page.screenshot({ path, ...(clip && { clip }) });
	const { size } = await stat(path);
	if (size > LARGEST_PICTURE) throw new Error(`${path} has ${size} bytes; ${LARGEST_PICTURE} are the most`);
}
