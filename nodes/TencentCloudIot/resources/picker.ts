import type { INodeProperties } from 'n8n-workflow';

interface Picker extends Pick<INodeProperties, 'displayName' | 'name' | 'description' | 'placeholder'> {
	/** What the mode is called in which it is typed by hand. */
	typed?: string;
	/** The node's method that lists what there is. */
	searchListMethod: string;
}

/** A required field whose value is typed or picked from a list. A plain text, as older workflows store it, is one that is typed. */
export function picker({ typed = 'By ID', placeholder, searchListMethod, ...told }: Picker): INodeProperties {
	return {
		...told,
		type: 'resourceLocator',
		required: true,
		default: { mode: 'id', value: '' },
		modes: [
			{ displayName: typed, name: 'id', type: 'string', ...(placeholder !== undefined && { placeholder }) },
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod, searchable: true },
			},
		],
	};
}
