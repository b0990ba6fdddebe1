import { asStop } from '../../../nodes/TencentCloudIot/sync/stop';
import { NO_SIGNING_FACTS, type RunResult, tallyRun } from '../../../nodes/TencentCloudIot/run/report/result';
import { linesOfRun, reportRun } from '../../../nodes/TencentCloudIot/run/report/runReport';
import { syncOperation } from '../../../nodes/TencentCloudIot/resources/deviceBinding/sync.operation';
import type { Withheld } from '../../../nodes/TencentCloudIot/resources/operation/operation';
import { notSent, type Failure, type OutcomeName } from '../../../nodes/TencentCloudIot/service/outcome';
import type { DeviceInfo } from '../../../nodes/TencentCloudIot/service/devices';
import type { Fate } from '../../../nodes/TencentCloudIot/service/fate';
import { SyncSession } from '../../../nodes/TencentCloudIot/sync/session';
import type { SyncCustomer, SyncSettings } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { earlierReportsOf } from '../../../nodes/TencentCloudIot/sync/lastReport';
import { failureWith } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { HASHES, Node } from './syncRuns.mts';
import { ADVICE, REASONS } from '../../../nodes/TencentCloudIot/messages/reasons';

type RunReport = ReturnType<typeof reportRun>;

/** The rows of a run: the DeviceIds of each customer. */
export interface Rows {
	customers: ReadonlyMap<string, readonly string[]>;
	/** Customers whose rows cannot be used, and the DeviceIds that those rows name. */
	withheld?: ReadonlyMap<string, readonly string[]>;
	/** Customers without a device that are left out. */
	leftOut?: readonly string[];
	/** The CustomerDeviceNo of each device for which it is not '1', by DeviceId. */
	numbers?: ReadonlyMap<string, string>;
}

/** The settings of a run, and how the service responds. */
interface RunOptions {
	isManual?: boolean;
	/** The service's response for a customer; undefined if the run ends before its request. */
	outcomeOf?: (customerId: string) => OutcomeName | undefined;
	settings?: Partial<SyncSettings>;
	isReplacing?: boolean;
	expectChangesDays?: number;
}

/** What a run reported, and which customers it sent. */
export interface FinishedRun {
	report: RunReport;
	/** The lines of its message, Chinese and English. */
	text: string;
	news: boolean;
	sent: string[];
	blocked: Failure | undefined;
	/** How many requests the plan of a stopped run has. */
	planned: number | undefined;
}

const TIME_OVER: Fate = { kind: 'postponed', why: { ...notSent('TIME_OVER'), scope: 'call' } };

const NO_ROWS = notSent('NO_ROWS', { reason: REASONS.noRows(), advice: ADVICE.checkQuery() });

/** A node that plays whole runs, from the rows to the report, with the real state, safety checks, health and messages. */
export class Shop {
	readonly node = new Node();
	settings: Partial<SyncSettings> = {};
	/** The hashes of each customer, and the text of the devices they were made from. */
	readonly #hashes = new Map<string, { text: string; key: string; fingerprint: string }>();

	/** Lets time pass between two runs. */
	wait(minutes: number): void {
		this.node.clock.startMs += minutes * 60_000;
	}

	async run(rows: Rows, options: RunOptions = {}): Promise<FinishedRun> {
		const { outcomeOf = () => 'OK', isReplacing = false, expectChangesDays = 0 } = options;
		const { clock } = this.node;
		const { withheld = new Map<string, readonly string[]>(), leftOut: leftOutIds = [] } = rows;
		const calls = callsOf(rows);
		const startedRun = await this.node.begin({}, this.#settingsOf(rows, options));
		const session = new SyncSession({
			run: startedRun,
			sendAll: false,
			isReplacing,
			expectChangesDays,
			earlierReports: earlierReportsOf(startedRun.facts),
			earlierFates: calls.map(() => undefined),
			longestRunMinutes: 0,
			clock,
			releaseNode: undefined,
			nodeKey: 'shop',
			onNotKept: () => undefined,
		});
		const { blocked } = session;
		const fates: Array<Fate | undefined> = calls.map(() => undefined);
		const sent: string[] = [];
		for (const index of blocked === undefined ? session.sendOrder : []) {
			const id = calls[index]!.customer.id;
			const outcome = outcomeOf(id);
			if (outcome !== undefined) {
				await this.node.until(session.whyBlocked(index));
				sent.push(id);
			}
			const fate =
				outcome === undefined
					? TIME_OVER
					: answered(outcome === 'OK' ? OK : failureWith({ outcome, code: 'CODE' }));
			fates[index] = fate;
			session.addFate(index, fate);
		}
		const unsent: Fate = blocked === undefined ? { kind: 'unchanged' } : { kind: 'notTried', why: blocked };
		const result: RunResult = {
			...NO_SIGNING_FACTS,
			operation: syncOperation,
			timezone: 'UTC',
			calls: calls.map((call, index) => ({
				call,
				fate: fates[index] ?? unsent,
				verdict: session.verdicts[index],
			})),
			withheld: Array.from(withheld.keys(), withheldOf),
			leftOut: new Map(leftOutIds.map((id) => [id, [0]])),
			blocked,
			endedEarly: session.endedEarly,
			isRetry: false,
			sync: session.facts,
			rowCount: calls.length,
			durationMs: 1,
		};
		await this.node.until(session.finish(result));
		const finishedResult = tallyRun({ ...result, sync: session.facts });
		const { english, chinese } = linesOfRun(finishedResult, 'everything');
		const report = reportRun(finishedResult, 'everything');
		return {
			report,
			text: [...chinese, ...english].join('\n'),
			news: report.News === true,
			sent,
			blocked,
			planned: asStop(blocked)?.planFacts?.requestCount,
		};
	}

	/**
	 * A run that is killed after Tencent has accepted some customers, and after a heartbeat has saved that.
	 * @param acceptedCount how many customers are accepted
	 * @returns the customers that the run had named as in doubt by then, so Tencent may have applied their requests
	 */
	async runKilled(rows: Rows, acceptedCount: number): Promise<string[]> {
		const customerIds = [...rows.customers.keys()];
		const { sendOrder } = await this.node.dieAfterFirst(acceptedCount, {}, this.#settingsOf(rows));
		return sendOrder.map((index) => customerIds[index]!);
	}

	#settingsOf(rows: Rows, { isManual = false, settings }: RunOptions = {}): Partial<SyncSettings> {
		const { customers, withheld = new Map<string, readonly string[]>(), leftOut = [] } = rows;
		const namedDeviceIds = new Set([...customers.values()].flat());
		const invalidDeviceIds = new Set([...withheld.values()].flat().filter((id) => !namedDeviceIds.has(id)));
		return {
			customers: callsOf(rows).map(({ customer: { id, devices } }) => this.#hashed(id, devices)),
			namedDevices: {
				deviceCount: namedDeviceIds.size + invalidDeviceIds.size,
				deviceCountByProduct: new Map(),
				invalidDeviceIds,
			},
			withheldIds: [...withheld.keys()],
			leftOutIds: leftOut,
			isManual,
			...this.settings,
			...settings,
		};
	}

	/** A customer with its hashes. They are cached, because hashing all customers for every run would double the time of a quarter. */
	#hashed(customerId: string, devices: readonly DeviceInfo[]): SyncCustomer {
		const text = devices
			.map(({ DeviceId, CustomerDeviceNo }) => `${DeviceId}\n${CustomerDeviceNo}`)
			.join('\n');
		const cached = this.#hashes.get(customerId);
		const hashes =
			cached?.text === text
				? cached
				: {
						text,
						key: HASHES.customerHash(customerId),
						fingerprint: HASHES.fingerprint(customerId, devices),
					};
		this.#hashes.set(customerId, hashes);
		return { customerId, key: hashes.key, fingerprint: hashes.fingerprint, fullSet: { devices } };
	}

	/** A run whose source returned no rows, or failed. */
	async runWithout(failure: Failure = NO_ROWS): Promise<FinishedRun> {
		return await this.run({ customers: new Map() }, { settings: { refusal: failure } });
	}
}

/** One call for each customer. */
function callsOf({ customers, numbers }: Rows) {
	return Array.from(customers, ([customerId, ids], index) => {
		const devices = ids.map((DeviceId) => {
			return { DeviceId, CustomerDeviceNo: numbers?.get(DeviceId) ?? '1', ProductName: 'Lock' };
		});
		const parameters = { CustomerId: customerId, DeviceInfos: devices };
		return { parameters, itemIndexes: [index], customer: { id: customerId, devices } };
	});
}

function withheldOf(customerId: string): Withheld {
	const findings = [{ itemIndex: 0, field: 'DeviceId', code: 'empty' as const }];
	return { parameters: { CustomerId: customerId }, itemIndexes: [0], customerId, findings };
}

/** `count` customers with one device each, numbered from `first`. */
export function shopOf(count: number, first = 0): Map<string, string[]> {
	return new Map(
		Array.from({ length: count }, (_, index) => [`user_${first + index}`, [`P/D${first + index}`]]),
	);
}
