/** Heap that the lists of a run may take, with the items that the run makes of them. n8n leaves little more in a container of 512 MB. */
const MOST_BYTES = 96 * 1024 * 1024;

/** Limits the heap that the lists of a run take. A reader takes bytes for the entries that it keeps, and releases them when it drops these. */
export class HeapBudget {
	#freeBytes = MOST_BYTES;

	/** Whether this many bytes are free. */
	has(bytes: number): boolean {
		return bytes <= this.#freeBytes;
	}

	/** Takes bytes for entries that are kept. @returns whether enough bytes were free for them */
	take(bytes: number): boolean {
		this.#freeBytes -= bytes;
		return this.#freeBytes >= 0;
	}

	release(bytes: number): void {
		this.#freeBytes += bytes;
	}
}

/** Estimates the heap that a JSON value takes, in bytes; for this service's records rather too high than too low. */
export function heapBytesOf(value: unknown): number {
	if (typeof value === 'string') {
		return 16 + value.length;
	}
	if (typeof value !== 'object' || value === null) {
		return 8;
	}
	const perMember = Array.isArray(value) ? 8 : 40;
	return Object.values(value).reduce<number>((sum, member) => sum + perMember + heapBytesOf(member), 64);
}
