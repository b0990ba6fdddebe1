import { Chance } from './chance.mts';
import type { Database } from './database.mts';
import type { AtStep, Fault, FaultOfWorker, Meets, Reject, StepKind } from './storm.mts';
import type { Worker } from './worker.mts';

/** How a step is delayed, milliseconds. */
export interface Delay {
	toEffectMs: number;
	toResponseMs: number;
	/** It takes effect once more, this long after the first time. */
	againAfterMs: number | undefined;
}

/** Applies the faults of workers and database. */
export interface Nature {
	readonly database: Database;
	strike(worker: Worker, fault: FaultOfWorker): void;
	/** Called for each step that a fault meets. */
	meets?(kind: StepKind): void;
	log(who: string, text: string): void;
}

type FaultAtStep = Exclude<Fault, { kind: 'slow' | 'person' }> & { at: AtStep };

/** The steps of one run that leave its process, each of which a fault can meet. */
export class Steps {
	readonly name: string;
	readonly worker: Worker;
	readonly chance: Chance;
	/** Whether n8n's time limit for its execution is over, so that no inline workflow runs any more that something waits for. */
	isTimedOut = false;
	readonly #nature: Nature;
	readonly #faults: FaultAtStep[];
	readonly #taken = new Map<Meets, number>();

	constructor(seed: number, trigger: number, worker: Worker, nature: Nature, faults: readonly Fault[]) {
		this.name = `${worker.name} run ${trigger}`;
		this.worker = worker;
		this.chance = new Chance('steps', seed, trigger);
		this.#nature = nature;
		this.#faults = faults.filter(
			(fault): fault is FaultAtStep => 'at' in fault && 'trigger' in fault.at && fault.at.trigger === trigger,
		);
	}

	log(text: string): void {
		this.#nature.log(this.name, text);
	}

	/** From now on no fault meets the run. */
	disarm(): void {
		this.#faults.length = 0;
	}

	/** Takes a step, unless the process dies before. @param step gets what a fault adds to its times */
	take(kind: StepKind, step: (delay: Delay) => void): void {
		this.#count(kind);
		const delay = this.#meet(kind, 'before');
		this.worker.take(() => {
			step(delay);
			this.#meet(kind, 'after');
		});
	}

	/** The run reads a clock. */
	look(): void {
		if (this.#faults.length === 0) {
			return;
		}
		this.#count('clock');
		this.#meet('clock', 'before');
	}

	/** How many such steps the run has taken. */
	taken(meets: Meets): number {
		return this.#taken.get(meets) ?? 0;
	}

	#count(kind: StepKind): void {
		for (const meets of meetsOf(kind)) {
			this.#taken.set(meets, this.taken(meets) + 1);
		}
	}

	#meet(kind: StepKind, when: AtStep['when']): Delay {
		const delay: Delay = { toEffectMs: 0, toResponseMs: 0, againAfterMs: undefined };
		if (this.#faults.length === 0) {
			return delay;
		}
		const kinds = meetsOf(kind);
		for (const fault of [...this.#faults]) {
			const { meets, nth } = fault.at;
			if (fault.at.when !== when || !kinds.includes(meets) || this.taken(meets) !== nth) {
				continue;
			}
			this.#faults.splice(this.#faults.indexOf(fault), 1);
			const place = meets === kind ? `${kind} ${nth}` : `${meets} ${nth}, ${kind}`;
			this.log(`! ${describe(fault)}, ${when} ${place}`);
			this.#nature.meets?.(kind);
			this.#happen(fault, delay);
		}
		return delay;
	}

	#happen(fault: FaultAtStep, delay: Delay): void {
		const { database } = this.#nature;
		switch (fault.kind) {
			case 'reject':
				database.reject(fault);
				return;
			case 'restart':
				database.restart(fault.forMs);
				return;
			case 'stall':
				delay[fault.of === 'effect' ? 'toEffectMs' : 'toResponseMs'] += fault.forMs;
				return;
			case 'repeat':
				delay.againAfterMs = fault.afterMs;
				return;
			default:
				this.#nature.strike(this.worker, fault);
		}
	}
}

function meetsOf(kind: StepKind): readonly Meets[] {
	switch (kind) {
		case 'clock':
			return ['clock'];
		case 'INSERT':
		case 'UPDATE':
		case 'DELETE':
			return [kind, 'write', 'statement', 'call', 'step'];
		case 'SELECT':
			return [kind, 'statement', 'call', 'step'];
		case 'request':
			return ['request', 'call', 'step'];
		case 'sleep':
			return ['sleep', 'step'];
	}
}

/** A fault in a few words. */
export function describe(fault: Exclude<Fault, { kind: 'slow' | 'person' }>): string {
	switch (fault.kind) {
		case 'kill':
			return `killed, back after ${fault.backAfterMs} ms`;
		case 'reject':
			return describeRejection(fault);
		case 'stall':
			return `${fault.of} stalled for ${fault.forMs} ms`;
		case 'repeat':
			return `takes effect once more after ${fault.afterMs} ms`;
		case 'restart':
			return `database restarts for ${fault.forMs} ms`;
		case 'freeze':
			return describeFreeze(fault);
		case 'pause':
			return `paused for ${fault.forMs} ms`;
	}
}

function describeRejection({ times, forMs, takesEffect, effectAfterMs }: Reject): string {
	const often = times === undefined ? `for ${forMs} ms` : `${times} times`;
	if (!takesEffect) {
		return `rejected ${often}`;
	}
	return `rejected ${often} though it takes effect${effectAfterMs === undefined ? '' : ` ${effectAfterMs} ms later`}`;
}

function describeFreeze({ forMs, killedAfterMs }: Extract<FaultOfWorker, { kind: 'freeze' }>): string {
	const killed = killedAfterMs === undefined ? '' : `, then killed after ${killedAfterMs} ms`;
	return `frozen for ${forMs} ms${killed}`;
}
