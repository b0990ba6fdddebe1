/** A device of a customer, as ServiceBindDevice takes it. */
export interface DeviceInfo {
	/** The vendor's own number for this customer's device. */
	readonly CustomerDeviceNo: string;
	/** `ProductId/DeviceName`. */
	readonly DeviceId: string;
	readonly ProductName: string;
}

/** A customer, as ServiceGetCustomerList lists them. */
export interface Customer {
	readonly CustomerId: string;
	readonly CountryCode: string;
	readonly PhoneNumber: string;
}

/** Does a push replace what the customer had, or add to it? The service does not say. */
export type BindMode = (typeof bindModes)[number];

export const bindModes = ['replace', 'add'] as const;

/** What the service has stored: the part of the simulator that actions read and change. */
export class ServiceState {
	/** CustomerId → the devices bound to it. */
	readonly bindings = new Map<string, readonly DeviceInfo[]>();
	readonly customers: readonly Customer[];
	readonly #bindMode: BindMode;

	constructor(bindMode: BindMode, customers: readonly Customer[]) {
		this.#bindMode = bindMode;
		this.customers = customers;
	}

	/** Stores a push; in `add` mode a device known by its DeviceId is renewed, not doubled. */
	bind(customerId: string, pushed: readonly DeviceInfo[]): void {
		const pushedIds = new Set(pushed.map((device) => device.DeviceId));
		const earlier = this.#bindMode === 'add' ? (this.bindings.get(customerId) ?? []) : [];
		const kept = earlier.filter((device) => !pushedIds.has(device.DeviceId));
		this.bindings.set(customerId, [...kept, ...pushed]);
	}

	/** Forgets every push; the customers stay, since they were given at start. */
	clear(): void {
		this.bindings.clear();
	}
}
