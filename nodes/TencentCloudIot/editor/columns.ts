import type { ResourceMapperField, ResourceMapperFields } from 'n8n-workflow';

import { FIELDS, type Field } from '../binding/row';

/** The four columns that a push needs, for the resource mapper. */
export async function getColumns(): Promise<ResourceMapperFields> {
	return { fields: FIELDS.map(toMapperField) };
}

/** The editor cuts longer labels off, so that the examples stand in the parameter's description. */
function toMapperField(field: Field): ResourceMapperField {
	return {
		id: field,
		displayName: field,
		type: 'string',
		required: true,
		defaultMatch: false,
		canBeUsedToMatch: false,
		display: true,
	};
}
