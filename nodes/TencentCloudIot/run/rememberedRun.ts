import type { DeviceInfo } from '../binding/row';
import type { Call, Operation } from '../operation';
import type { Delivered } from '../service/delivery/sender';
import type { Failure, Outcome } from '../service/outcome';
import type { Health } from '../sync/stateEntries';
import type { Begun } from '../sync/state/begun';
import type { SyncRun } from '../sync/state/syncRun';
import { isSkipped, sendingOrder, standingOf } from '../sync/plan';
import type { Sending } from '../sync/sending';
import type { Plan } from './plan';

/** What a run begins with that remembers what earlier ones pushed. */
interface Beginning {
	plan: Plan;
	syncRun: SyncRun;
	sending: Sending;
	sendAll: boolean;
	/** Why there is no memory; undefined where there is one, even if it does not work. */
	why: string | undefined;
	/** How the run before it ended, of which somebody was told. */
	healthTold: Health;
	/** Lets the next run of the node begin. */
	release: (() => void) | undefined;
}

/** A run of an operation that sends changes only: what is sent, and what will be remembered of it. */
export class RememberedRun {
	/** What the memory says of the calls. */
	readonly begun: Begun;
	/** The calls to send, by their index, in the order in which to send them. */
	readonly order: readonly number[];
	/** Whether also those are to be sent that are unchanged. */
	readonly sendAll: boolean;
	/** Why there is no memory; undefined where there is one, even if it does not work. */
	readonly why: string | undefined;
	/** How the run before it ended, of which somebody was told. */
	readonly healthTold: Health;
	readonly #syncRun: SyncRun;
	readonly #sending: Sending;
	readonly #release: (() => void) | undefined;
	readonly #outcomes: Array<Outcome | undefined>;

	constructor({ plan, syncRun, sending, sendAll, why, healthTold, release }: Beginning) {
		this.begun = syncRun.begun;
		this.sendAll = sendAll;
		this.order = sendingOrder(syncRun.begun.verdicts, sendAll);
		this.why = why;
		this.healthTold = healthTold;
		this.#syncRun = syncRun;
		this.#sending = sending;
		this.#release = release;
		this.#outcomes = plan.earlier.map((known) => known?.outcome);
	}

	/** Whether a call is not to be sent, because nothing has changed. */
	isSkipped(index: number): boolean {
		return isSkipped(this.begun.verdicts[index], this.sendAll);
	}

	/** Why nothing more is begun since some moment of the run. */
	get paused(): Failure | undefined {
		return this.#sending.stopped;
	}

	/** Asked before each request: why it is not to be made. */
	async whyNotStart(): Promise<Failure | undefined> {
		return (await this.#sending.mayStart()) ? undefined : this.#sending.stopped;
	}

	/** Whether a call was not begun because the rest of the run waits for the next one: it has not failed. */
	isPostponed({ outcome, requestIds }: Delivered): boolean {
		const isUntried = outcome.outcome === 'NOT_SENT' && outcome.code === 'NOT_TRIED';
		return this.paused !== undefined && isUntried && requestIds.length === 0;
	}

	/** A call has its outcome. */
	answered(index: number, outcome: Outcome): void {
		this.#outcomes[index] = outcome;
		this.#sending.answered(this.begun.verdicts[index]!, outcome.outcome);
	}

	/** Remembers what became of the calls. To be called however the run went. */
	async end(health: Health): Promise<void> {
		try {
			const standings = this.begun.verdicts.map((verdict, index) =>
				standingOf(verdict, this.#outcomes[index]?.outcome, this.sendAll),
			);
			await this.#syncRun.end(standings, health);
		} finally {
			this.#release?.();
		}
	}
}

/** Whose set a call brings, and its devices. */
export function setOf(
	{ parameters }: Call,
	{ replaces }: Pick<Operation<unknown>, 'replaces'>,
): { customerId: string; devices: readonly DeviceInfo[] } {
	const { owner = '', members = '' } = replaces ?? {};
	return { customerId: String(parameters[owner]), devices: parameters[members] as DeviceInfo[] };
}
