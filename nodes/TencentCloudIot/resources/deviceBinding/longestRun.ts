import { limit } from '../../input/fields/fields';

/** The option for the time budget of a run, in minutes; 0 means no limit. */
export const longestRun = (description: string) =>
	limit({
		displayName: 'Longest Run (Minutes)',
		typeOptions: { minValue: 0, maxValue: 1440 },
		default: 0,
		description,
	});
