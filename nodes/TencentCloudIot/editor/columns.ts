import type { ResourceMapperField } from 'n8n-workflow';

import { FIELDS, type Field } from '../binding/row';
import type { FieldList } from '../input/fields/editorLists';

/** The four columns that a push needs. */
export const columnList: FieldList = {
	method: 'getColumns',
	list: async () => ({ fields: FIELDS.map((field) => mapperField(field, LABELS[field])) }),
};

/** What Chinese users call it, as far as the editor has room: it cuts `CustomerDeviceNo 厂商设备编号` off. */
const LABELS: Readonly<Record<Field, string>> = {
	CustomerId: 'CustomerId 客户编号',
	CustomerDeviceNo: 'CustomerDeviceNo',
	DeviceId: 'DeviceId 平台设备 ID',
	ProductName: 'ProductName 产品名称',
};

/** A field of a resource mapper, required and a text. Examples stand in the parameter's description. */
export function mapperField(id: string, displayName: string): ResourceMapperField {
	return {
		id,
		displayName,
		type: 'string',
		required: true,
		defaultMatch: false,
		canBeUsedToMatch: false,
		display: true,
	};
}
