import type { ResourceMapperField, ResourceMapperFields } from 'n8n-workflow';

import { FIELDS, type Field } from '../binding/row';

/** The four columns that a push needs, for the resource mapper. */
export async function getColumns(): Promise<ResourceMapperFields> {
	return { fields: FIELDS.map(toMapperField) };
}

/** What Chinese users call it, as far as the editor has room: it cuts `CustomerDeviceNo 厂商设备编号` off. */
const LABELS: Readonly<Record<Field, string>> = {
	CustomerId: 'CustomerId 客户编号',
	CustomerDeviceNo: 'CustomerDeviceNo',
	DeviceId: 'DeviceId 平台设备 ID',
	ProductName: 'ProductName 产品名称',
};

/** The examples stand in the parameter's description. */
function toMapperField(field: Field): ResourceMapperField {
	return {
		id: field,
		displayName: LABELS[field],
		type: 'string',
		required: true,
		defaultMatch: false,
		canBeUsedToMatch: false,
		display: true,
	};
}
