import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { testTencentCloudIotApi } from './editor/credentialTest';
import { panel } from './resources/nodeProperties';
import { runOperation } from './run/runOperation';

export class TencentCloudIot implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Tencent Cloud IoT Enablement',
		name: 'tencentCloudIot',
		icon: {
			light: 'file:../../icons/tencentCloudIot.svg',
			dark: 'file:../../icons/tencentCloudIot.dark.svg',
		},
		group: ['output'],
		version: 1,
		subtitle: panel.subtitle,
		description: 'Push device bindings, sync customers, and manage orders and devices on Tencent Cloud IoT',
		defaults: { name: 'Tencent Cloud IoT Enablement' },
		builderHint: {
			searchHint:
				'One item per device goes in: the node groups by customer, signs, limits the rate and retries, so it needs no Code, Loop or HTTP Request node. deviceBinding.sync: all customers on a schedule; push: some of them.',
			relatedNodes: [
				{ nodeType: 'n8n-nodes-base.scheduleTrigger', relationHint: 'Starts sync' },
				{ nodeType: 'n8n-nodes-base.postgres', relationHint: 'Reads all rows of the CRM' },
				{
					nodeType: 'n8n-nodes-base.if',
					relationHint: "After sync with outputItemPer 'run': News is true",
				},
			],
		},
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'tencentCloudIotApi', required: true, testedBy: 'testTencentCloudIotApi' }],
		properties: panel.properties,
	};

	methods = { credentialTest: { testTencentCloudIotApi }, ...panel.methods };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await runOperation(this)];
	}
}
