/** Remembers the nonces of the seconds that are still acceptable, so that a request is taken only once. */
export class ReplayGuard {
	readonly #noncesBySecond = new Map<number, Set<number>>();

	/**
	 * Whether this pair is new; it is remembered from now on. Seconds before `oldestAcceptable` are forgotten:
	 * the timestamp check refuses them anyway, and a long run must not pile them up.
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
