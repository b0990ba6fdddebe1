import { inBatches } from '../../input/batches';
import { runInTurns } from '../../input/pausing';
import type { DeviceInfo, NamedDevices } from '../../service/devices';
import type { Fate } from '../../service/fate';
import type { Account } from '../../service/signing/signature';
import type { StateNotKept } from '../health';
import { type EarlierReports, earlierReportsOf, type UnstoredReport } from '../lastReport';
import { claimInProcess } from '../lock/claimInProcess';
import type { LockHost } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import { SyncSession, type SyncOptions } from '../session';
import { findWithheldIds } from '../withheld';
import {
	RememberedCustomers,
	rememberedByNodeKey,
	hasSameRows,
	type CustomersToRemember,
} from './rememberedCustomers';
import { StateHashes } from './hashes';
import { beginSync, makeRunBesideAnother } from './run';
import type { SyncCustomer, SyncSettings } from './settings';

/** What the plan has made of the rows: customers to send, rows that cannot be sent, and customers that are left out. */
interface PlannedCustomers {
	/** The customers that can be sent, each once and with all its devices. A call without a customer is skipped. */
	calls: ReadonlyArray<{ customer?: { id: string; devices: readonly DeviceInfo[] } | undefined }>;
	/** The rows that cannot be sent, with their customer if they name one. */
	withheld: ReadonlyArray<{ customerId?: string | undefined }>;
	/** The customers that are left out because they have no device, by their ids. */
	leftOut?: ReadonlyMap<string, unknown> | undefined;
	/** Counts the devices that all rows name, usable or not, for the safety checks. */
	countNamedDevices?: (() => Promise<NamedDevices>) | undefined;
	/** Set if all rows are clean: what this process remembers of the last run's clean rows, and what it will remember of this run's. */
	customersToRemember?: CustomersToRemember | undefined;
	/** The fate of each call in an earlier attempt of the execution, by index; undefined if that attempt did not settle it. */
	earlierFates: ReadonlyArray<Fate | undefined>;
}

/**
 * What `openSession` needs besides the table and the customers: the user's options, the account, and what the host (n8n, or a script that
 * cron starts) has to offer.
 */
interface SessionSettings
	extends SyncOptions,
		LockHost,
		Pick<
			SyncSettings,
			'rowsReceivedMs' | 'dryRun' | 'refusal' | 'mayShareDevices' | 'isManual' | 'writesReceipts'
		> {
	/** The account that the run pushes to. */
	account: Account;
	/**
	 * Corrects what the state says about earlier reports. Retry On Fail discards the output of a failed attempt, so a report of that attempt has
	 * reached nobody, although the state says that it was made.
	 */
	correctEarlierReports?:
		| ((earlierReports: EarlierReports, isStateRead: boolean) => EarlierReports)
		| undefined;
	/** As `correctEarlierReports`, for a report that only this process has. */
	correctUnstoredReport?:
		| ((unstoredReport: UnstoredReport | undefined) => UnstoredReport | undefined)
		| undefined;
	/** Called at the end of the run if it is not certain that the state was written. */
	onNotKept: (writeResult: StateNotKept) => void;
}

/**
 * Begins a run of Sync: reads its state and decides which customers it sends. The caller must call `finish` of the session, however the run
 * goes on: until then no other run of the node can begin in this process.
 * @param table undefined for a run that has no state: then every customer is sent, and nothing is kept
 */
export async function openSession(
	table: SyncTable | undefined,
	plannedCustomers: PlannedCustomers,
	options: SessionSettings,
): Promise<SyncSession> {
	const { nodeKey, dryRun, correctEarlierReports = (reports) => reports } = options;
	const needsNodeClaim = !dryRun && table !== undefined;
	const releaseNode = needsNodeClaim ? claimInProcess(nodeKey) : undefined;
	let session: SyncSession | undefined;
	try {
		const settings = await makeSettings(plannedCustomers, options);
		const isNodeBusy = needsNodeClaim && releaseNode === undefined;
		const run = isNodeBusy ? makeRunBesideAnother(settings) : await beginSync(table, settings);
		session = new SyncSession({
			...options,
			run,
			earlierReports: correctEarlierReports(earlierReportsOf(run.facts), run.facts.last !== undefined),
			earlierFates: plannedCustomers.earlierFates,
			releaseNode,
		});
		return session;
	} finally {
		if (session === undefined) {
			releaseNode?.();
		}
	}
}

const NO_NAMED_DEVICES: NamedDevices = { deviceCount: 0, deviceCountByProduct: new Map() };

async function makeSettings(
	{
		calls,
		withheld,
		leftOut = new Map(),
		countNamedDevices,
		earlierFates,
		customersToRemember,
	}: PlannedCustomers,
	options: SessionSettings,
): Promise<SyncSettings> {
	const { correctUnstoredReport = (report) => report } = options;
	const hashes = new StateHashes(options.account);
	const customers: SyncCustomer[] = [];
	const { remembered, rememberedIndexes } = customersToRemember ?? {};
	for await (const batch of inBatches(calls)) {
		for (const { customer } of batch) {
			if (customer === undefined) {
				continue;
			}
			const { id } = customer;
			const rememberedIndex = rememberedIndexes?.[customers.length];
			const key = remembered?.keyAt(rememberedIndex) ?? hashes.customerHash(id);
			const fingerprint =
				remembered?.fingerprintAt(rememberedIndex) ?? hashes.fingerprint(id, customer.devices);
			customers.push({ customerId: id, key, fingerprint, fullSet: customer });
		}
	}
	const { whollyWithheldIds, partlyWithheldIds } = findWithheldIds(calls, withheld);
	const namedDevices = (await countNamedDevices?.()) ?? NO_NAMED_DEVICES;
	if (customersToRemember !== undefined && !hasSameRows(customersToRemember)) {
		rememberedByNodeKey.set(
			options.nodeKey,
			await runInTurns(RememberedCustomers.make(customersToRemember, customers, namedDevices)),
		);
	}
	return {
		...options,
		hashes,
		customers,
		settledIndexes: new Set([...earlierFates.keys()].filter((index) => earlierFates[index] !== undefined)),
		withheldIds: [...whollyWithheldIds],
		partlyWithheldIds,
		leftOutIds: [...leftOut.keys()],
		namedDevices,
		unstoredReport: correctUnstoredReport(SyncSession.unstoredReport(options.nodeKey)),
	};
}
