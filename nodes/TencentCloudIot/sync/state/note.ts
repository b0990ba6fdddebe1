import { randomInt } from 'node:crypto';

import type { Clock } from '../../service/transport/clock';
import type { Random } from '../verdicts';
import { NumberEntries } from './entries';
import { FencedStore, type StateStore } from './store';

/** A state that is lost again has another generation: a plan that is approved passes once. */
const GENERATIONS = 64;

/** To read a copy is to record it: one that was read and not taken back has all digits. With all of them read so, a person decides. */
const COPIES = [0, 1, 2, 3] as const;

/** n8n's error for a row in which Remove Duplicates keeps the values of another mode: nothing can be noted there. */
const FOREIGN = /incompatible setting/;

/** A write that others may have written over is looked at after this time, and so often tried. Milliseconds. */
const LOOK_MS = 1000;
const MOST_TRIES = 8;

interface NoteHost {
	clock: Clock;
	random?: Random;
	/** Called where the row is no note: see `FOREIGN`. */
	onForeign?: () => void;
}

/**
 * That a node has had a sync state: one that is empty is not that of a first run then. It stands in the row of the workflow, which
 * outlives that of the node. All nodes of the workflow share that row, and none of them has a lock of it: whatever is written there
 * is read back before anything relies on it. Remove Duplicates may share it, too, so that nothing else is touched there.
 */
export class Note {
	readonly #store: FencedStore;
	readonly #host: NoteHost;
	readonly #copies: ReadonlyArray<NumberEntries<'generation'>>;
	#read: Promise<number | undefined> | undefined;

	/** @param store of the workflow @param node its id */
	constructor(store: StateStore, node: string, host: NoteHost) {
		this.#store = new FencedStore(store, host.clock);
		this.#host = host;
		this.#copies = COPIES.map(
			(copy) => new NumberEntries({ generation: GENERATIONS }, `note ${node} ${copy} `),
		);
	}

	/** The generation that is noted, read once in a run. @returns undefined where there is no note */
	async read(): Promise<number | undefined> {
		return await (this.#read ??= this.#readOnce().catch((cause: unknown) => {
			if (!FOREIGN.test(String(cause))) throw cause;
			this.#host.onForeign?.();
			return undefined;
		}));
	}

	/** Notes that there is a state; a loss that was read before is over then. @returns whether it is known to stand there */
	async write(): Promise<boolean> {
		try {
			const { clock, random = randomInt } = this.#host;
			const before = await this.read();
			const generation = before === undefined ? 0 : (before + 1) % GENERATIONS;
			const all = this.#copies.flatMap((copy) => copy.all());
			const left = this.#copies.flatMap((copy) => copy.encode({ generation }));
			for (let tries = 0; tries < MOST_TRIES; tries++) {
				// Where several nodes write at the same moment, the last write stays.
				const there = await this.#store.record(left).catch(() => new Set<string>());
				if (tries > 0 && left.every((entry) => there.has(entry))) {
					await this.#store.forget(all.filter((entry) => !left.includes(entry)));
					return true;
				}
				await clock.sleep(LOOK_MS + random(0, LOOK_MS));
			}
		} catch {
			// The next run notes it.
		}
		return false;
	}

	async #readOnce(): Promise<number | undefined> {
		for (const copy of this.#copies) {
			const all = copy.all();
			// Another node may have inserted the row meanwhile.
			const there = await this.#store.record(all).catch(async () => await this.#store.record(all));
			if (there.size === all.length) continue;
			await this.#store.forget(all.filter((entry) => !there.has(entry)));
			return there.size > 0 ? (copy.decode(there).generation ?? 0) : undefined;
		}
		return 0;
	}
}
