import type { DeviceChanges } from '../began';
import { devicesOf, forEachWithPauses, type Pause } from './content';
import type { StateHashes } from './hashes';
import type { SendableCustomer } from './named';

/** Compares the devices of each customer with those that the state has of it, for a Dry Run. */
export async function compareDevices(
	customers: readonly SendableCustomer[],
	hashes: StateHashes,
	pause: Pause,
): Promise<DeviceChanges[]> {
	const owners = new Map<string, DeviceChanges['gone'][number]>();
	await forEachWithPauses(customers, pause, ({ customerId, devices }) => {
		for (const { DeviceId } of devices) {
			owners.set(hashes.device(DeviceId), { deviceId: DeviceId, to: customerId });
		}
	});
	const changes: DeviceChanges[] = [];
	await forEachWithPauses(customers, pause, ({ before, devices }) => {
		const missing = new Set(devicesOf(before));
		const added: string[] = [];
		const kept: string[] = [];
		for (const { DeviceId } of devices) {
			const wasThere = missing.delete(hashes.device(DeviceId));
			(wasThere ? kept : added).push(DeviceId);
		}
		const gone = [...missing].map((hash) => owners.get(hash) ?? { deviceId: undefined, to: undefined });
		changes.push({ added, kept, gone });
	});
	return changes;
}
