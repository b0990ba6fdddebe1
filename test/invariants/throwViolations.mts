import { pushesOf, type Witness } from './witness.mts';

const COUNTS = /^(\d+) \w+ sent, (\d+) failed, (\d+) not tried, (\d+) rows? invalid\. /;

/** Invariants 1 to 4 for a run that ends with the one error of Stop Workflow: its counts are what the service has. */
export function throwViolations({ result, simulator, known }: Witness): string[] {
	const description = result.failure?.description ?? '';
	const counts = COUNTS.exec(description)?.slice(1).map(Number);
	// Without counts, nothing may have been sent at all.
	if (counts === undefined) {
		return simulator.requests.length === 0 ? [] : [`1: the error counts nothing: ${description}`];
	}
	const [sent = 0, failed = 0, , invalid = 0] = counts;
	const accepted = new Set(
		pushesOf(simulator)
			.filter(({ applied }) => applied)
			.map(({ CustomerId }) => CustomerId),
	);
	return [
		...(sent > accepted.size ? [`4: ${sent} are told to be sent and ${accepted.size} were accepted`] : []),
		...(accepted.size > sent + failed ? [`3: ${accepted.size} were accepted: ${description}`] : []),
		...(invalid > 0 && sent > 0 && !known?.sendsValid
			? [`4: sent in spite of rows that cannot be used: ${description}`]
			: []),
	];
}
