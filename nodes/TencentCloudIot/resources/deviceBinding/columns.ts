import type { ResourceMapperField, ResourceMapperFields } from 'n8n-workflow';

import { FIELDS, type Field } from '../../binding/row';

const EXAMPLES: Readonly<Record<Field, string>> = {
	CustomerId: 'user_1024',
	CustomerDeviceNo: 'SN-0001',
	DeviceId: 'ProductABC/Device001',
	ProductName: 'Smart Lock',
};

/** The four columns that a push needs, for the resource mapper. */
export async function getColumns(): Promise<ResourceMapperFields> {
	return { fields: FIELDS.map(toMapperField) };
}

function toMapperField(field: Field): ResourceMapperField {
	return {
		id: field,
		displayName: `${field} (e.g. ${EXAMPLES[field]})`,
		type: 'string',
		required: true,
		defaultMatch: false,
		canBeUsedToMatch: false,
		display: true,
	};
}
