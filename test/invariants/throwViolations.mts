import { pushesOf, type Witness } from './witness.mts';

/** How many customers were accepted, e.g. "1 of 3 customers, 2 devices pushed" or "2 customers are up to date, 1 pushed now". */
const DONE = /(?:^|\. |; )(\d+)(?: of \d+)? customers?(?:, \d+ devices?)? pushed|(\d+) pushed now/;

/** A single failed call is named instead of counted. */
const NAMED = /(?:^|\. )\[rows? .*; RequestId [\w-]+\] /;

/** Invariants 1 to 4 for a run that ends with the one error of Stop Workflow: its counts are what the service has. */
export function throwViolations({ result, simulator, facts }: Witness): string[] {
	const message = result.failure?.message ?? '';
	const found = DONE.exec(message);
	const done = Number(found?.[1] ?? found?.[2] ?? 0);
	const [unclear, invalid] = [/(\d+) unclear/, /(\d+) rows? invalid/].map((pattern) =>
		Number(pattern.exec(message)?.[1] ?? 0),
	);
	const isOneUnclear = message.includes('. Tencent may or may not have applied it. ');
	const accepted = new Set(
		pushesOf(simulator)
			.filter(({ applied }) => applied)
			.map(({ CustomerId }) => CustomerId),
	);
	// Without these sentences nothing may have been sent.
	if (found === null && !NAMED.test(message)) {
		const isReported = /\. Nothing was sent(?: in this attempt)?\. /.test(message) && accepted.size === 0;
		return simulator.requests.length === 0 || isReported ? [] : [`1: the error counts nothing: ${message}`];
	}
	const mostUnclear = Math.max(unclear!, isOneUnclear ? 1 : 0);
	const violations: string[] = [];
	if (done > accepted.size) {
		violations.push(`4: ${done} are reported as done and ${accepted.size} were accepted`);
	}
	if (accepted.size > done + mostUnclear) {
		violations.push(`3: ${accepted.size} were accepted: ${message}`);
	}
	if (invalid! > 0 && done > 0 && !facts?.sendsValid) {
		violations.push(`4: sent in spite of invalid rows: ${message}`);
	}
	return violations;
}
