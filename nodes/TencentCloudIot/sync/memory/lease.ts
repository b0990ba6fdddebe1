import { randomUUID } from 'node:crypto';

import { OPEN_MARK, tokenMark } from '../marks';
import type { SyncMemory } from './memory';

/** What is left where it is of what was added, and what is taken out besides. */
interface Exceptions {
	except?: readonly string[];
	also?: readonly string[];
}

/**
 * The right of one run to rely on the memory and to write it. The mark `open` says that somebody has it, and stays if that
 * process dies. A token of its own says whether it still is this run. The number of marks says, without writing anything,
 * whether somebody else has written.
 *
 * The token alone would not do: of two runs that overlap, the first to end would close the memory while the other one is
 * still sending, and what that one sends before it dies would be in no memory.
 *
 * Whatever rejects here leaves `open` where it is.
 */
export class Lease {
	readonly #memory: SyncMemory;
	readonly #newToken: () => string;
	readonly #token: string;
	readonly #added: string[] = [];
	/** How many marks there are if nobody else writes. */
	#count: number;
	#isLost = false;

	/** @param count how many marks there are */
	constructor(memory: SyncMemory, count: number, newToken: () => string = randomUUID) {
		this.#memory = memory;
		this.#newToken = newToken;
		this.#token = tokenMark(newToken());
		this.#count = count;
	}

	/** Opens the memory with more marks, and returns those that were there before: `open` above all. */
	async open(marks: readonly string[]): Promise<ReadonlySet<string>> {
		const asked = [OPEN_MARK, this.#token, ...marks];
		const there = await this.#memory.record(asked);
		const added = asked.filter((mark) => !there.has(mark));
		this.#count += added.length;
		for (const mark of added) this.#added.push(mark);
		return there;
	}

	/** Records more marks, and returns those that were there before. Without `open` or the token the memory is lost. */
	async record(marks: readonly string[]): Promise<ReadonlySet<string>> {
		const there = await this.open(marks);
		if (!there.has(OPEN_MARK) || !there.has(this.#token)) this.giveUp();
		return there;
	}

	/** Whether nobody else has written since the memory was opened. */
	async isAlone(): Promise<boolean> {
		return !this.#isLost && (await this.#memory.count()) === this.#count;
	}

	/** Whether another run has taken over. */
	get isLost(): boolean {
		return this.#isLost;
	}

	giveUp(): void {
		this.#isLost = true;
	}

	/** Adds one more mark: who has looked before sees at the next look that this run is alive. */
	async answer(): Promise<void> {
		await this.record([tokenMark(this.#newToken())]);
	}

	/** Takes out what this run has added, if nobody else has written. */
	async takeBack(exceptions?: Exceptions): Promise<void> {
		if (await this.isAlone()) await this.retreat(exceptions);
	}

	/** Takes out what this run has added. What others left stays. */
	async retreat({ except = [], also = [] }: Exceptions = {}): Promise<void> {
		await this.#memory.forget([...this.#added.filter((mark) => !except.includes(mark)), ...also]);
	}

	/**
	 * Ends the run. If it has been the only one, the marks take the place of all that was there. Otherwise `open` stays, and
	 * an answer makes every other run that is under way leave it as well.
	 * @returns whether the memory has the marks now
	 */
	async end(marks: readonly string[]): Promise<boolean> {
		await this.record([]);
		if (!(await this.isAlone())) {
			await this.answer();
			return false;
		}
		await this.#memory.clear();
		// What is there already is of somebody who has just begun; it is open then.
		return (await this.#memory.record(marks)).size === 0;
	}
}
