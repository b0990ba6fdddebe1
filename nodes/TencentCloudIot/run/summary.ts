import { NESTED_RULE_NAMES } from '../../../credentials/nestedRuleNames';
import { describeFinding } from '../input/finding';
import { counted } from '../resources/counted';
import type { Call, HeldBack, Operation } from '../operation';
import { describe, type Failure, type OutcomeName } from '../service/outcome';
import type { Sent } from './sendCalls';
import type { Delivered } from '../service/delivery/sender';

/** So many of the things that went wrong are named in one message. */
const MOST_NAMED = 5;

/** n8n offers its own Retry beside what a run that was stopped says. */
const DO_NOT_RETRY =
	". n8n's Retry of this execution would do all of it again: run the workflow with what is left instead";

/** What a run was to do. */
interface PlanFacts {
	operation: Pick<Operation<unknown>, 'unit' | 'countDone' | 'repeatable'>;
	calls: readonly Call[];
	heldBack: readonly HeldBack[];
}

/** What it did. */
interface RunFacts extends PlanFacts {
	sent: Sent;
	/** How many output items tell of what was done. */
	outputs: number;
	/** What was done and what was left, where only changes are sent. */
	changes?: string | undefined;
}

/** What a run that is stopped has come to. */
interface StopFacts extends PlanFacts {
	/** What became of each call, if it was tried. */
	delivered: ReadonlyArray<Delivered | undefined>;
	/** Why this try could send nothing at all. */
	refusal?: Failure | undefined;
}

/** The banner above the output: "35 customers, 120 devices pushed; 2 customers refused; 1 row invalid; 3 retries". */
export function summarize({ operation, calls, heldBack, sent, outputs, changes }: RunFacts): string {
	const { acceptedRule, clockOffsetMs, isRuleDetected } = sent;
	const delivered = sent.delivered.filter((one) => one !== undefined);
	const outcomes = countOutcomes(delivered);
	const retries = countRetries(sent);
	const done = calls.filter((_, index) => sent.delivered[index]?.outcome.outcome === 'OK');
	const parts = [changes ?? operation.countDone(done, outputs)];
	const add = (count: number, noun: string, rest: string) =>
		count > 0 && parts.push(`${counted(count, noun)}${rest}`);
	add(outcomes.REFUSED, operation.unit, ' refused');
	add(outcomes.UNKNOWN, operation.unit, ' unclear');
	add(outcomes.NOT_SENT, operation.unit, ' not sent');
	add(countInvalidRows(heldBack), 'row', ' invalid');
	add(heldBack.filter(isRefused).length, operation.unit, ' given to an earlier run with other devices');
	add(delivered.filter(isFromEarlierTry).length, operation.unit, ' already done in an earlier try');
	if (retries > 0) parts.push(`${retries} ${retries === 1 ? 'retry' : 'retries'}`);
	if (isRuleDetected && acceptedRule !== undefined)
		parts.push(`nested values signed as '${NESTED_RULE_NAMES[acceptedRule]}'`);
	if (clockOffsetMs !== 0)
		parts.push(`this server's clock is ${Math.abs(Math.round(clockOffsetMs / 1000))} seconds off`);
	return parts.join('; ');
}

/** Requests beyond the first for each page of each call, without those that only served to find how to sign. */
export function countRetries({ delivered, signingTries }: Pick<Sent, 'delivered' | 'signingTries'>): number {
	const repeats = delivered.reduce(
		(sum, one) => sum + Math.max(0, (one?.requestIds.length ?? 0) - (one?.pages ?? 1)),
		0,
	);
	return Math.max(0, repeats - signingTries);
}

/** The banner of a Dry Run: "Dry run: nothing was sent. 35 requests shown; 1 row invalid". */
export function summarizePreview({ calls, heldBack }: Omit<PlanFacts, 'operation'>): string {
	const invalid = countInvalidRows(heldBack);
	const refused = heldBack.filter(isRefused).length;
	const rows = invalid > 0 ? `; ${counted(invalid, 'row')} invalid` : '';
	const others =
		refused > 0 ? `; ${counted(refused, 'request')} given to an earlier run with other devices` : '';
	return `Dry run: nothing was sent. ${counted(calls.length, 'request')} shown${rows}${others}`;
}

/** What Stop Workflow tells: how much was done, how much not, and the first things that went wrong. */
export function describeStop({ operation, calls, heldBack, delivered, refusal }: StopFacts): string {
	const done = delivered.filter((known) => known?.outcome.outcome === 'OK').length;
	const untried = delivered.filter(isUntried).length;
	const counts = [
		`${counted(done, operation.unit)} sent`,
		`${calls.length - done - untried} failed`,
		`${untried} not tried`,
		`${counted(countInvalidRows(heldBack), 'row')} invalid`,
	];
	// One row may hold back several customers.
	const named = [
		...(refusal === undefined ? [] : [`${refusal.reason} ${refusal.advice}`]),
		...calls.flatMap((call, index) => describeCall(operation.unit, call, delivered[index])),
		...new Set(heldBack.flatMap(({ findings }) => findings.map(describeFinding))),
	];
	const more = named.length > MOST_NAMED ? `; and ${named.length - MOST_NAMED} more` : '';
	const isTwice = !operation.repeatable && delivered.some(mayBeDone);
	return `${counts.join(', ')}. ${named.slice(0, MOST_NAMED).join('; ')}${more}${isTwice ? DO_NOT_RETRY : ''}`;
}

function describeCall(unit: string, { parameters }: Call, delivered: Delivered | undefined): string[] {
	if (isUntried(delivered)) return [];
	const { outcome } = delivered;
	if (outcome.outcome === 'OK') return [];
	const id = Object.values(parameters).find((value) => typeof value === 'string') ?? '';
	const name = id === '' ? unit : `${unit} '${id}'`;
	return [`${name}: ${describe(outcome)} ${outcome.advice}`];
}

/** Not in this try of the run, nor in an earlier one. */
function isUntried(delivered: Delivered | undefined): delivered is undefined {
	if (delivered === undefined) return true;
	const { outcome, requestIds } = delivered;
	return outcome.outcome === 'NOT_SENT' && requestIds.length === 0;
}

function mayBeDone(delivered: Delivered | undefined): boolean {
	return delivered?.outcome.outcome === 'OK' || delivered?.outcome.outcome === 'UNKNOWN';
}

function isFromEarlierTry({ outcome, requestIds }: Delivered): boolean {
	return outcome.outcome === 'OK' && requestIds.length === 0;
}

function countOutcomes(delivered: readonly Delivered[]): Record<OutcomeName, number> {
	const counts = { OK: 0, REFUSED: 0, NOT_SENT: 0, UNKNOWN: 0 };
	for (const { outcome } of delivered) counts[outcome.outcome]++;
	return counts;
}

export function countInvalidRows(heldBack: readonly HeldBack[]): number {
	const invalid = heldBack.filter((one) => !isRefused(one));
	return new Set(invalid.flatMap(({ findings }) => findings.map(({ itemIndex }) => itemIndex))).size;
}

function isRefused({ refusal }: HeldBack): boolean {
	return refusal !== undefined;
}
