import type { RowCounts } from '../safetyChecks';
import type { PartContent } from './content';

const DAY_MS = 86_400_000;

/** The rows are compared with the largest counts of this many days, so a week of holidays does not lower the measure. */
const COMPARED_DAYS = 14;

/** A run, as far as the largest counts depend on it. */
interface CountedRun {
	/** The counts of the run's rows. */
	counts: RowCounts;
	/** When this run began, Unix milliseconds. */
	beganMs: number;
	/** When the last run before this one began, minutes since 1970: on that day the rows had the counts that the state has. */
	lastRunMinute: number;
	/** Whether a person has approved the rows. Then earlier counts are dropped: they would stop the next run again. */
	areRowsApproved: boolean;
}

/** Finds the largest counts of the last 14 days in a state, and lists them for the state after a run. */
export const largestCounts = {
	/** Finds the most customers and the most devices in the rows of the last run, however long ago it was, and of the other runs of the last 14 days. */
	findInState({ normal = [], counts }: PartContent, nowMs: number): Pick<RowCounts, 'customers' | 'devices'> {
		const today = Math.floor(nowMs / DAY_MS);
		const recentDays = normal.filter(([day]) => isRecentDay(day, today));
		return {
			customers: Math.max(counts.customers, ...recentDays.map(([, customers]) => customers)),
			devices: Math.max(counts.devices, ...recentDays.map(([, , devices]) => devices)),
		};
	},

	/**
	 * Finds, for each of the last 14 days, the most customers and the most devices that the rows of any run had: the state keeps them for the safety
	 * checks of later runs.
	 * @param contentBefore the state that the run has found; undefined if there is no state of this account
	 */
	listByDay(
		contentBefore: PartContent | undefined,
		{ counts, beganMs, lastRunMinute, areRowsApproved }: CountedRun,
	): NonNullable<PartContent['normal']> {
		const today = Math.floor(beganMs / DAY_MS);
		const countsByDay = new Map<number, readonly [day: number, customers: number, devices: number]>();
		const includeCounts = (day: number, customerCount: number, deviceCount: number) => {
			const [, mostCustomers, mostDevices] = countsByDay.get(day) ?? [day, 0, 0];
			if (isRecentDay(day, today)) {
				countsByDay.set(day, [
					day,
					Math.max(customerCount, mostCustomers),
					Math.max(deviceCount, mostDevices),
				]);
			}
		};
		if (contentBefore !== undefined && !areRowsApproved) {
			for (const countsOfDay of contentBefore.normal ?? []) {
				includeCounts(...countsOfDay);
			}
			const lastDay = Math.floor((lastRunMinute * 60_000) / DAY_MS);
			includeCounts(lastDay, contentBefore.counts.customers, contentBefore.counts.devices);
		}
		includeCounts(today, counts.customers, counts.devices);
		return [...countsByDay.values()];
	},
};

/** Whether a day is one of the last 14, today included. A day in the future was written by a wrong clock. */
function isRecentDay(day: number, today: number): boolean {
	return day <= today && today - day < COMPARED_DAYS;
}
