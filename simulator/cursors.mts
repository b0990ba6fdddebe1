import { invalidParameter } from './refusal.mts';

/** A list that is read with one cursor, and the position in it. */
interface Scroll {
	readonly records: readonly unknown[];
	position: number;
}

/** One page of a list that is paged by Context. */
interface Page {
	readonly records: readonly unknown[];
	readonly Context: string;
	readonly Listover: boolean;
}

/**
 * The cursors of the lists that are paged by Context. A position can be used again. A scroll, which is how the
 * documentation's example looks (Elasticsearch), is one cursor for the whole list, and each request advances it.
 */
export class Cursors {
	readonly #areScrolls: boolean;
	readonly #scrolls = new Map<string, Scroll>();

	constructor(areScrolls: boolean) {
		this.#areScrolls = areScrolls;
	}

	/** @throws Refusal for a scroll that does not exist */
	page(found: readonly unknown[], size: number, context: string | undefined): Page {
		if (this.#areScrolls) {
			return this.#scroll(found, size, context);
		}
		const start = Number(context ?? 0);
		const end = start + size;
		const more = end < found.length;
		return { records: found.slice(start, end), Context: more ? String(end) : '', Listover: more };
	}

	clear(): void {
		this.#scrolls.clear();
	}

	#scroll(found: readonly unknown[], size: number, context: string | undefined): Page {
		const Context = context ?? `DnF1ZXJ5VGhlbkZldGNo${this.#scrolls.size}==`;
		if (context === undefined) {
			this.#scrolls.set(Context, { records: found, position: 0 });
		}
		const scroll = this.#scrolls.get(Context);
		if (!scroll) {
			throw invalidParameter('Context');
		}
		const { records, position } = scroll;
		scroll.position += size;
		return {
			records: records.slice(position, position + size),
			Context,
			Listover: position + size < records.length,
		};
	}
}
