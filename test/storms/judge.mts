/** A promise of Sync that a storm has broken. */
export interface Violation {
	kind: 'lost' | 'unchecked' | 'twoSenders' | 'wrongSkip' | 'neverHealed' | 'healedLate' | 'sentAgain';
	what: string;
}

/** Rows that are older by more than that are old. */
const ROWS_OLD_MS = 10_000;

/** A run of the node, as far as the judge needs it. */
export interface JudgedRun {
	readonly name: string;
	/** When the node first looked at a clock: nothing tells it that its process stood still before. Milliseconds. */
	sinceMs: number;
	/** What it read of each customer. */
	readonly rows: ReadonlyMap<string, string>;
	readonly hasWrongRows: boolean;
}

/**
 * Knows what the CRM and the service hold, and holds each request and each skipped customer against it. It knows nothing of
 * the sync state.
 */
export class Judge {
	readonly violations: Violation[] = [];
	/** Requests that started beside another run, since their process was stopped between the check and the request. */
	windowRequests = 0;
	/** Since when the service has held what the CRM holds; undefined where it does not. */
	rightSinceMs: number | undefined;
	readonly #crm = new Map<string, string>();
	readonly #service = new Map<string, string>();
	/** Customers that such a request has overwritten, until they are sent again. */
	readonly #overwritten = new Set<string>();
	readonly #nowMs: () => number;
	/** The run that was the last one to start sending, and all that have. */
	#sender: JudgedRun | undefined;
	readonly #senders = new Set<JudgedRun>();
	/** Runs that began to send, after another one, rows that are older than those of that one; by 10 s at most. */
	olderRows = 0;

	constructor(nowMs: () => number) {
		this.#nowMs = nowMs;
	}

	get crm(): ReadonlyMap<string, string> {
		return this.#crm;
	}

	/** @param devices undefined for a customer that goes */
	changeRow(customer: string, devices: string | undefined): void {
		if (devices === undefined) this.#crm.delete(customer);
		else this.#crm.set(customer, devices);
		this.#look();
	}

	/** @param isInWindow whether its process was stopped after the check, so that nothing could hold it back any more */
	requestStarts(run: JudgedRun, customer: string, isInWindow: boolean): void {
		if (run.hasWrongRows) this.#break('unchecked', `${run.name} sends rows of a wrong join: ${customer}`);
		const before = this.#sender;
		const isOlder = before !== undefined && before.sinceMs > run.sinceMs;
		const isOver = before !== run && (this.#senders.has(run) || (isInWindow && isOlder));
		if (isOver && isInWindow) this.windowRequests++;
		else if (isOver) this.#break('twoSenders', `${run.name} sends ${customer} after ${before?.name} has sent`);
		else if (before !== run) {
			// Its rows are older than those of the run before it.
			const byMs = (before?.sinceMs ?? -Infinity) - run.sinceMs;
			if (byMs > ROWS_OLD_MS) this.#break('twoSenders', `${run.name} sends rows that are ${byMs} ms older than those of ${before?.name}`);
			else if (byMs > 0) this.olderRows++;
			this.#senders.add(run);
			this.#sender = run;
		}
		if (isOver) this.#overwritten.add(customer);
		else this.#overwritten.delete(customer);
	}

	serviceAccepts(customer: string, devices: string): void {
		this.#service.set(customer, devices);
		this.#look();
	}

	/** A run takes a customer for unchanged. */
	skipped(run: JudgedRun, customer: string): void {
		const devices = run.rows.get(customer);
		if (this.#crm.get(customer) !== devices || this.#overwritten.has(customer)) return;
		const held = this.#service.get(customer);
		if (held === devices) return;
		this.#break('wrongSkip', `${run.name} skips ${customer} (${devices}), the service has ${held}`);
	}

	/** Customers whose devices at the service differ from the CRM, but for what was overwritten in the window. */
	get wrong(): string[] {
		return [...this.#crm].flatMap(([customer, devices]) =>
			this.#service.get(customer) === devices || this.#overwritten.has(customer) ? [] : customer,
		);
	}

	/** After all has healed. @param healing how long it was waited for */
	neverHealed(healing: string): void {
		const { wrong } = this;
		if (wrong.length > 0)
			this.#break('lost', `${wrong.length} wrong ${healing}: ${wrong.slice(0, 5).join(', ')}`);
		else this.#break('neverHealed', `all are right, but no run finds everybody unchanged ${healing}`);
	}

	/** @param healMs how long it has taken */
	healedLate(healMs: number): void {
		this.#break('healedLate', `all was right ${(healMs / 1000).toFixed(1)} s after the last fault`);
	}

	sentAgain(run: JudgedRun, customers: number): void {
		this.#break('sentAgain', `${run.name} is to send ${customers} although nothing has changed`);
	}

	#look(): void {
		if (this.wrong.length > 0) this.rightSinceMs = undefined;
		else this.rightSinceMs ??= this.#nowMs();
	}

	/** Only the first of each kind is kept: what follows it follows from it. */
	#break(kind: Violation['kind'], what: string): void {
		if (this.violations.some((violation) => violation.kind === kind)) return;
		this.violations.push({ kind, what: `${(this.#nowMs() / 1000).toFixed(3)} s: ${what}` });
	}
}
