import type { ResourceMapperField } from 'n8n-workflow';

import { FIELDS } from '../binding/row';
import type { FieldList } from '../input/fields/editorLists';

/** The four columns that a push needs. */
export const columnList: FieldList = {
	method: 'getColumns',
	list: async () => ({ fields: FIELDS.map((field) => mapperField(field, field)) }),
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
