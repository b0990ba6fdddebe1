import { inBatches, inTurns } from '../../input/batches';
import type { DeviceInfo, NamedDevices } from '../../service/devices';
import type { Fate } from '../../service/fate';
import type { Account } from '../../service/signing/signature';
import type { SyncRun } from '../syncRun';
import { ALL_WELL, type StateEnd, type KnownBefore } from '../health';
import { claimInProcess, type LockHost } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import { SyncSession, unstoredReport, type SyncOptions } from '../session';
import { cleanSheets, isSameSheet, makeSheet, type PlannedSheet } from './cleanSheets';
import { StateHashes } from './hashes';
import { beginSync, besideAnother } from './run';
import type { SyncCustomer, SyncSettings } from './settings';

/** The customers that the rows of a run name, by what can be done with them. */
interface PlannedCustomers {
	/** Those that can be sent, each with all its devices, none of them twice. A call without a customer is skipped. */
	calls: ReadonlyArray<{ customer?: { id: string; devices: readonly DeviceInfo[] } | undefined }>;
	/** Rows that cannot be sent, with their customer where it is known. */
	withheld: ReadonlyArray<{ customerId?: string | undefined }>;
	/** The customers that are left out because they have no device, by their id. */
	leftOut?: ReadonlyMap<string, unknown> | undefined;
	/** Counts the devices that all rows name, valid or not: the safety checks go by it. */
	named?: (() => Promise<NamedDevices>) | undefined;
	/** Set where all rows are clean: what an earlier run has remembered of them, or what this one is to remember. */
	cleanSheet?: PlannedSheet | undefined;
	/** What became of each call in an earlier attempt of the run; undefined where it was not settled. */
	earlier: ReadonlyArray<Fate | undefined>;
}

/** What a run of Sync needs to know, from n8n or from any other host. */
interface SessionSettings
	extends SyncOptions,
		LockHost,
		Pick<SyncSettings, 'beganMs' | 'dryRun' | 'refusal' | 'mayShareDevices' | 'isManual' | 'writesReceipts'> {
	/** The account that the run pushes to. */
	account: Account;
	/** Why there is no table; undefined where there is one. */
	whyNone?: string | undefined;
	/**
	 * Corrects what the state says of reports before the run: Retry On Fail discards what a failed attempt has put out, so what that attempt has
	 * reported, as the state says, has reached nobody.
	 */
	knownBefore?: ((now: KnownBefore) => KnownBefore) | undefined;
	/** Called at the end where the state is not known to be kept. */
	onNotKept: (notKept: StateEnd) => void;
}

/**
 * Begins a run of Sync: reads its state and decides which customers it sends. The caller must call `finish` of the session however the
 * run goes on: until then no other run of the node can begin in this process.
 * @param table undefined for a run that has no state: everybody is sent, and nothing kept
 */
export async function openSession(
	table: SyncTable | undefined,
	planned: PlannedCustomers,
	options: SessionSettings,
): Promise<SyncSession> {
	const { node, dryRun } = options;
	const isClaimed = !dryRun && table !== undefined;
	const release = isClaimed ? claimInProcess(node) : undefined;
	let session: SyncSession | undefined;
	try {
		const settings = await settingsOf(planned, options);
		const isBusy = isClaimed && release === undefined;
		const run: SyncRun = isBusy ? besideAnother(settings) : await beginSync(table, settings);
		const { knownBefore = (now) => now } = options;
		session = new SyncSession({
			...options,
			run,
			knownBefore: knownBefore(knownBy(run)),
			earlier: planned.earlier,
			release,
		});
		return session;
	} finally {
		if (session === undefined) {
			release?.();
		}
	}
}

const NO_DEVICES: NamedDevices = { devices: 0, products: new Map() };

async function settingsOf(
	{ calls, withheld, leftOut = new Map(), named, earlier, cleanSheet }: PlannedCustomers,
	options: SessionSettings,
): Promise<SyncSettings> {
	const hashes = new StateHashes(options.account);
	const customers: SyncCustomer[] = [];
	const { remembered, places } = cleanSheet ?? {};
	const onlyWithheld = new Set(withheld.flatMap(({ customerId }) => customerId ?? []));
	const partlyWithheld = new Set<string>();
	for await (const batch of inBatches(calls)) {
		for (const { customer } of batch) {
			if (customer === undefined) {
				continue;
			}
			const { id } = customer;
			const place = places?.[customers.length];
			const key = remembered?.keyAt(place) ?? hashes.customer(id);
			const fingerprint = remembered?.fingerprintAt(place) ?? hashes.fingerprint(id, customer.devices);
			customers.push({
				customerId: id,
				key,
				fingerprint,
				// The devices of clean rows are only read when somebody asks for them: most customers are unchanged.
				get devices() {
					return customer.devices;
				},
			});
			if (onlyWithheld.delete(id)) {
				partlyWithheld.add(id);
			}
		}
	}
	const namedDevices = (await named?.()) ?? NO_DEVICES;
	if (cleanSheet !== undefined && !isSameSheet(cleanSheet)) {
		cleanSheets.set(options.node, await inTurns(makeSheet(cleanSheet, customers, namedDevices)));
	}
	return {
		...options,
		hashes,
		customers,
		settled: new Set([...earlier.keys()].filter((index) => earlier[index] !== undefined)),
		withheld: [...onlyWithheld],
		partlyWithheld,
		leftOut: [...leftOut.keys()],
		namedDevices,
		reportedBefore: unstoredReport(options.node),
	};
}

/** What a run knows of the reports before it, as far as the state has it. */
export function knownBy({ facts }: SyncRun): KnownBefore {
	const { stopped, reportedFailures, unreportedFailures, recentlyRecovered, lostDevices, moved, gone } =
		facts;
	// A run beside another one has not read the state.
	const reported = stopped?.code === 'ALREADY_RUNNING' ? undefined : (facts.reported ?? ALL_WELL);
	// Those that left with this run, and those of earlier runs that no report has counted.
	const goneInAll = (gone ?? 0) + (reported?.gone ?? 0);
	const before = { reported, reportedFailures, unreportedFailures, recentlyRecovered, lostDevices, moved };
	return { ...before, gone: gone === undefined && goneInAll === 0 ? undefined : goneInAll };
}
