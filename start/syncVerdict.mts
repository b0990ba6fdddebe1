import { areOf, counted } from './counted.mts';
import type { Bindings } from './expectedBindings.mts';
import { differingCustomers } from './expectedBindings.mts';
import { named } from './named.mts';
import type { SyncReport } from './syncResult.mts';

/** What a run should have done, and what its simulator saw of it. */
export interface SyncFacts {
	/** What the service must hold after it. */
	readonly expected: Bindings;
	/** What the run's own simulator holds. */
	readonly stored: Bindings | undefined;
	/** The customers to send; undefined when nobody but the memory knows them. */
	readonly toSend: Iterable<string> | undefined;
	/** Those of the requests that the run's own simulator got. */
	readonly sent: readonly string[] | undefined;
}

/** The most failures that are shown. */
const MOST_FAILURES = 10;

/** Holds a run of Sync against what it should have done: a sentence for each difference. Rows that cannot be used are none. */
export function judgeSync(report: SyncReport, { expected, stored, toSend, sent }: SyncFacts): string[] {
	const { Pushed, Unchanged, Due } = report.Customers;
	const accepted = Pushed + Unchanged + Due;
	const problems: string[] = [];
	if (accepted !== expected.size) {
		problems.push(
			`${accepted} of ${counted(expected.size, 'customer')} without a bad row ${areOf(expected.size)} pushed or unchanged.`,
		);
	}
	const differing = stored === undefined ? [] : differingCustomers(expected, stored);
	if (differing.length > 0) {
		problems.push(`The service does not hold what the rows say: look at ${named(differing)}.`);
	}
	if (toSend !== undefined && sent !== undefined) {
		const [wanted, got] = [new Set(toSend), new Set(sent)];
		const missing = [...wanted].filter((id) => !got.has(id));
		const needless = [...got].filter((id) => !wanted.has(id));
		if (missing.length > 0) problems.push(`These customers should have been sent: ${named(missing)}.`);
		if (needless.length > 0) problems.push(`These customers were sent needlessly: ${named(needless)}.`);
	}
	const failures = report.Failures.filter(({ code }) => code !== 'INVALID_ROWS');
	for (const { CustomerId, message } of failures.slice(0, MOST_FAILURES)) {
		problems.push(CustomerId === undefined ? message : `${CustomerId}: ${message}`);
	}
	return problems;
}
