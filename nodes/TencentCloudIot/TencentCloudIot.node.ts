import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { testTencentCloudIotApi } from './editor/credentialTest';
import { editorMethods, resourceProperties, subtitle } from './resources/nodeProperties';
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
		subtitle,
		description:
			'Manage customers, orders, device bindings, devices and device data on Tencent Cloud IoT Enablement',
		defaults: { name: 'Tencent Cloud IoT Enablement' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'tencentCloudIotApi', required: true, testedBy: 'testTencentCloudIotApi' }],
		properties: resourceProperties,
	};

	methods = { credentialTest: { testTencentCloudIotApi }, ...editorMethods };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await runOperation(this)];
	}
}
