import { figuresOf, type Figures } from './figures.mts';
import type { WatchedCrm } from './watchedCrm.mts';

/** The result of several triggers at the same moment. */
export interface Group {
	/** How many runs sent something. */
	readonly sending: number;
	/** How many were refused because another run was active. */
	readonly refused: number;
	/** How many requests the service got, and how many customers had changed. */
	readonly requests: number;
	readonly changed: number;
	/** Whether the service has exactly the rows afterwards. */
	readonly isSame: boolean;
	readonly durationMs: number;
}

/**
 * Changes customers and starts several runs at once. One of them sends all changes; the others are refused, or
 * start later.
 */
export async function runGroup(crm: WatchedCrm, atOnce: number): Promise<Group> {
	const { requests } = crm.simulator;
	await crm.edit(crm.newSerial());
	const startMs = performance.now();
	const before = requests.length;
	const reports = await Promise.all(Array.from({ length: atOnce }, async () => await crm.run()));
	const refused = reports.filter((report) => report?.Failures[0]?.code === 'ALREADY_RUNNING');
	return {
		sending: reports.filter((report) => (report?.Requests ?? 0) > 0).length,
		refused: refused.length,
		requests: requests.length - before,
		changed: crm.changed,
		isSame: await crm.isSame(),
		durationMs: performance.now() - startMs,
	};
}

/** Whether exactly one run has sent something, and each changed customer once. */
export function hasOneSender({ sending, requests, changed, isSame }: Group): boolean {
	return sending === 1 && requests === changed && isSame;
}

/** Starts several runs at once after each of many changes, without any fault. */
export async function soakGroups(crm: WatchedCrm, atOnce: number, groups: number): Promise<Figures> {
	const rightMs: number[] = [];
	let refused = 0;
	for (let number = 0; number < groups; number++) {
		const group = await runGroup(crm, atOnce);
		refused += group.refused;
		const isRight = hasOneSender(group);
		rightMs.push(isRight ? group.durationMs : Infinity);
		if (!isRight) {
			process.stdout.write(`  ${atOnce} at once: ${JSON.stringify(group)}\n`);
		}
	}
	return figuresOf(`${atOnce} triggers at once, one sender; ${refused} runs left`, rightMs);
}
