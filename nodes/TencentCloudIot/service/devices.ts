/** One device as the service takes it. Every member is required (product 1465, page 59061). */
export type DeviceInfo = {
	CustomerDeviceNo: string;
	/** `ProductId + "/" + DeviceName`. */
	DeviceId: string;
	ProductName: string;
};

/** The devices that rows name. Each DeviceId counts once. */
export interface NamedDevices {
	deviceCount: number;
	/** For each ProductName, how many devices have it. The empty text stands for all names that cannot be used. */
	deviceCountByProduct: ReadonlyMap<string, number>;
	/** How many invalid rows name no device that can be read. */
	unreadableDeviceRowCount?: number;
	/** The DeviceIds that only invalid rows name. */
	invalidDeviceIds?: Iterable<string>;
}
