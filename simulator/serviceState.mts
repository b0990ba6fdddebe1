import { Cursors } from './cursors.mts';
import type { SimulatedDevice } from './devices.mts';
import { Devices } from './devices.mts';
import { Refusal } from './refusal.mts';

/** A device of a customer, as in ServiceBindDevice. */
export interface DeviceInfo {
	/** The vendor's own number for this customer's device. */
	readonly CustomerDeviceNo: string;
	/** `ProductId/DeviceName`. */
	readonly DeviceId: string;
	readonly ProductName: string;
}

/** A customer, as in ServiceGetCustomerList. */
export interface Customer {
	readonly CustomerId: string;
	readonly CountryCode: string;
	readonly PhoneNumber: string;
}

/** An order, as in ServiceGetOrderList. */
export interface Order {
	readonly CustomerId: string;
	readonly OrderNo: string;
	readonly ItemId: string;
	readonly ItemVNO: string;
	readonly ItemNum: number;
}

/** A device's measurements, as in ServiceReportDeviceData. */
export interface Report {
	readonly DeviceId: string;
	readonly CustomerId: string;
	readonly DataCategory: string;
	readonly DataInfo: {
		/** Unix seconds. */
		readonly ReportTime: number;
		readonly ReportInfos: ReadonlyArray<{ readonly SubType: number; readonly Value: number }>;
	};
}

/** What the service has stored when a simulator starts. */
export interface InitialState {
	readonly customers: readonly Customer[];
	readonly devices: readonly SimulatedDevice[];
	/** ProductId → the text of its model. */
	readonly models: Readonly<Record<string, string>>;
	readonly orders: readonly Order[];
	/** CustomerId → its devices. */
	readonly bindings: Readonly<Record<string, readonly DeviceInfo[]>>;
	/** Whether lists with a Context use scrolls. */
	readonly scrolls: boolean;
}

/** Whether a push replaces a customer's devices or adds to them; the service does not document it. */
export type BindMode = (typeof bindModes)[number];

export const bindModes = ['replace', 'add'] as const;

/**
 * What a push does with a device of another customer; the service does not document it.
 *
 * - `shared`: both have it
 * - `moves`: only the customer that was pushed last has it
 * - `refused`: the push is refused
 */
export type DeviceOwnership = (typeof deviceOwnerships)[number];

export const deviceOwnerships = ['shared', 'moves', 'refused'] as const;

/** How pushes are carried out. */
export interface BindHabits {
	readonly bindMode: BindMode;
	readonly ownership: DeviceOwnership;
}

/** What the service has stored: the part of the simulator that actions read and change. */
export class ServiceState {
	/** CustomerId → the devices bound to the customer. */
	readonly bindings: Map<string, readonly DeviceInfo[]>;
	readonly orders: Order[];
	readonly reports: Report[] = [];
	/** DeviceId → the status that was reported last. */
	readonly onlineStatus = new Map<string, number>();
	readonly models: ReadonlyMap<string, string>;
	readonly cursors: Cursors;
	readonly #habits: BindHabits;
	readonly #initial: InitialState;
	#customers: readonly Customer[];
	#devices: Devices;

	constructor(habits: BindHabits, initial: InitialState) {
		this.#habits = habits;
		this.#initial = initial;
		this.bindings = new Map(Object.entries(initial.bindings));
		this.orders = [...initial.orders];
		this.#customers = initial.customers;
		this.#devices = new Devices(initial.devices);
		this.models = new Map(Object.entries(initial.models));
		this.cursors = new Cursors(initial.scrolls);
	}

	get customers(): readonly Customer[] {
		return this.#customers;
	}

	get devices(): Devices {
		return this.#devices;
	}

	/** Stores a customer; replaces one with the same id. */
	addCustomer(customer: Customer): void {
		const otherCustomers = this.#customers.filter(({ CustomerId }) => CustomerId !== customer.CustomerId);
		this.#customers = [...otherCustomers, customer];
	}

	/**
	 * Stores a push; in `add` mode, replaces devices with the same DeviceId.
	 *
	 * @throws Refusal when another customer has one of the devices and ownership is `refused`
	 */
	bind(customerId: string, pushed: readonly DeviceInfo[]): void {
		const pushedIds = new Set(pushed.map((device) => device.DeviceId));
		if (this.#habits.ownership !== 'shared') {
			this.#takeFromOthers(customerId, pushedIds);
		}
		const earlier = this.#habits.bindMode === 'add' ? (this.bindings.get(customerId) ?? []) : [];
		const kept = earlier.filter((device) => !pushedIds.has(device.DeviceId));
		this.bindings.set(customerId, [...kept, ...pushed]);
	}

	#takeFromOthers(customerId: string, pushedIds: ReadonlySet<string>): void {
		for (const [otherId, devices] of this.bindings) {
			const kept = devices.filter((device) => !pushedIds.has(device.DeviceId));
			if (otherId === customerId || kept.length === devices.length) {
				continue;
			}
			if (this.#habits.ownership === 'refused') {
				throw new Refusal('InvalidParameterValue.DeviceBound', '设备已绑定其他客户');
			}
			this.bindings.set(otherId, kept);
		}
	}

	/** Restores the initial state. */
	clear(): void {
		const { bindings, orders, customers, devices } = this.#initial;
		this.bindings.clear();
		for (const [customerId, bound] of Object.entries(bindings)) {
			this.bindings.set(customerId, bound);
		}
		this.orders.splice(0, this.orders.length, ...orders);
		this.reports.length = 0;
		this.onlineStatus.clear();
		this.cursors.clear();
		this.#customers = customers;
		this.#devices = new Devices(devices);
	}
}
