import type { DeviceInfo, Row } from '../binding/row';

/** What the rows of a run name, as Tencent's lists are compared with it. Rows are indexes of input items. */
export class AuditRows {
	/** By CustomerId, its rows that can be used. */
	readonly customers = new Map<string, readonly number[]>();
	/** By ProductId, then by DeviceName, the rows that name the device and can be used. */
	readonly products = new Map<string, Map<string, number[]>>();
	/** The digits of phone numbers by row, with the country code where the row has it. */
	readonly phones = new Map<number, string>();
	/** The CustomerIds and DeviceIds that rows name, or may name where they cannot be used. */
	readonly customerIds = new Set<string>();
	readonly deviceIds = new Set<string>();

	/** A row as it was read, whether it can be used or not. */
	note({ customerId, candidates, device, claimed }: Row): void {
		if (customerId !== undefined) this.customerIds.add(customerId);
		for (const candidate of candidates) if ('id' in candidate) this.customerIds.add(candidate.id);
		for (const id of [device.DeviceId, ...claimed]) if (id !== '') this.deviceIds.add(id);
	}

	/** A row that can be used names a device. */
	addDevice({ DeviceId }: DeviceInfo, itemIndex: number): void {
		const slash = DeviceId.indexOf('/');
		const [productId, name] = [DeviceId.slice(0, slash), DeviceId.slice(slash + 1)];
		const names = this.products.get(productId) ?? new Map<string, number[]>();
		this.products.set(productId, names.set(name, [...(names.get(name) ?? []), itemIndex]));
	}

	/** How much there is to compare. */
	get counts(): { Customers: number; Devices: number; PhoneNumbers: number } {
		const Devices = [...this.products.values()].reduce((sum, { size }) => sum + size, 0);
		return { Customers: this.customers.size, Devices, PhoneNumbers: this.phones.size };
	}
}
