import { Dice, seedFor } from '../test/invariants/dice.mts';

/** A row of the CRM: one device, and when it and its customer were last changed. */
export interface CrmRow {
	[column: string]: string;
	CustomerId: string;
	CustomerDeviceNo: string;
	DeviceId: string;
	ProductName: string;
	UpdatedAt: string;
	CustomerUpdatedAt: string;
}

type Device = Pick<CrmRow, 'CustomerDeviceNo' | 'DeviceId' | 'ProductName' | 'UpdatedAt'>;

interface Customer {
	devices: Device[];
	/** The devices before the last change: some changes are reverted later. */
	before: Device[];
	updatedAt: string;
}

/** How many customers change between two runs. */
const CHANGED = 0.08;

const HOUR_MS = 3_600_000;

/**
 * A CRM that changes between runs, in the same way for the same seed. As in a table, a row keeps its time when another one is
 * removed; the customer's time changes with each of them.
 */
export class Crm {
	readonly #dice: Dice;
	readonly #customers = new Map<string, Customer>();
	#time = Date.UTC(2026, 0, 1);
	#devices = 0;

	constructor(seed: number, customers: number) {
		this.#dice = new Dice(seedFor(seed, 'crm'));
		for (let index = 0; index < customers; index++) {
			const devices = Array.from({ length: this.#dice.integer(2, 5) }, () => this.#newDevice());
			this.#customers.set(`customer_${index}`, { devices, before: devices, updatedAt: this.#now() });
		}
	}

	/** Applies the changes until the next run. */
	advance(): void {
		this.#time += HOUR_MS;
		for (const customer of this.#customers.values()) {
			if (this.#dice.happens(CHANGED)) {
				this.#change(customer);
			}
		}
	}

	rows(): CrmRow[] {
		return [...this.#customers].flatMap(([CustomerId, { devices, updatedAt }]) =>
			devices.map((device) => ({ CustomerId, ...device, CustomerUpdatedAt: updatedAt })),
		);
	}

	#change(customer: Customer): void {
		const { devices, before } = customer;
		const last = devices.at(-1)!;
		const keptDevices = devices.slice(0, -1);
		const canLose = keptDevices.length > 0;
		const ways: Array<() => void> = [
			() =>
				this.#set(customer, [
					...keptDevices,
					this.#touched({ ...last, CustomerDeviceNo: `SN-${this.#time}` }),
				]),
			() => this.#set(customer, [...devices, this.#newDevice()]),
			() => canLose && this.#set(customer, keptDevices),
			() => {
				const other = this.#dice.pick([...this.#customers.values()].filter((each) => each !== customer));
				if (!canLose) {
					return;
				}
				this.#set(customer, keptDevices);
				this.#set(other, [...other.devices, this.#touched(last)]);
			},
			// Reverts the last change, unless another customer has one of the devices now.
			() => {
				const taken = new Set(
					this.rows().flatMap((row) =>
						devices.some((d) => d.DeviceId === row.DeviceId) ? [] : row.DeviceId,
					),
				);
				if (before.some(({ DeviceId }) => taken.has(DeviceId))) {
					return;
				}
				this.#set(
					customer,
					before.map((device) => this.#touched(device)),
				);
			},
		];
		// Changes are often reverted.
		this.#dice.pick([...ways, ways.at(-1)!, ways.at(-1)!])();
	}

	#set(customer: Customer, devices: Device[]): void {
		Object.assign(customer, { devices, before: customer.devices, updatedAt: this.#now() });
	}

	#touched(device: Device): Device {
		return { ...device, UpdatedAt: this.#now() };
	}

	#newDevice(): Device {
		const number = this.#devices;
		this.#devices++;
		const UpdatedAt = this.#now();
		return {
			CustomerDeviceNo: `SN-${number}`,
			DeviceId: `ProductABC/Device${number}`,
			ProductName: 'Smart Lock',
			UpdatedAt,
		};
	}

	#now(): string {
		return new Date(this.#time).toISOString();
	}
}
