import { inBatches } from '../../input/batches';
import type { DeviceInfo, NamedDevices } from '../../service/devices';
import type { Fate } from '../../service/fate';
import type { Account } from '../../service/signing/signature';
import type { Began } from '../began';
import { ALL_WELL, type Kept, type KnownBefore } from '../health';
import { claimInProcess, type LockHost } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import { SyncSession, unstoredReport, type SyncOptions } from '../session';
import { cutEvenly, type PlannedSheet, cleanSheets } from './cleanSheets';
import { HASH_LENGTH, StateHashes } from './hashes';
import { beginSync, besideAnother } from './run';
import { minuteOf, type SyncCustomer, type SyncSettings } from './settings';

/** What the rows of a run come to. */
interface PlannedCustomers {
	/** What can be sent: all devices of a customer, none of them twice. A call without a customer is left alone. */
	calls: ReadonlyArray<{ customer?: { id: string; devices: readonly DeviceInfo[] } | undefined }>;
	/** What cannot be sent; of some of it the customer is known. */
	withheld: ReadonlyArray<{ customerId?: string | undefined }>;
	/** The customers that are left out because they have no device, by their id. */
	leftOut?: ReadonlyMap<string, unknown> | undefined;
	/** Counts the devices that all rows name, valid or not: the safety checks go by it. */
	named?: (() => Promise<NamedDevices>) | undefined;
	/** Of clean rows what is remembered, or is to be. */
	cleanSheet?: PlannedSheet | undefined;
	/** Of each call what an earlier attempt of the run has settled. */
	earlier: ReadonlyArray<Fate | undefined>;
}

/** What a run of Sync is about, whoever runs it. */
interface SessionSettings
	extends SyncOptions,
		LockHost,
		Pick<SyncSettings, 'beganMs' | 'dryRun' | 'refusal' | 'isSharing' | 'isManual' | 'writesReceipts'> {
	/** The account that is pushed to. */
	account: Account;
	/** Why there is no table; undefined where there is one. */
	whyNone?: string | undefined;
	/** Gives what counts as reported before the run: an earlier attempt of the run may know it better than the state. */
	knownBefore?: ((now: KnownBefore) => KnownBefore) | undefined;
	/** Called at the end where the state is not known to be kept. */
	onNotKept: (notKept: Kept) => void;
}

/**
 * Opens the sync state and looks up which customers are to be sent. `finish` of the session is to be called however the run goes on.
 * @param table undefined for a run that has no state: everybody is sent, and nothing kept
 */
export async function openSession(
	table: SyncTable | undefined,
	planned: PlannedCustomers,
	options: SessionSettings,
): Promise<SyncSession> {
	const { node, clock, dryRun } = options;
	const isClaimed = !dryRun && table !== undefined;
	const release = isClaimed ? claimInProcess(node) : undefined;
	let session: SyncSession | undefined;
	try {
		const settings = await settingsOf(planned, options);
		const isBusy = isClaimed && release === undefined;
		const began: Began = isBusy ? besideAnother(settings) : await beginSync(table, settings);
		const { longestRunMinutes, sendAll, isReplacing = false, expectChangesDays = 0 } = options;
		const { knownBefore = (now) => now, whyNone, isManual, onNotKept } = options;
		session = new SyncSession({
			began,
			sendAll,
			isReplacing,
			expectChangesDays,
			whyNone,
			known: knownBefore(knownBy(began)),
			minute: minuteOf(clock.nowMs()),
			isManual,
			earlier: planned.earlier,
			endMs: longestRunMinutes > 0 ? clock.elapsedMs() + longestRunMinutes * 60_000 : undefined,
			clock,
			release,
			node,
			onNotKept,
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
	const { remembered } = cleanSheet ?? {};
	const keys = cutEvenly(remembered?.keys ?? '', HASH_LENGTH);
	const fingerprints = cutEvenly(remembered?.fingerprints ?? '', HASH_LENGTH);
	const onlyWithheld = new Set(withheld.flatMap(({ customerId }) => customerId ?? []));
	const inPart = new Set<string>();
	for await (const batch of inBatches(calls)) {
		for (const { customer } of batch) {
			if (customer === undefined) {
				continue;
			}
			const { id } = customer;
			const key = keys[customers.length] ?? hashes.customer(id);
			const fingerprint = fingerprints[customers.length] ?? hashes.fingerprint(id, customer.devices);
			customers.push({
				customerId: id,
				key,
				fingerprint,
				// Those of clean rows are read when they are asked for.
				get devices() {
					return customer.devices;
				},
			});
			if (onlyWithheld.delete(id)) {
				inPart.add(id);
			}
		}
	}
	const rows = (await named?.()) ?? NO_DEVICES;
	if (cleanSheet?.sets !== undefined) {
		const { digest, sets } = cleanSheet;
		cleanSheets.set(options.node, {
			digest,
			sets,
			keys: customers.map((customer) => customer.key).join(''),
			fingerprints: customers.map((customer) => customer.fingerprint).join(''),
			named: { ...rows, invalid: [] },
		});
	}
	return {
		...options,
		hashes,
		customers,
		settled: new Set([...earlier.keys()].filter((index) => earlier[index] !== undefined)),
		withheld: [...onlyWithheld],
		inPart,
		leftOut: [...leftOut.keys()],
		rows,
		reportedBefore: unstoredReport(options.node),
	};
}

/** What was reported before, as the state has it. */
export function knownBy({ begun }: Began): KnownBefore {
	const { stopped, failing, untold, recent, lostDevices, moved, gone } = begun;
	// Beside another run it is not known.
	const reported = stopped?.code === 'ALREADY_RUNNING' ? undefined : (begun.reported ?? ALL_WELL);
	const goneInAll = (gone ?? 0) + (reported?.gone ?? 0);
	const before = { reported, failing, untold, recent, lostDevices, moved };
	return { ...before, gone: gone === undefined && goneInAll === 0 ? undefined : goneInAll };
}
