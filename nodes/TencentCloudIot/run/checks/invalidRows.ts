import type { Withheld } from '../../operation';
import { readRowHandling } from '../../resources/deviceBinding/rowHandling';
import type { Failure } from '../../service/outcome';
import { describeFinding, type Finding } from '../../input/finding';
import { counted, quoted } from '../../service/words';
import type { Plan } from '../planRun';
import type { Run } from '../run';
import type { Check } from './check';

/** Where the node stops at the first failure, rows that cannot be used end the run before anything is sent. */
export const invalidRows: Check = (plan, run) => {
	if (run.options.dryRun || !stopsForRows(plan, run)) return {};
	const findings = plan.withheld.flatMap((withheld) => withheld.findings);
	const [refusal] = plan.withheld.flatMap((withheld) => withheld.refusal ?? []);
	return { blocked: withheldFor(findings, refusal) };
};

/** Whether invalid rows end the run before it begins. */
export function stopsForRows(
	{ withheld }: Pick<Plan, 'withheld'>,
	{ stopAtFailure, options }: Pick<Run, 'stopAtFailure' | 'options'>,
): boolean {
	return stopAtFailure && withheld.length > 0 && !readRowHandling(options).sendsValidDevices;
}

/** Why rows are not sent, as a failure: the first finding, how many more there are, and what to correct. */
export function withheldFor(findings: readonly Finding[], refusal: Withheld['refusal']): Failure {
	const [first] = findings;
	const others = findings.length - 1;
	const more = others > 0 ? `; ${counted(others, 'other value')} cannot be used` : '';
	const reason = first === undefined ? '' : `${describeFinding(first)}${more}.`;
	const { code, advice } = refusal ?? { code: 'INVALID_ROWS', advice: adviceOn(findings) };
	return { outcome: 'NOT_SENT', code, reason, advice, retry: 'never', scope: 'call' };
}

function adviceOn(findings: readonly Finding[]): string {
	const rows = new Set(findings.map(({ itemIndex }) => itemIndex)).size;
	const where = rows > 1 ? ` in ${counted(rows, 'row')}` : '';
	return `Correct ${quoted(findings.map(({ field }) => field))}${where} and run the workflow again`;
}
