import { animatedWebp, type Frame } from '../../support/animatedWebp.mts';
import type { Editor } from './editor.mts';
import { keepPicture, screenshot } from './picture.mts';
import type { Page } from './playwright.mts';

/** The largest size of a film in the documentation. Bytes. */
const LARGEST_FILM = 1_000_000;

/** Pictures of some steps in the node's window, shown one after the other. */
export class Film {
	readonly #stills: Array<{ readonly png: Buffer; readonly seconds: number }> = [];

	/** @param seconds how long the picture stays */
	async add(editor: Editor, seconds: number): Promise<void> {
		this.#stills.push({ png: await screenshot(editor, editor.nodeWindow), seconds });
	}

	/** Writes the film to the folder for pictures, if pictures are enabled. */
	async keep({ page }: Editor, name: string): Promise<void> {
		const [first] = this.#stills;
		if (first === undefined) {
			throw new Error('A film needs pictures.');
		}
		const frames: Frame[] = [];
		for (const { png, seconds } of this.#stills) {
			frames.push({ webp: await toWebp(page, png), seconds });
		}
		// Each PNG has its size at the same offset.
		const size = { width: first.png.readUInt32BE(16), height: first.png.readUInt32BE(20) };
		await keepPicture(animatedWebp(frames, size), `${name}.webp`, LARGEST_FILM);
	}
}

/** Encodes a picture as WebP in the browser, so that no other program is needed. */
async function toWebp(page: Page, png: Buffer): Promise<Buffer> {
	const encoded = await page.evaluate(`(async () => {
		const image = await createImageBitmap(await (await fetch('data:image/png;base64,${png.toString('base64')}')).blob());
		const canvas = document.createElement('canvas');
		canvas.width = image.width;
		canvas.height = image.height;
		canvas.getContext('2d').drawImage(image, 0, 0);
		return canvas.toDataURL('image/webp', 0.85).split(',')[1];
	})()`);
	return Buffer.from(String(encoded), 'base64');
}
