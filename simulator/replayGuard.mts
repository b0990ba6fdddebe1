/** Remembers the nonces of all acceptable timestamps, so a request is accepted only once. */
export class ReplayGuard {
	readonly #noncesBySecond = new Map<number, Set<number>>();

	/**
	 * Records this pair and returns whether it is new. Timestamps before `oldestAcceptable` are forgotten:
	 * the timestamp check refuses them anyway, and they must not fill the memory in a long run.
	 */
	admits(timestamp: number, nonce: number, oldestAcceptable: number): boolean {
		const nonces = this.#noncesBySecond.get(timestamp) ?? this.#openSecond(timestamp, oldestAcceptable);
		if (nonces.has(nonce)) {
			return false;
		}
		nonces.add(nonce);
		return true;
	}

	clear(): void {
		this.#noncesBySecond.clear();
	}

	#openSecond(timestamp: number, oldestAcceptable: number): Set<number> {
		for (const second of this.#noncesBySecond.keys()) {
			if (second < oldestAcceptable) {
				this.#noncesBySecond.delete(second);
			}
		}
		const nonces = new Set<number>();
		this.#noncesBySecond.set(timestamp, nonces);
		return nonces;
	}
}
