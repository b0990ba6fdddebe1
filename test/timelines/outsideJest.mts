import { requireOutsideJest } from '../invariants/outsideJest.mts';

/** The classes of timelines for tests that Jest runs. They load the built node and n8n's engine outside Jest's sandbox. */
export const { NodeProcess } = requireOutsideJest(
	'../timelines/nodeProcess.mts',
) as typeof import('./nodeProcess.mts');
export const { TimelineClock } = requireOutsideJest(
	'../timelines/timelineClock.mts',
) as typeof import('./timelineClock.mts');
export const { QuietClock } = requireOutsideJest(
	'../timelines/quietClock.mts',
) as typeof import('./quietClock.mts');
