/** The four fields that a push needs, by the service's own names. */
export const FIELDS = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'] as const;
export type Field = (typeof FIELDS)[number];

/** Which column of the CSV file holds which field. */
export type ColumnNames = Readonly<Record<Field, string>>;

/** The columns of crm-devices.csv. */
export const DEFAULT_COLUMNS: ColumnNames = {
	CustomerId: '客户编号',
	CustomerDeviceNo: '设备序列号',
	DeviceId: '设备ID',
	ProductName: '产品名称',
};

/** A device as it is pushed. */
export interface DeviceInfo {
	readonly CustomerDeviceNo: string;
	/** `ProductId/DeviceName`. */
	readonly DeviceId: string;
	readonly ProductName: string;
}
