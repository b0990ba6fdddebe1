import { setImmediate as settle } from 'node:timers/promises';

interface Event {
	readonly atMs: number;
	/** Of two events at the same time, the one planned first runs first. */
	readonly order: number;
	action: (() => void) | undefined;
}

/** Virtual time: only planned events take time, and the next event runs when no promise is left to settle. */
export class VirtualTime {
	nowMs = 0;
	#planned = 0;
	/** A binary heap: no event is earlier than its parent. */
	readonly #events: Event[] = [];

	/** Plans an action, now at the earliest. @returns a function that cancels it */
	at(atMs: number, action: () => void): () => void {
		const event: Event = { atMs: Math.max(atMs, this.nowMs), order: this.#planned, action };
		this.#planned += 1;
		this.#push(event);
		return () => {
			event.action = undefined;
		};
	}

	/** Lets time pass until `isOver`, or until nothing is planned any more. */
	async pass(isOver: () => boolean): Promise<void> {
		for (let event = this.#pop(); event !== undefined; event = this.#pop()) {
			if (event.action === undefined) {
				continue;
			}
			this.nowMs = event.atMs;
			event.action();
			await settle();
			if (isOver()) {
				return;
			}
		}
	}

	#push(event: Event): void {
		const events = this.#events;
		let index = events.push(event) - 1;
		while (index > 0) {
			const above = (index - 1) >> 1;
			const parent = events[above] as Event;
			if (!isBefore(event, parent)) {
				break;
			}
			events[index] = parent;
			index = above;
		}
		events[index] = event;
	}

	#pop(): Event | undefined {
		const events = this.#events;
		const first = events[0];
		const last = events.pop();
		if (last === undefined || last === first) {
			return first;
		}
		let index = 0;
		for (;;) {
			let below = 2 * index + 1;
			if (below >= events.length) {
				break;
			}
			const right = events[below + 1];
			if (right !== undefined && isBefore(right, events[below] as Event)) {
				below += 1;
			}
			const child = events[below] as Event;
			if (!isBefore(child, last)) {
				break;
			}
			events[index] = child;
			index = below;
		}
		events[index] = last;
		return first;
	}
}

function isBefore(a: Event, b: Event): boolean {
	return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
