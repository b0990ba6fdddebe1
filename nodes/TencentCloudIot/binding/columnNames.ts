import type { ColumnClues } from '../input/columnFit';
import { columnSigns } from './columnSigns';
import type { MappedField } from './row';

/** The names that a text lists with blanks between them. No name has a blank: columns are compared without theirs. */
const namesIn = (text: string) => text.split(/\s+/);

/** Every name that joins one of the beginnings with one of the ends; `-` is an empty beginning. */
const eachJoined = (beginnings: string, ends: string) =>
	namesIn(beginnings).flatMap((beginning) => namesIn(ends).map((end) => beginning.replace('-', '') + end));
const PHONES = [
	...eachJoined('- 客户 用户 会员 联系人 业主 住户', '手机号 手机 手机号码 电话 电话号码 联系电话'),
	...eachJoined('- Customer Contact', 'Phone PhoneNumber Mobile MobileNumber MobilePhone Tel Telephone'),
];

/**
 * How CRMs name the columns of the four fields, in Chinese and English, besides Tencent's own names. `ColumnClues` says what the lists of
 * a field mean. Case, spaces and signs do not count.
 */
const COLUMN_NAMES: ColumnClues<MappedField> = {
	CustomerId: {
		usual: namesIn('客户编号 客户ID 客户号 客户编码 客户代码 用户ID 用户编号 会员ID 会员编号'),
		fallback: namesIn('Customer CustomerNo CustomerNumber CustomerCode'),
		unclear: namesIn('客户 客户名称 客户姓名 用户 用户名 会员 姓名 编号 ID'),
	},
	CustomerDeviceNo: {
		usual: namesIn('设备序列号 序列号 SN 设备SN SN码 设备SN码 厂商设备编号 厂家设备编号 SerialNumber'),
		fallback: namesIn('Serial SerialNo DeviceSerial DeviceSerialNumber'),
		// In some CRMs these name the DeviceId, so they count only once every other field has its column.
		remaining: namesIn('设备编号 设备号 设备编码 DeviceNo DeviceNumber DeviceCode'),
		unclear: namesIn('编号 序号'),
	},
	DeviceId: {
		usual: namesIn('设备ID 平台设备ID 平台设备编号 腾讯设备ID 物联设备ID'),
		fallback: ['Device'],
		// Tencent's own names of the two parts of a DeviceId.
		parts: [namesIn('ProductId 产品ID'), namesIn('DeviceName 设备名称 设备名')],
		unclear: namesIn('设备编号 设备号 设备 设备名称 设备名 设备标识 平台ID DeviceName'),
	},
	ProductName: {
		usual: namesIn('产品名称 产品名 商品名称 商品名'),
		fallback: ['Product'],
		unclear: namesIn('产品 商品 产品型号 型号 设备型号 设备类型 设备名称 品名 名称'),
	},
};

/**
 * The names of each field's columns, and the signs by which columns of other names are recognized. A column of phone numbers is taken for
 * CustomerId only if phone numbers are ids (`phoneIds`) and no other column fits.
 */
export function columnNames(phoneIds: 'digits' | 'refuse'): ColumnClues<MappedField> {
	const phones = phoneIds === 'digits' ? { last: PHONES } : { likelier: PHONES };
	const signs = columnSigns(phoneIds);
	return {
		CustomerId: { ...COLUMN_NAMES.CustomerId, ...phones, ...signs.CustomerId },
		CustomerDeviceNo: { ...COLUMN_NAMES.CustomerDeviceNo, ...signs.CustomerDeviceNo },
		DeviceId: { ...COLUMN_NAMES.DeviceId, ...signs.DeviceId },
		ProductName: { ...COLUMN_NAMES.ProductName, ...signs.ProductName },
	};
}
