import type { ColumnNames } from '../input/columnFit';
import type { Field } from './row';

/**
 * How Chinese CRMs name the columns of a device, besides the names of the service: those that can only be one field, and
 * those that may be. Case, spaces and signs do not count.
 */
export const COLUMN_NAMES: ColumnNames<Field> = {
	CustomerId: {
		usual: [
			'客户编号',
			'客户ID',
			'客户号',
			'客户编码',
			'客户代码',
			'用户ID',
			'用户编号',
			'会员ID',
			'会员编号',
		],
		unclear: [
			'客户',
			'客户名称',
			'客户姓名',
			'用户',
			'用户名',
			'会员',
			'姓名',
			'编号',
			'手机号',
			'电话',
			'ID',
		],
	},
	CustomerDeviceNo: {
		usual: [
			'设备序列号',
			'序列号',
			'SN',
			'设备SN',
			'SN码',
			'设备SN码',
			'厂商设备编号',
			'厂家设备编号',
			'Serial Number',
		],
		unclear: ['设备编号', '设备号', '设备编码', '编号', '序号', 'Serial', 'Device No'],
	},
	DeviceId: {
		usual: ['设备ID', '平台设备ID', '平台设备编号', '腾讯设备ID', '物联设备ID'],
		unclear: [
			'设备编号',
			'设备号',
			'设备',
			'设备名称',
			'设备名',
			'设备标识',
			'平台ID',
			'Device',
			'Device Name',
		],
	},
	ProductName: {
		usual: ['产品名称', '产品名', '商品名称', '商品名'],
		unclear: [
			'产品',
			'商品',
			'产品型号',
			'型号',
			'设备型号',
			'设备类型',
			'设备名称',
			'品名',
			'名称',
			'Product',
		],
	},
};
