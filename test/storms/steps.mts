import { Chance } from './chance.mts';
import type { Database } from './database.mts';
import type { AtStep, Fault, FaultOfWorker, Meets, Reject, Stall, StepKind } from './storm.mts';
import type { Worker } from './worker.mts';

/** What happens to a step, milliseconds. */
export interface Delay {
	toEffectMs: number;
	toResponseMs: number;
}

/** Who lets the faults of workers happen. */
export interface Nature {
	readonly database: Database;
	strike(worker: Worker, fault: FaultOfWorker): void;
	log(who: string, what: string): void;
}

type FaultAtStep = Extract<Fault, { at: unknown }> & { at: AtStep };

/** The steps of one run that leave its process, each of which a fault can meet. */
export class Steps {
	readonly name: string;
	readonly worker: Worker;
	readonly chance: Chance;
	/** Its execution is over by n8n's time limit: no sub-workflow answers any more. */
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

	log(what: string): void {
		this.#nature.log(this.name, what);
	}

	/** No fault meets it any more. */
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

	/** A look at a clock. */
	look(): void {
		if (this.#faults.length === 0) return;
		this.#count('clock');
		this.#meet('clock', 'before');
	}

	#count(kind: StepKind): void {
		for (const meets of meetsOf(kind)) this.#taken.set(meets, (this.#taken.get(meets) ?? 0) + 1);
	}

	#meet(kind: StepKind, when: AtStep['when']): Delay {
		const delay: Delay = { toEffectMs: 0, toResponseMs: 0 };
		if (this.#faults.length === 0) return delay;
		const kinds = meetsOf(kind);
		for (const fault of [...this.#faults]) {
			const { meets, nth } = fault.at;
			if (fault.at.when !== when || !kinds.includes(meets) || this.#taken.get(meets) !== nth) continue;
			this.#faults.splice(this.#faults.indexOf(fault), 1);
			this.log(`! ${describe(fault)}, ${when} ${meets} ${nth}`);
			this.#happen(fault, delay);
		}
		return delay;
	}

	#happen(fault: FaultAtStep, delay: Delay): void {
		const { database } = this.#nature;
		switch (fault.kind) {
			case 'reject':
				return database.reject(fault);
			case 'restart':
				return database.restart(fault.forMs);
			case 'stall':
				delay[fault.of === 'effect' ? 'toEffectMs' : 'toResponseMs'] += fault.forMs;
				return;
			default:
				return this.#nature.strike(this.worker, fault);
		}
	}
}

function meetsOf(kind: StepKind): readonly Meets[] {
	if (kind === 'clock') return ['clock'];
	const isWrite = kind === 'INSERT' || kind === 'UPDATE' || kind === 'DELETE';
	return isWrite ? [kind, 'write', 'step'] : [kind, 'step'];
}

/** A fault in a few words. */
export function describe(
	fault: FaultOfWorker | Reject | Stall | Extract<Fault, { kind: 'restart' }>,
): string {
	switch (fault.kind) {
		case 'kill':
			return `killed, back after ${fault.backAfterMs} ms`;
		case 'reject': {
			const { times, forMs, takesEffect } = fault;
			const often = times === undefined ? `for ${forMs} ms` : `${times} times`;
			return `rejected ${often}${takesEffect ? ' after it took effect' : ''}`;
		}
		case 'stall':
			return `${fault.of} stalled for ${fault.forMs} ms`;
		case 'restart':
			return `database restarts for ${fault.forMs} ms`;
		case 'freeze':
			return `frozen for ${fault.forMs} ms${fault.killedAfterMs === undefined ? '' : `, then killed after ${fault.killedAfterMs} ms`}`;
		case 'pause':
			return `paused for ${fault.forMs} ms`;
	}
}
