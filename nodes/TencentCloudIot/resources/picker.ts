import type { INodeProperties } from 'n8n-workflow';

interface Picker extends Pick<INodeProperties, 'displayName' | 'name' | 'description'> {
	placeholder: string;
	/** How the value is called that is typed. Default: By ID. */
	typedLabel?: string;
	/** The node's method that lists what there is. */
	searchListMethod: string;
}

/** A required field whose value is typed or picked from a list. A plain text, as older workflows store it, is one that is typed. */
export function picker({
	placeholder,
	typedLabel = 'By ID',
	searchListMethod,
	...told
}: Picker): INodeProperties {
	return {
		...told,
		type: 'resourceLocator',
		required: true,
		default: { mode: 'id', value: '' },
		modes: [
			{ displayName: typedLabel, name: 'id', type: 'string', placeholder },
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod, searchable: true },
			},
		],
	};
}
