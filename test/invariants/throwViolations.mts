import { pushesOf, type Witness } from './witness.mts';

/** Each number stands there if it is not 0; that of the customers is left out when all are done. */
const COUNTS =
	/(?:^|\. )(?<done>\d+)(?: of \d+)? customers? done(?:, \d+ refused)?(?:, (?<unclear>\d+) unclear)?(?:, \d+ not sent)?(?:, \d+ not tried)?(?:, \d+ unchanged)?(?:, (?<invalid>\d+) rows? invalid)?(?:\. |$)/;

/** The only customer that failed is named, and not counted; nothing is counted where it was the only one. */
const NAMED =
	/(?:^|\. )Customer '.*' \(rows? .*; RequestId [\w-]+\) (?<became>was refused|is unclear|was not sent): /;

/** Invariants 1 to 4 for a run that ends with the one error of Stop Workflow: its counts are what the service has. */
export function throwViolations({ result, simulator, known }: Witness): string[] {
	const message = result.failure?.message ?? '';
	const counts = COUNTS.exec(message)?.groups ?? {};
	const became = NAMED.exec(message)?.groups?.became;
	const [done, counted, invalid] = ['done', 'unclear', 'invalid'].map((name) => Number(counts[name] ?? 0));
	const unclear = counted! > 0 || became !== 'is unclear' ? counted! : 1;
	const accepted = new Set(
		pushesOf(simulator)
			.filter(({ applied }) => applied)
			.map(({ CustomerId }) => CustomerId),
	);
	// Without any of them nothing may have been sent, or the reason says of the only customer what was stored.
	if (counts.done === undefined && became === undefined) {
		const isNothingStored = /\. Nothing was (?:changed|sent)\. /.test(message) && accepted.size === 0;
		const isUnclear = /\. Tencent may or may not have applied it\. /.test(message) && accepted.size <= 1;
		const isReported = isNothingStored || isUnclear;
		return simulator.requests.length === 0 || isReported ? [] : [`1: the error counts nothing: ${message}`];
	}
	return [
		...(done! > accepted.size ? [`4: ${done} are reported as done and ${accepted.size} were accepted`] : []),
		...(accepted.size > done! + unclear ? [`3: ${accepted.size} were accepted: ${message}`] : []),
		...(invalid! > 0 && done! > 0 && !known?.sendsValid
			? [`4: sent in spite of rows that cannot be used: ${message}`]
			: []),
	];
}
