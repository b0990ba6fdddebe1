import type { Reported } from '../health';

/** What a run leaves of itself in the lock row; readable for whoever looks at the table. */
export interface Last {
	/** What was reported. */
	reported: Pick<Reported, 'health' | 'stop' | 'hour' | 'gone'>;
	/** When the last run began that was not blocked, minutes since 1970. */
	minute?: number | undefined;
	/** Which of the customers that failed have their turn after it, 0 to 2. */
	turn: number;
	/** Begins at random and grows with each state: a plan that is approved passes once. */
	version: number;
	/** Whether it is noted outside the table that there is a state. */
	isNoted?: boolean;
}

/** @returns undefined where nothing was left, or somebody has changed it */
export function readLast(text: string): Last | undefined {
	try {
		const last = JSON.parse(text) as Last;
		return typeof last.reported.health === 'string' && Number.isInteger(last.version) ? last : undefined;
	} catch {
		return undefined;
	}
}

export function writeLast({ reported: { health, stop, hour, gone }, ...others }: Last): string {
	return JSON.stringify({ reported: { health, stop, hour, gone }, ...others } satisfies Last);
}
