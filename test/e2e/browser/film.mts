import { animatedPng, type Frame } from '../../support/animatedPng.mts';
import type { Editor } from './editor.mts';
import { keepPicture, screenshot } from './picture.mts';

/** A film of the documentation stays below this. Bytes. */
const LARGEST_FILM = 1_000_000;

/** Pictures of some steps in the node's window, shown one after the other. */
export class Film {
	readonly #frames: Frame[] = [];

	/** @param seconds how long the picture stays */
	async add(editor: Editor, seconds: number): Promise<void> {
		this.#frames.push({ png: await screenshot(editor, editor.nodeWindow), seconds });
	}

	/** Writes it where pictures go, if pictures are wanted. */
	async keep(name: string): Promise<void> {
		await keepPicture(animatedPng(this.#frames), name, LARGEST_FILM);
	}
}
