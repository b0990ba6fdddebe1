import type { RowCounts } from '../safetyChecks';
import type { Content } from './content';

const DAY_MS = 86_400_000;

/** Numbers of the last two weeks count as normal: a holiday of a week does not lower them. */
const NORMAL_DAYS = 14;

/** The largest numbers of the last 14 days, as far as the state knows. */
export function normalOf(
	{ normal = [], counts }: Content,
	nowMs: number,
): Pick<RowCounts, 'customers' | 'devices'> {
	const today = Math.floor(nowMs / DAY_MS);
	const recent = normal.filter(([day]) => isRecent(day, today));
	return {
		customers: Math.max(counts.customers, ...recent.map(([, customers]) => customers)),
		devices: Math.max(counts.devices, ...recent.map(([, , devices]) => devices)),
	};
}

/**
 * What counts as normal after a run, for the next ones.
 * @param before the state that the run found, if it is of the same account
 * @param lastMinute when the last run began, minutes since 1970: that state holds the rows of that moment
 * @param isApproved whether somebody has approved the run's rows: the numbers before them are no measure any more
 */
export function normalAfter(
	before: Content | undefined,
	{
		now,
		nowMs,
		lastMinute,
		isApproved,
	}: { now: RowCounts; nowMs: number; lastMinute: number; isApproved: boolean },
): NonNullable<Content['normal']> {
	const today = Math.floor(nowMs / DAY_MS);
	const byDay = new Map<number, readonly [day: number, customers: number, devices: number]>();
	const add = (day: number, customers: number, devices: number) => {
		const [, mostCustomers, mostDevices] = byDay.get(day) ?? [day, 0, 0];
		if (isRecent(day, today)) {
			byDay.set(day, [day, Math.max(customers, mostCustomers), Math.max(devices, mostDevices)]);
		}
	};
	if (before !== undefined && !isApproved) {
		for (const [day, customers, devices] of before.normal ?? []) {
			add(day, customers, devices);
		}
		const lastDay = Math.floor((lastMinute * 60_000) / DAY_MS);
		add(lastDay, before.counts.customers, before.counts.devices);
	}
	add(today, now.customers, now.devices);
	return [...byDay.values()];
}

/** A day in the future was noted by a clock that was wrong. */
function isRecent(day: number, today: number): boolean {
	return day <= today && today - day < NORMAL_DAYS;
}
