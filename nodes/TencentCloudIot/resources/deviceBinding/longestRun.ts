import { limit } from '../../input/fields/fields';

/** The time budget of a run, minutes; 0 for no limit. */
export const longestRun = (description: string) =>
	limit({
		displayName: 'Longest Run (Minutes)',
		typeOptions: { minValue: 0, maxValue: 1440 },
		default: 0,
		description,
	});
