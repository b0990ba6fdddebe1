import type { ColumnNames } from '../input/columnFit';
import { columnSigns } from './columnSigns';
import type { MappedField } from './row';

/** Blanks within a name do not count. */
const words = (names: string) => names.split(/\s+/);
const each = (before: string, after: string) =>
	words(before).flatMap((first) => words(after).map((last) => first.replace('-', '') + last));
const PHONES = [
	...each('- 客户 用户 会员 联系人 业主 住户', '手机号 手机 手机号码 电话 电话号码 联系电话'),
	...each('- Customer Contact', 'Phone PhoneNumber Mobile MobileNumber MobilePhone Tel Telephone'),
];

/**
 * How CRMs name the columns of a device, in Chinese and English, besides the names of the service: those that can only be
 * one field, those that are one where it has no other, or where every other field has its column, those of its parts, and
 * those that may be. Case, spaces and signs do not count.
 */
const COLUMN_NAMES: ColumnNames<MappedField> = {
	CustomerId: {
		usual: words('客户编号 客户ID 客户号 客户编码 客户代码 用户ID 用户编号 会员ID 会员编号'),
		fallback: words('Customer CustomerNo CustomerNumber CustomerCode'),
		unclear: words('客户 客户名称 客户姓名 用户 用户名 会员 姓名 编号 ID'),
	},
	CustomerDeviceNo: {
		usual: words('设备序列号 序列号 SN 设备SN SN码 设备SN码 厂商设备编号 厂家设备编号 SerialNumber'),
		fallback: words('Serial SerialNo DeviceSerial DeviceSerialNumber'),
		// They may also be the platform's numbers.
		remaining: words('设备编号 设备号 设备编码 DeviceNo DeviceNumber DeviceCode'),
		unclear: words('编号 序号'),
	},
	DeviceId: {
		usual: words('设备ID 平台设备ID 平台设备编号 腾讯设备ID 物联设备ID'),
		fallback: ['Device'],
		// What the platform itself calls them.
		parts: [words('ProductId 产品ID'), words('DeviceName 设备名称 设备名')],
		unclear: words('设备编号 设备号 设备 设备名称 设备名 设备标识 平台ID DeviceName'),
	},
	ProductName: {
		usual: words('产品名称 产品名 商品名称 商品名'),
		fallback: ['Product'],
		unclear: words('产品 商品 产品型号 型号 设备型号 设备类型 设备名称 品名 名称'),
	},
};

/**
 * Those names, and what else shows which columns are a field's; a column of phone numbers is CustomerId's where they are ids,
 * and where there is no other.
 */
export function columnNames(phoneIds: 'digits' | 'refuse'): ColumnNames<MappedField> {
	const phones = phoneIds === 'digits' ? { last: PHONES } : { likelier: PHONES };
	const signs = columnSigns(phoneIds);
	return {
		CustomerId: { ...COLUMN_NAMES.CustomerId, ...phones, ...signs.CustomerId },
		CustomerDeviceNo: { ...COLUMN_NAMES.CustomerDeviceNo, ...signs.CustomerDeviceNo },
		DeviceId: { ...COLUMN_NAMES.DeviceId, ...signs.DeviceId },
		ProductName: { ...COLUMN_NAMES.ProductName, ...signs.ProductName },
	};
}
