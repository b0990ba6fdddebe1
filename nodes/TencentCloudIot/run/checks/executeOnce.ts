import { notSent } from '../../service/outcome';
import type { Check } from './check';

/** With 'Execute Once' the engine hands the node the first item alone, and so a part of a customer's set. */
export const executeOnce: Check = (_, { context, operation }) => {
	if (!operation.fullReplace || context.getNode().executeOnce !== true) return {};
	const arrived = context.getExecuteData().data.main?.[0]?.length ?? 0;
	if (arrived <= 1) return {};
	return {
		calls: [],
		withheld: [],
		blocked: notSent(
			'EXECUTE_ONCE',
			`The node gets only the first of ${arrived} rows, because 'Execute Once' is on.`,
			"Switch off 'Execute Once' under Settings; if only the first row is meant, put a Limit node before the node",
		),
	};
};
