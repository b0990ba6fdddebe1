import { confirmAllNews } from '../support/confirmedNews.mts';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { createProcessedData } from '../../embedded/embeddedEngine.mts';
import type { reportRun } from '../../nodes/TencentCloudIot/run/report/runReport';
import type { Fault } from '../../simulator/faults.mts';
import { reportOf } from '../invariants/reportViolations.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { NodeProcess, TimelineClock } from '../timelines/outsideJest.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { row, runPush } from './pushRun.mts';

type RunReport = ReturnType<typeof reportRun>;

const HOUR_MS = 3_600_000;
const IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** The kinds of rows that a customer may have. */
const KINDS = [
	...(['two rows', 'two rows', 'two rows', 'one cell', 'odd cell', 'one bad row'] as const),
	...(['bad', 'none', 'one without a device', 'gone'] as const),
];
type Kind = (typeof KINDS)[number];

/** How the service responds to a customer, until an event changes it. */
const RESPONSES = ['ok', 'ok', 'ok', 'refused', 'unclear'] as const;
type ResponseKind = (typeof RESPONSES)[number];

interface Options {
	/** 'Invalid Rows' is Send the Valid Devices. */
	sendsValid: boolean;
	/** 'Rows Without a Device' is Leave Out. */
	leavesOut: boolean;
	/** 'Several Devices in a Cell' is Split. */
	splits: boolean;
}

interface Event {
	changes: Array<{ id: string; kind: Kind; version: number; response: ResponseKind }>;
	options: Options;
	isManual: boolean;
	how: 'finished' | 'cancelled' | 'killed' | 'short' | 'no rows';
	/** The number of the request at which the run is cancelled or killed, from 1. */
	at: number;
	/** Since the previous run. */
	hours: number;
}

const mostly = <T,>(usual: T, ...unusual: T[]) =>
	fc.oneof(
		{ weight: 4, arbitrary: fc.constant(usual) },
		{ weight: 1, arbitrary: fc.constantFrom(...unusual) },
	);

const events: fc.Arbitrary<Event[]> = fc.array(
	fc.record({
		changes: fc.array(
			fc.record({
				id: fc.constantFrom(...IDS),
				kind: fc.constantFrom(...KINDS),
				version: fc.nat(1),
				response: fc.constantFrom(...RESPONSES),
			}),
			{ maxLength: 4 },
		),
		options: fc.record({
			sendsValid: mostly(true, false),
			leavesOut: mostly(true, false),
			splits: mostly(true, false),
		}),
		isManual: mostly(false, true),
		how: mostly<Event['how']>('finished', 'cancelled', 'killed', 'short', 'no rows'),
		at: fc.integer({ min: 1, max: 3 }),
		hours: fc.constantFrom(1, 1, 12, 24),
	}),
	{ minLength: 2, maxLength: 9 },
);

interface Customer {
	kind: Kind;
	version: number;
	response: ResponseKind;
}

function rowsOf(id: string, { kind, version }: Customer): IDataObject[] {
	const device = (letter: string) => row(id, `P/${id}${version}${letter}`, { CustomerDeviceNo: letter });
	const cell = (numbers: string) =>
		row(id, `P/${id}${version}x,P/${id}${version}y`, { CustomerDeviceNo: numbers });
	const none = { CustomerId: id, CustomerDeviceNo: '', DeviceId: '', ProductName: '' };
	const rows: Record<Kind, IDataObject[]> = {
		'two rows': [device('x'), device('y')],
		'one cell': [cell('x,y')],
		'odd cell': [cell('x')],
		'one bad row': [device('x'), row(id, 'no slash')],
		bad: [row(id, 'no slash')],
		none: [none],
		'one without a device': [device('x'), none],
		gone: [],
	};
	return rows[kind];
}

/** The devices to send, undefined if none may be sent, and whether all rows of the customer are valid. */
function read({ kind, version }: Customer, { sendsValid, leavesOut, splits }: Options) {
	const isLeftOut = kind === 'none' && leavesOut;
	const isWhole = kind === 'two rows' || (kind === 'one cell' && splits);
	const isPart = sendsValid && (kind === 'one bad row' || kind === 'one without a device');
	const devicesOfPart = isPart ? `${version}x` : undefined;
	return { isLeftOut, isWhole, devices: isWhole ? `${version}xy` : devicesOfPart };
}

/** A customer after a run: the accepted devices, or waiting, or failing. */
type Note = { accepted: string } | 'waits' | 'fails';

/** A model of the node, kept from its rows, the requests and the reports alone. */
class Notes {
	/** All customers with rows in the last run, except those left out. */
	known = new Map<string, Note>();
	/** No run has written a state, so no customer can be gone. */
	hasNoState = true;
	/** No reporting run has sent a message yet. */
	isSilentSoFar = true;
	/** Customers that a report has named as failing. */
	failing = new Set<string>();
	/** When a failing customer recovered, in minutes. */
	recoveredAt = new Map<string, number>();
	/** Customers that left the rows, which no report has said yet. */
	gone = new Set<string>();
	/** Customers whose devices Tencent may have. */
	held = new Set<string>();
	reported = { health: 'ok', stop: '', hour: 0 };
	/** The same in the sync state, which outlives the process. */
	reportedInState = this.reported;
	/** A killed run still owns the lock row: no run has sent anything since. A run without rows does not wait for the row. */
	isRowLeftOwned = false;
}

/**
 * Compares the reports of random timelines of a node with the model.
 * @returns what occurred in them: health, counts and news that were not empty, and how runs ended
 */
export async function checkReports(numRuns: number): Promise<ReadonlySet<string>> {
	const seen = new Set<string>();
	let onRequest = (_: string): Fault | undefined => undefined;
	const clock = new TimelineClock();
	const simulator = await runSimulator({
		clock: clock.ofService,
		faults: ({ parameters }: { parameters: ReadonlyMap<string, unknown> }) =>
			onRequest(String(parameters.get('CustomerId'))),
	});
	await fc.assert(
		fc.asyncProperty(events, async (timeline) => {
			const notes = new Notes();
			const processedData = createProcessedData();
			let process = new NodeProcess(testedBuild, clock);
			const customers = new Map<string, Customer>(
				IDS.map((id) => [id, { kind: 'two rows', version: 0, response: 'ok' }]),
			);
			for (const event of timeline) {
				const { changes, options, isManual, how, at, hours } = event;
				clock.startMs += hours * HOUR_MS;
				const hour = Math.floor(clock.nowMs / HOUR_MS);
				const minute = Math.floor(clock.nowMs / 60_000);
				for (const { id, ...customer } of changes) {
					customers.set(id, customer);
				}
				let rows = [...customers].flatMap(([id, customer]) => rowsOf(id, customer));
				const isNone = how === 'no rows' || rows.length === 0;
				if (isNone) {
					rows = rowsOf('', { kind: 'none', version: 0, response: 'ok' });
				}
				const sent: string[] = [];
				const cancel = new AbortController();
				let reportDeath = (_: undefined) => {};
				const death = new Promise<undefined>((resolve) => {
					reportDeath = resolve;
				});
				const processOfRun = process;
				onRequest = (id) => {
					sent.push(id);
					if (sent.length === at && how === 'cancelled') {
						cancel.abort();
					}
					if (sent.length === at && how === 'killed') {
						processOfRun.isDead = true;
						reportDeath(undefined);
					}
					if (processOfRun.isDead) {
						return { kind: 'reset' };
					}
					const { response } = customers.get(id)!;
					if (response === 'refused') {
						return { kind: 'error', Code: 'InvalidParameterValue', Message: 'no' };
					}
					if (response === 'unclear') {
						return { kind: 'body', body: '' };
					}
					// A short run of one minute has time for a few requests only.
					return how === 'short' ? { kind: 'late', until: clock.advance(25_000) } : undefined;
				};
				const run = runPush(rows, simulator, {
					operation: 'sync',
					onError: 'continueErrorOutput',
					options: {
						outputItemPer: 'run',
						pushAgainAfter: 0,
						maxAttempts: 1,
						concurrency: 1,
						longestRun: how === 'short' ? 1 : 0,
					},
					mode: isManual ? 'manual' : 'trigger',
					processedData,
					isOverlapping: true,
					nodeType: processOfRun.nodeType,
					credentialType: processOfRun.credentialType,
					signal: cancel.signal,
					rowHandling: {
						invalidRows: options.sendsValid ? 'sendValid' : 'withhold',
						rowsWithoutDevice: options.leavesOut ? 'leaveOut' : 'refuse',
						severalDevices: options.splits ? 'split' : 'refuse',
					},
					safetyChecks: { stopAbove: 100, stopWhenDevicesDrop: 100 },
				});
				const result = await Promise.race([run, death]);
				// Each message is delivered.
				confirmAllNews(processedData);
				if (result === undefined) {
					process = new NodeProcess(testedBuild, clock);
					seen.add('killed');
					noteKill(notes, customers, options);
					continue;
				}
				const expected = judge(notes, customers, {
					...event,
					isNone,
					sent,
					hour,
					minute,
					isCancelled: cancel.signal.aborted,
				});
				if (cancel.signal.aborted) {
					seen.add('cancelled');
				} else {
					for (const name of namesOf(expected)) {
						seen.add(name);
					}
					expect(comparedPart(reportOf(result)!.json as unknown as RunReport, expected)).toEqual(expected);
				}
			}
		}),
		{ numRuns },
	);
	return seen;
}

/**
 * A killed run has stored which customers it was going to send before its first request: they wait. The others are unchanged.
 */
function noteKill(notes: Notes, customers: ReadonlyMap<string, Customer>, options: Options): void {
	for (const [id, customer] of customers) {
		const { devices } = read(customer, options);
		const before = notes.known.get(id);
		const isUnchanged = typeof before === 'object' && before.accepted === devices;
		if (customer.kind !== 'gone' && devices !== undefined && !isUnchanged) {
			notes.known.set(id, 'waits');
			notes.held.add(id);
			// The killed run stored it, so it is back in the rows.
			notes.gone.delete(id);
		}
	}
	notes.reported = notes.reportedInState;
	notes.hasNoState = false;
	notes.isRowLeftOwned = true;
}

/** The members of a report that are not empty. */
function namesOf({ Health, counts, ...news }: ReturnType<typeof judge>): string[] {
	const named = Object.entries({ ...counts, ...news }).filter(([, count]) =>
		Array.isArray(count) ? count.length > 0 : count,
	);
	return [Health, ...named.map(([name]) => name)];
}

/** A run that was not killed. */
interface Ended extends Event {
	isNone: boolean;
	isCancelled: boolean;
	/** The customers that were sent, in order. */
	sent: readonly string[];
	hour: number;
	minute: number;
}

/** Computes the expected report and updates the model. */
function judge(notes: Notes, customers: ReadonlyMap<string, Customer>, run: Ended) {
	const { options, isNone, sent, isManual, isCancelled, hour, minute, how } = run;
	const ends = { Pushed: 0, Unchanged: 0, Due: 0, Refused: 0, Unclear: 0, NotSent: 0, Postponed: 0 };
	const verdicts = { New: 0, Changed: 0, Waiting: 0, FailedBefore: 0 };
	const counts = { Customers: 0, ...ends, Withheld: 0, WithoutDevice: 0, ...verdicts };
	const after = new Map<string, Note>();
	const bare = new Set<string>();
	const fails = new Set<string>();
	const isWell = new Set<string>();
	const { known: customersSeen } = notes;
	const here = [...customers].filter(([, { kind }]) => kind !== 'gone' && !isNone);
	const isUntried = (id: string) => !sent.includes(id);
	// Three requests without a response end a run, not counting customers that failed before.
	const firstClear = sent.findIndex((id) => customers.get(id)!.response !== 'unclear');
	const unclear = (firstClear < 0 ? sent : sent.slice(0, firstClear)).filter(
		(id) => customersSeen.get(id) !== 'fails',
	);
	let isSilent = false;
	for (const [id, customer] of here) {
		counts.Customers++;
		const { isLeftOut, isWhole, devices } = read(customer, options);
		const before = customersSeen.get(id);
		if (isLeftOut) {
			counts.WithoutDevice++;
			if (before !== undefined && notes.held.has(id)) {
				bare.add(id);
			}
			continue;
		}
		if (!isWhole) {
			fails.add(id);
		}
		if (devices === undefined) {
			counts.Withheld++;
			after.set(id, 'fails');
			// A customer reported without devices, which now has only invalid rows, has no devices to lose again.
			if (before === undefined) {
				notes.held.delete(id);
			}
			continue;
		}
		const isUnchanged = typeof before === 'object' && before.accepted === devices;
		if (before === undefined) {
			counts.New++;
		} else if (isUnchanged) {
			counts.Unchanged++;
		} else if (before === 'fails') {
			counts.FailedBefore++;
		} else if (before === 'waits') {
			counts.Waiting++;
		} else {
			counts.Changed++;
		}
		const isCut = isCancelled && id === sent.at(-1);
		if (!isUnchanged && !isUntried(id) && (customer.response !== 'refused' || isCut)) {
			notes.held.add(id);
		}
		if (!isUnchanged && isUntried(id)) {
			if (how === 'short' && unclear.length < 3) {
				counts.Postponed++;
				if (before === 'fails') {
					fails.add(id);
				}
			} else {
				// The whole run ended, so news about this customer waits until it is sent.
				counts.NotSent++;
				isSilent = true;
			}
			after.set(id, before === 'fails' ? 'fails' : 'waits');
			continue;
		}
		if (!isUnchanged && (customer.response !== 'ok' || isCut)) {
			counts[customer.response === 'refused' ? 'Refused' : 'Unclear']++;
			fails.add(id);
			after.set(id, 'fails');
			continue;
		}
		if (!isUnchanged) {
			counts.Pushed++;
		}
		after.set(id, { accepted: devices });
		if (isWhole) {
			isWell.add(id);
		}
	}
	const stopOfService = isSilent && unclear.length >= 3 ? 'NO_RESPONSE' : '';
	const stop = isNone ? 'NO_ROWS' : stopOfService;
	const { Pushed, Unchanged, Postponed, Customers, Withheld, WithoutDevice, Unclear } = counts;
	const judged = Customers - Withheld - WithoutDevice - Postponed;
	const isFailingAll =
		stop !== '' ||
		// Customers that an option leaves out are not a failure, even if there are no others.
		(judged + Postponed === 0 && Withheld > 0) ||
		(sent.length >= 3 && Unclear === sent.length) ||
		Pushed + Unchanged < judged / 2;
	const healthOfMost = fails.size > 0 ? 'degraded' : 'ok';
	const Health = isFailingAll ? 'failing' : healthOfMost;
	const isHere = (id: string) => here.some(([present]) => present === id);
	const left = isNone || notes.hasNoState ? undefined : [...customersSeen.keys()].filter((id) => !isHere(id));
	const goneIds = new Set([...notes.gone, ...(left ?? [])].filter((id) => !isHere(id)));
	const gone = goneIds.size;
	// A customer that recovered less than a day ago fails on and off, which is not news again.
	const isRecent = (id: string) => minute - (notes.recoveredAt.get(id) ?? -Infinity) < 1440;
	const newly = [...fails].filter((id) => !notes.failing.has(id) && !isRecent(id));
	const over = [...isWell].filter((id) => notes.failing.has(id));
	const isReporting = !isManual && !isCancelled;
	const { reported: lastReport } = notes;
	// An outage has no reason of its own in the report.
	const reason = stop === 'NO_RESPONSE' ? '' : stop;
	const isNews =
		isReporting &&
		((Health !== lastReport.health && (Health !== 'degraded' || lastReport.health === 'failing')) ||
			(Health === 'degraded' && lastReport.health === 'ok' && ![...fails].every(isRecent)) ||
			(Health === 'failing' && reason !== lastReport.stop) ||
			(Health !== 'ok' && hour - lastReport.hour >= 24) ||
			gone > 0 ||
			(notes.isSilentSoFar && !isNone) ||
			(Health === 'degraded' && newly.length > 0) ||
			bare.size > 0);
	const report = {
		Health,
		News: isNews,
		NewlyFailed: newly.toSorted(),
		Recovered: over.toSorted(),
		NoLongerWithDevices: [...bare].toSorted(),
		Gone: left === undefined && gone === 0 ? undefined : gone,
		counts,
	};
	notes.gone = isReporting ? new Set() : goneIds;
	if (isNews) {
		notes.reported = { health: Health, stop: reason, hour };
	}
	// Even a run that is stopped before there is a state writes its report to the lock row, if the row is free.
	if (!isNone || !notes.isRowLeftOwned) {
		notes.reportedInState = notes.reported;
	}
	// A run without rows changes nothing else.
	if (isNone) {
		return report;
	}
	notes.isRowLeftOwned = false;
	const ids = new Set(after.keys());
	const stillFailing = [...notes.failing].filter((id) => !over.includes(id));
	if (isReporting) {
		for (const id of isWell) {
			const failedBefore = customersSeen.get(id) === 'fails' && isRecent(id);
			if (notes.failing.has(id) || failedBefore) {
				notes.recoveredAt.set(id, minute);
			}
		}
	}
	// A recovery is reported with the next message.
	const failingInNews = isNews ? [...stillFailing, ...fails] : notes.failing;
	const failingReported = isReporting ? failingInNews : notes.failing;
	notes.failing = new Set([...failingReported].filter((id) => ids.has(id)));
	for (const id of notes.recoveredAt.keys()) {
		if (!ids.has(id)) {
			notes.recoveredAt.delete(id);
		}
	}
	// The loss of all devices is not stored until it is reported.
	if (!isReporting) {
		for (const id of bare) {
			after.set(id, 'waits');
		}
	}
	notes.held = new Set([...notes.held].filter(isHere));
	notes.known = after;
	notes.hasNoState = false;
	if (isNews) {
		notes.isSilentSoFar = false;
	}
	return report;
}

/** The part of a report that is compared with the model. */
function comparedPart(report: RunReport, { counts }: ReturnType<typeof judge>) {
	const { Health, News, NewlyFailedIds, RecoveredIds, NoLongerWithDevicesIds, Gone } = report;
	const names = Object.keys(counts) as Array<keyof typeof counts>;
	return {
		Health,
		News,
		NewlyFailed: NewlyFailedIds!.toSorted(),
		Recovered: RecoveredIds!.toSorted(),
		NoLongerWithDevices: NoLongerWithDevicesIds!.toSorted(),
		Gone,
		counts: Object.fromEntries(names.map((name) => [name, report[name]])),
	};
}
