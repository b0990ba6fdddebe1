/** One device as the service accepts it. Every member is required (product 1465, page 59061). */
export type DeviceInfo = {
	CustomerDeviceNo: string;
	/** `ProductId + "/" + DeviceName`. */
	DeviceId: string;
	ProductName: string;
};

/** The devices that rows name. Each DeviceId counts once. */
export interface NamedDevices {
	deviceCount: number;
	/** For each ProductName, how many devices have it. All names that cannot be used are counted under the empty text. */
	deviceCountByProduct: ReadonlyMap<string, number>;
	/** How many invalid rows name no device that can be read. */
	unreadableDeviceRowCount?: number;
	/** The DeviceIds that only invalid rows name. */
	invalidDeviceIds?: Iterable<string>;
}
