import { pushesOf, type Witness } from './witness.mts';

/** Each number stands there if it is not 0; that of the customers is left out when all are done. */
const COUNTS =
	/^(?<done>\d+)(?: of \d+)? customers? done(?:, \d+ refused)?(?:, (?<unclear>\d+) unclear)?(?:, \d+ not sent)?(?:, \d+ not tried)?(?:, \d+ unchanged)?(?:, (?<invalid>\d+) rows? invalid)?: /;

/** Invariants 1 to 4 for a run that ends with the one error of Stop Workflow: its counts are what the service has. */
export function throwViolations({ result, simulator, known }: Witness): string[] {
	const message = result.failure?.message ?? '';
	const counts = COUNTS.exec(message)?.groups;
	// Without counts, nothing may have been sent at all.
	if (counts === undefined) {
		return simulator.requests.length === 0 ? [] : [`1: the error counts nothing: ${message}`];
	}
	const [done, unclear, invalid] = ['done', 'unclear', 'invalid'].map((name) => Number(counts[name] ?? 0));
	const accepted = new Set(
		pushesOf(simulator)
			.filter(({ applied }) => applied)
			.map(({ CustomerId }) => CustomerId),
	);
	return [
		...(done! > accepted.size ? [`4: ${done} are told to be done and ${accepted.size} were accepted`] : []),
		...(accepted.size > done! + unclear! ? [`3: ${accepted.size} were accepted: ${message}`] : []),
		...(invalid! > 0 && done! > 0 && !known?.sendsValid
			? [`4: sent in spite of rows that cannot be used: ${message}`]
			: []),
	];
}
