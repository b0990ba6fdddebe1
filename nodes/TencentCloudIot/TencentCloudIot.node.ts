import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { testTencentCloudIotApi } from './editor/credentialTest';
import { editorMethods, resourceProperties } from './resources/nodeProperties';
import { runOperation } from './run/runOperation';

export class TencentCloudIot implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Tencent Cloud IoT',
		name: 'tencentCloudIot',
		icon: {
			light: 'file:../../icons/tencentCloudIot.svg',
			dark: 'file:../../icons/tencentCloudIot.dark.svg',
		},
		group: ['output'],
		version: 1,
		subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
		description:
			'Work with customers, orders, device bindings, devices and their data on Tencent Cloud IoT Enablement (物联使能)',
		defaults: { name: 'Tencent Cloud IoT' },
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
