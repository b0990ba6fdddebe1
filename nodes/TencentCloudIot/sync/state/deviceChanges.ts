import type { DeviceChanges, GoneDevice } from '../began';
import { type CustomerRecord, devicesIn, forEachWithPauses, type Pause } from './content';
import type { SyncSettings } from './settings';

/**
 * Compares the devices of each customer with those that the state has of it, for a Dry Run.
 * @param records of the customers, in their order; undefined for one that the state does not have
 */
export async function compareDevices(
	{ customers, hashes }: Pick<SyncSettings, 'customers' | 'hashes'>,
	records: ReadonlyArray<CustomerRecord | undefined>,
	pause: Pause,
): Promise<DeviceChanges[]> {
	const owners = new Map<string, { deviceId: string; to: string }>();
	await forEachWithPauses(customers, pause, ({ customerId, devices }) => {
		for (const { DeviceId } of devices) {
			owners.set(hashes.device(DeviceId), { deviceId: DeviceId, to: customerId });
		}
	});
	const changes: DeviceChanges[] = [];
	await forEachWithPauses(customers.entries(), pause, ([index, { devices }]) => {
		const before = new Set(devicesIn(records[index]?.devices ?? Buffer.alloc(0)));
		const added: string[] = [];
		const kept: string[] = [];
		for (const { DeviceId } of devices) {
			const wasThere = before.delete(hashes.device(DeviceId));
			(wasThere ? kept : added).push(DeviceId);
		}
		const gone = [...before].map((hash): GoneDevice => {
			return owners.get(hash) ?? { deviceId: undefined, to: undefined };
		});
		changes.push({ added, kept, gone });
	});
	return changes;
}
