import { invalidParameter } from './refusal.mts';

/** A past value of a device's property. */
export interface PastValue {
	/** Unix milliseconds. */
	readonly Time: number;
	readonly Value: unknown;
}

/** An event that a device reported. */
export interface DeviceEvent {
	/** Unix seconds. */
	readonly TimeStamp: number;
	readonly EventId: string;
	readonly Type: 'alert' | 'fault' | 'info';
	/** JSON text. */
	readonly Data: string;
}

/** A device of a product, as passed to a simulator. */
export interface SimulatedDevice {
	readonly ProductId: string;
	readonly DeviceName: string;
	/** 0 offline, 1 online (the default), 2 unknown, 3 not activated. */
	readonly Status?: number;
	/** Property → value. */
	readonly data?: Readonly<Record<string, unknown>>;
	/** Property → its past values, oldest first. */
	readonly history?: Readonly<Record<string, readonly PastValue[]>>;
	readonly events?: readonly DeviceEvent[];
}

/** A device with its current state. */
export interface DeviceRecord extends SimulatedDevice {
	Status: number;
	readonly values: Map<string, { readonly Value: unknown; readonly LastUpdate: number }>;
	/** The called actions, oldest first. */
	readonly actions: Array<{ readonly ActionId: string; readonly InputParams: unknown }>;
}

/** All devices of an application's products. */
export class Devices {
	readonly #records: DeviceRecord[];

	constructor(devices: readonly SimulatedDevice[]) {
		this.#records = devices.map((device) => ({
			...device,
			Status: device.Status ?? 1,
			values: new Map(
				Object.entries(device.data ?? {}).map(([name, Value]) => [name, { Value, LastUpdate: Date.now() }]),
			),
			actions: [],
		}));
	}

	ofProduct(productId: string): readonly DeviceRecord[] {
		return this.#records.filter(({ ProductId }) => ProductId === productId);
	}

	/** The device; undefined if it does not exist. */
	find(productId: string, deviceName: string): DeviceRecord | undefined {
		return this.ofProduct(productId).find(({ DeviceName }) => DeviceName === deviceName);
	}

	/** @throws Refusal when the device does not exist */
	get(device: { readonly ProductId: string; readonly DeviceName: string }): DeviceRecord {
		const found = this.find(device.ProductId, device.DeviceName);
		if (!found) {
			throw invalidParameter('DeviceName', '设备不存在');
		}
		return found;
	}
}
