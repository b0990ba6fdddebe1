import { describeFinding } from '../input/finding';
import { countedOf } from '../resources/counted';
import type { Call } from '../operation';
import type { Delivered } from '../service/delivery/sender';
import { describe, type Failure } from '../service/outcome';
import { countOutcomes, countUnits, tellCounts, tellHeldBack, type PlanFacts } from './counts';
import { adviceOn } from './outputItems';

/** So many of the things that went wrong are named. */
const MOST_NAMED = 5;

/** n8n offers its own Retry beside what a run that was stopped says. */
const DO_NOT_RETRY =
	". n8n's Retry of this execution would do all of it again: run the workflow with what is left instead";

/** What a run that is stopped has come to. */
interface StopFacts extends PlanFacts {
	/** What became of each call, if it was tried. */
	delivered: ReadonlyArray<Delivered | undefined>;
	/** Why this try could send nothing at all. */
	refusal?: Failure | undefined;
	/** How many were not tried since nothing has changed. */
	unchanged?: number | undefined;
}

/** What n8n stores of a run that was stopped. */
export interface StopReport {
	/** All that error workflows, toasts and agents see: "2 of 3 customers done, 1 refused: …" with the first reason. */
	message: string;
	/** Where there is more than one reason: the first ones. */
	description: string | undefined;
}

/** Thrown where Stop Workflow ends the run. */
export class RunStopped extends Error {
	readonly description: string | undefined;

	constructor({ message, description }: StopReport) {
		super(message);
		this.description = description;
	}
}

/** What a run that sent something is stopped for. */
export function reportStop(facts: StopFacts): StopReport {
	const { operation, calls, heldBack, delivered, refusal } = facts;
	const told = [
		...(refusal === undefined ? [] : [`${refusal.reason} ${refusal.advice}`]),
		...calls.flatMap((call, index) => describeCall(operation.unit, call, delivered[index])),
		...describeRows(heldBack),
	];
	const isTwice = !operation.repeatable && delivered.some(mayBeDone);
	return report(facts, told, `${told[0] ?? ''}${isTwice ? DO_NOT_RETRY : ''}`);
}

/**
 * What a run is stopped for that has rows which cannot be used.
 * @param stored whether something was stored before, as a sentence
 */
export function reportInvalidRows(facts: StopFacts, stored: string): StopReport {
	const findings = facts.heldBack.flatMap((held) => held.findings);
	const [refusal] = facts.heldBack.flatMap((held) => held.refusal ?? []);
	const told = describeRows(facts.heldBack);
	return report(facts, told, `${told[0] ?? ''}. ${stored} ${refusal?.advice ?? adviceOn(findings)}`);
}

function report(facts: StopFacts, told: readonly string[], first: string): StopReport {
	const { operation, heldBack, delivered, unchanged = 0 } = facts;
	const tried = delivered.filter((one): one is Delivered => !isUntried(one));
	const outcomes = countOutcomes(tried);
	const total = countUnits(facts);
	const counts = [
		...(total > 0 ? [`${countedOf(outcomes.OK, total, operation.unit)} done`] : []),
		...tellCounts([
			[outcomes.REFUSED, 'refused'],
			[outcomes.UNKNOWN, 'unclear'],
			[outcomes.NOT_SENT, 'not sent'],
			// Where rows stopped the run before it began, that is the reason which follows.
			[tried.length > 0 ? delivered.length - tried.length - unchanged : 0, 'not tried'],
			[unchanged, 'unchanged'],
		]),
		...tellHeldBack(heldBack),
	].join(', ');
	const more = told.length > MOST_NAMED ? `; and ${told.length - MOST_NAMED} more` : '';
	return {
		message: `${counts}: ${first}`,
		description: told.length > 1 ? `${told.slice(0, MOST_NAMED).join('; ')}${more}` : undefined,
	};
}

/** One row may hold back several customers. */
function describeRows(heldBack: StopFacts['heldBack']): string[] {
	return [...new Set(heldBack.flatMap(({ findings }) => findings.map(describeFinding)))];
}

function describeCall(unit: string, { parameters }: Call, delivered: Delivered | undefined): string[] {
	if (isUntried(delivered)) return [];
	const { outcome } = delivered;
	if (outcome.outcome === 'OK') return [];
	const told = `${describe(outcome)} ${outcome.advice}`;
	// What every other request would meet as well is not about this one.
	if (outcome.scope === 'run') return [told];
	const id = Object.values(parameters).find((value) => typeof value === 'string') ?? '';
	return [`${id === '' ? unit : `${unit} '${id}'`}: ${told}`];
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
