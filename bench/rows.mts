/** Rows of a CRM, the devices of a customer one after the other. */
export function crmRows(customers: number, devicesPerCustomer: number) {
	return Array.from({ length: customers * devicesPerCustomer }, (_, index) => ({
		CustomerId: `customer_${Math.floor(index / devicesPerCustomer)}`,
		CustomerDeviceNo: `SN-${index}`,
		DeviceId: `ProductABC/Device${index}`,
		ProductName: 'Smart Lock',
	}));
}

/** What a user enters for the simulator. */
export function simulatorCredential(endpoint: string) {
	return {
		appKey: 'ServiceAppKey',
		appSecret: 'ServiceAppSecret',
		platform: 'custom',
		endpoint,
		nestedRule: 'json',
	};
}
