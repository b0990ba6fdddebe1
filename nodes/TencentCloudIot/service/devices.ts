/** One device as the service takes it, every member required (product 1465, page 59061). */
export type DeviceInfo = {
	CustomerDeviceNo: string;
	/** `ProductId + "/" + DeviceName`. */
	DeviceId: string;
	ProductName: string;
};

/** The different DeviceIds that rows name, and how many of them have each ProductName; the empty one where it cannot be used. */
export interface NamedDevices {
	devices: number;
	products: ReadonlyMap<string, number>;
	/** How many invalid rows name no device that can be read. */
	unnamed?: number;
	/** Those of them that only invalid rows name. */
	invalid?: Iterable<string>;
}
