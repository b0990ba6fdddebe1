import type { INodeProperties } from 'n8n-workflow';

import { FIELDS, type MappedField } from '../../binding/row';
import { editorLists } from '../../editor/lists';
import { notice, propertiesOf } from '../../input/fields/fields';

/** Where the user maps the columns of the rows. */
export const columns: INodeProperties = {
	displayName: 'Columns',
	name: 'columns',
	type: 'resourceMapper',
	noDataExpression: true,
	required: true,
	default: { mappingMode: 'defineBelow', value: null },
	description: 'The column of the rows for each field',
	builderHint: {
		propertyHint:
			"Map all four: { mappingMode: 'defineBelow', value: { CustomerId: expr('{{ $json.customer }}'), CustomerDeviceNo: expr('{{ $json.serial }}'), DeviceId: expr('{{ $json.product }}/{{ $json.device }}'), ProductName: expr('{{ $json.model }}') } }. Where the columns have these names: { mappingMode: 'autoMapInputData', value: null }",
	},
	typeOptions: {
		resourceMapper: {
			resourceMapperMethod: editorLists.columns.method,
			mode: 'add',
			valuesLabel: 'Columns',
			fieldWords: { singular: 'column', plural: 'columns' },
			addAllFields: true,
			multiKeyMatch: false,
			supportAutoMap: true,
		},
	},
};

/** A notice above the columns, because n8n never shows the description of a resource mapper. */
export const [columnsHelp] = propertiesOf({
	columnsHelp: notice('DeviceId is ProductId/DeviceName: drag one, type /, drop the other after it.'),
}) as [INodeProperties];

/** The parameter that maps each field. The names are built once, because every row needs them. */
export const COLUMN_PARAMETERS = Object.fromEntries(
	FIELDS.map((field) => [field, `columns.${field}`]),
) as Record<MappedField, string>;
