/** What a sending run writes into the state about its customers, while it sends and at its end. */
import { forEachPausingByCount } from '../../input/pausing';
import { mayBeApplied, type OutcomeName } from '../../service/outcome';
import type { LastReport } from '../lastReport';
import { frequentProductNames } from '../safetyChecks';
import type { StartFacts } from '../syncRun';
import type { EndStatus } from '../verdicts';
import {
	type CustomerRecord,
	deviceHashesOf,
	hasJustRecovered,
	isSameRecord,
	NO_DEVICE_HASHES,
	statePart,
} from './content';
import type { Departures } from './departures';
import { largestCounts } from './largestCounts';
import { collectLeftDevices, leftDevicesWithout, recordDepartures } from './leftDevices';
import type { ComparedRun, CustomerInRows } from './customersInRows';
import { countsOf, minuteOf } from './settings';

/** Makes the records of one run, from its claim to its end. All maps of records are by the hashes of customers. */
export class RunRecords {
	/** The records of this account in the state that the run has found. */
	readonly recordsBefore: ReadonlyMap<string, CustomerRecord>;
	/** What the requests of each customer, retries included, prove together, by the customer's index. Set once none is under way any more. */
	readonly outcomesByIndex = new Map<number, OutcomeName>();
	readonly #facts: StartFacts;
	readonly #run: ComparedRun;
	readonly #departures: Departures;
	/** The hashes of a customer's devices, by the customer's index: those that the comparison has made, and those that `#deviceHashesOf` adds. */
	readonly #deviceHashesByIndex: Map<number, string>;
	/** The devices that have left each customer, in this run or earlier. They stay the same until the end, since only the end reports moves. */
	#leftDevicesByFormerOwnerKey: ReturnType<typeof collectLeftDevices> | undefined;

	constructor(facts: StartFacts, run: ComparedRun, departures: Departures) {
		this.#facts = facts;
		this.#run = run;
		this.#departures = departures;
		this.#deviceHashesByIndex = new Map(departures.deviceHashesByIndex);
		this.recordsBefore = run.foundState.accountContent?.records ?? new Map();
	}

	/**
	 * Adds to `records` a new record with this status for each customer. If this run dies before its end, later runs find only in these records
	 * which devices have left the customer: `deviceHashes` no longer has them.
	 * @param indexes the customers' indexes in `CustomersInRows.sendable`
	 */
	async addRecords(
		records: Map<string, CustomerRecord>,
		indexes: readonly number[],
		status: CustomerRecord['status'],
	): Promise<void> {
		const { customersInRows, beganMinute, pause } = this.#run;
		this.#leftDevicesByFormerOwnerKey ??= collectLeftDevices(
			{ departures: this.#departures, unreportedMoves: [], beganMinute },
			pause,
		);
		const leftDevicesByFormerOwnerKey = await this.#leftDevicesByFormerOwnerKey;
		await forEachPausingByCount(indexes, pause, (customerIndex) => {
			const { key } = customersInRows.sendable[customerIndex]!;
			const record = this.#recordOf(customerIndex, status);
			const leftDevices = leftDevicesByFormerOwnerKey.get(key);
			if (leftDevices !== undefined) {
				record.leftDevices = leftDevicesWithout(leftDevices, deviceHashesOf(record));
			}
			records.set(key, record);
		});
	}

	/** Makes the records for the state after this run. */
	async atEnd(endStatuses: readonly EndStatus[], reported: LastReport): Promise<Map<string, CustomerRecord>> {
		const { customersInRows, pause, beganMinute } = this.#run;
		const {
			reportedFailures = new Set(),
			idsWithoutDevices = new Set(),
			movedDevices: unreportedMoves = [],
		} = reported;
		const records = new Map<string, CustomerRecord>();
		const rowDeviceHashesByKey = new Map<string, string>();
		await forEachPausingByCount(customersInRows.sendable.entries(), pause, ([index, customer]) => {
			const { customerId, key, recordBefore } = customer;
			const record = this.#recordOf(index, endStatuses[index] ?? 'waiting', reportedFailures.has(customerId));
			this.#noteFailureAndRecovery(record, customer, reported);
			// Most records stay as they were. To keep two of each would take 10 MB for 100,000 customers.
			const isUnchanged = recordBefore !== undefined && isSameRecord(recordBefore, record);
			records.set(key, isUnchanged ? recordBefore : record);
			const rowDeviceHashes = this.#departures.deviceHashesByIndex.get(index);
			if (record.status !== 'accepted' && rowDeviceHashes !== undefined) {
				rowDeviceHashesByKey.set(key, rowDeviceHashes);
			}
		});
		for (const customer of customersInRows.withheld) {
			const record = makeUnsentRecord(customer, 'withheld', reportedFailures);
			this.#noteFailureAndRecovery(record, customer, reported);
			records.set(customer.key, record);
		}
		for (const customer of customersInRows.leftOut) {
			// No report has named yet that the customers in `idsWithoutDevices` lost all devices. Their records say `waiting`, because no run reports the
			// loss of a customer whose record says `withoutDevice`.
			const status = idsWithoutDevices.has(customer.customerId) ? 'waiting' : 'withoutDevice';
			records.set(customer.key, makeUnsentRecord(customer, status, reportedFailures));
		}
		for (const key of this.#facts.presumedWithheldKeys ?? []) {
			const recordBefore = this.recordsBefore.get(key);
			if (recordBefore !== undefined) {
				records.set(key, { ...recordBefore, status: 'withheld', fingerprint: '' });
			}
		}
		await recordDepartures(
			records,
			{
				recordsBefore: this.recordsBefore,
				rowDeviceHashesByKey,
				departures: this.#departures,
				unreportedMoves,
				beganMinute,
			},
			pause,
		);
		return records;
	}

	/** Whether Tencent has applied a request of this run, or may have. */
	get isAnyMaybeApplied(): boolean {
		return [...this.outcomesByIndex.values()].some(mayBeApplied);
	}

	/** Writes records as the content of a part. @param isComplete whether the state then has a record of each customer that the rows name */
	async encode(
		records: Map<string, CustomerRecord>,
		isComplete = !this.#facts.isFirstForAccount,
	): Promise<string> {
		const { settings, foundState, beganMinute, pause } = this.#run;
		const { hashes, namedDevices } = settings;
		const { presumedWithheldKeys, passedPlanId } = this.#facts;
		const counts = countsOf(settings, presumedWithheldKeys?.size);
		const content = {
			account: hashes.accountHash,
			application: hashes.applicationHash,
			isComplete,
			counts,
			normal: largestCounts.listByDay(foundState.accountContent, {
				counts,
				beganMs: beganMinute * 60_000,
				lastRunMinute: foundState.last.minute ?? beganMinute,
				areRowsApproved: passedPlanId !== undefined,
			}),
			products: frequentProductNames(namedDevices.deviceCountByProduct).map((name) =>
				hashes.productHash(name),
			),
			records,
		};
		return await statePart.write(content, pause);
	}

	/** Makes the new record of a customer whose rows can be sent. */
	#recordOf(
		customerIndex: number,
		status: CustomerRecord['status'],
		isFailureReported?: boolean,
	): CustomerRecord {
		const { recordBefore, fingerprint } = this.#run.customersInRows.sendable[customerIndex]!;
		const isSameFullSet = recordBefore?.fingerprint === fingerprint;
		const outcome = this.outcomesByIndex.get(customerIndex);
		const isNewlyAccepted = status === 'accepted' && (outcome === 'OK' || !isSameFullSet);
		const acceptedMinute = isNewlyAccepted
			? minuteOf(this.#run.settings.clock.nowMs())
			: (recordBefore?.acceptedMinute ?? 0);
		// The record keeps its device hashes if Tencent has applied nothing, and so still has the devices of an earlier run, and also if Tencent
		// accepted this same full set before.
		const isNotApplied = status === 'waiting' || (status === 'failed' && !mayBeApplied(outcome));
		const wasFullSetAccepted = isSameFullSet && recordBefore.status === 'accepted';
		let deviceHashes = recordBefore?.deviceHashes ?? NO_DEVICE_HASHES;
		if (!isNotApplied && !wasFullSetAccepted) {
			deviceHashes = this.#deviceHashesOf(customerIndex);
		}
		// Only `atEnd` changes the members about failures and recoveries: this run may die before its end.
		return {
			...recordBefore,
			status,
			isFailureReported: isFailureReported ?? recordBefore?.isFailureReported ?? false,
			fingerprint,
			acceptedMinute,
			deviceHashes,
		};
	}

	/**
	 * Makes the hashes of a customer's devices, and keeps them: up to three records need them, when the customer is named, when it is saved and
	 * at the end.
	 */
	#deviceHashesOf(index: number): string {
		const { settings, customersInRows } = this.#run;
		const deviceHashes =
			this.#deviceHashesByIndex.get(index) ??
			settings.hashes.deviceHashes(customersInRows.sendable[index]!.fullSet.devices);
		this.#deviceHashesByIndex.set(index, deviceHashes);
		return deviceHashes;
	}

	/** Sets in the new record of a customer whether its failure still has to be reported, and when it last recovered. */
	#noteFailureAndRecovery(
		record: CustomerRecord,
		{ customerId, recordBefore }: CustomerInRows,
		{ unreportedFailures, recoveredInRun }: LastReport,
	): void {
		const { beganMinute } = this.#run;
		const hasRecoveredBefore = recordBefore !== undefined && hasJustRecovered(recordBefore, beganMinute);
		record.recoveredMinute = hasRecoveredBefore ? recordBefore.recoveredMinute : undefined;
		if (recoveredInRun?.has(customerId) === true) {
			record.recoveredMinute = beganMinute;
		}
		record.isFailureUnreported = unreportedFailures?.has(customerId) === true || undefined;
	}
}

/** The record of a customer whose rows could not be sent, or that has no device. */
function makeUnsentRecord(
	{ customerId, recordBefore }: CustomerInRows,
	status: CustomerRecord['status'],
	reportedFailures: ReadonlySet<string>,
): CustomerRecord {
	const { acceptedMinute = 0, leftDevices } = recordBefore ?? {};
	// A report has already named the devices that a customer `withoutDevice` lost. `leftDevices` keeps them: in `deviceHashes` they would be reported again.
	const areLostDevicesReported = status === 'withheld' && recordBefore?.status === 'withoutDevice';
	const deviceHashes = areLostDevicesReported ? undefined : recordBefore?.deviceHashes;
	return {
		status,
		isFailureReported: reportedFailures.has(customerId),
		fingerprint: '',
		acceptedMinute,
		deviceHashes: deviceHashes ?? NO_DEVICE_HASHES,
		leftDevices,
	};
}
