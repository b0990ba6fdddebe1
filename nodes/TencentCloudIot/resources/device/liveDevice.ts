import type { INodeProperties } from 'n8n-workflow';

import type { ItemFields } from '../../input/itemFields';

/** Shown where a model calls the node. No expression can fill it, and so no model. */
export const liveDevice: INodeProperties = {
	displayName: 'Live Device',
	name: 'liveDevice',
	type: 'boolean',
	noDataExpression: true,
	displayOptions: { show: { '@tool': [true] } },
	default: false,
	description: 'Whether the model may act on real devices; while it is off, this tool refuses each call',
};

/** Refuses what a model asks of a device, unless the node allows it: nobody takes an unlocked door back. */
export function refuseModel(item: ItemFields): void {
	if (item.isTool && !item.flag(liveDevice.name)) {
		item.refuse(liveDevice.name, 'is off: only the node itself can switch it on');
	}
}
