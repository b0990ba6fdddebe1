import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

/** The indexes of the input items that an output item is linked to. */
export function linksOf({ pairedItem }: INodeExecutionData): number[] {
	if (pairedItem === undefined) {
		return [];
	}
	const links = Array.isArray(pairedItem) ? pairedItem : [pairedItem];
	return links.map((link) => (typeof link === 'number' ? link : link.item));
}

/** The error of an item, on either output. */
export function errorOf({ json }: INodeExecutionData): IDataObject | undefined {
	return json.error as IDataObject | undefined;
}
