import type { IDataObject } from 'n8n-workflow';

/** Rows of a CRM, grouped by customer. */
export function crmRows(customers: number, devicesPerCustomer: number) {
	return Array.from({ length: customers * devicesPerCustomer }, (_, index) => ({
		CustomerId: `customer_${Math.floor(index / devicesPerCustomer)}`,
		CustomerDeviceNo: `SN-${index}`,
		DeviceId: `ProductABC/Device${index}`,
		ProductName: 'Smart Lock',
	}));
}

/** CustomerId → devices in the form that the service expects. */
export function devicesByCustomer(rows: Iterable<IDataObject>): Map<IDataObject[string], IDataObject[]> {
	const customers = new Map<IDataObject[string], IDataObject[]>();
	for (const { CustomerId, ...device } of rows) {
		const devices = customers.get(CustomerId);
		if (devices === undefined) {
			customers.set(CustomerId, [device]);
		} else {
			devices.push(device);
		}
	}
	return customers;
}

/** The credential data that a user enters for the simulator. */
export function simulatorCredential(endpoint: string) {
	return {
		appKey: 'ServiceAppKey',
		appSecret: 'ServiceAppSecret',
		platform: 'custom',
		endpoint,
		nestedRule: 'json',
	};
}
