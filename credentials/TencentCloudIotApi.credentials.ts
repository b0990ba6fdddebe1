import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

import { ALLOWED_ACTIONS, DEFAULT_ALLOWED } from '../nodes/TencentCloudIot/service/actions';
import { PLATFORMS } from '../nodes/TencentCloudIot/service/connection';
import { SIGNATURE_SCHEME_NAMES } from '../nodes/TencentCloudIot/service/signing/signature';
import { signRequestOptions } from './signRequestOptions';

export class TencentCloudIotApi implements ICredentialType {
	name = 'tencentCloudIotApi';

	displayName = 'Tencent Cloud IoT API';

	icon: Icon = { light: 'file:../icons/tencentCloudIot.svg', dark: 'file:../icons/tencentCloudIot.dark.svg' };

	documentationUrl =
		'https://github.com/n8n-nodes-tencent-iot/n8n-nodes-tencent-iot/blob/main/docs/operations.md#the-credential';

	httpRequestNode = {
		name: 'Tencent Cloud IoT',
		docsUrl: 'https://cloud.tencent.com/document/product/1465/59055',
		apiBaseUrl: 'https://iot.cloud.tencent.com/api/exploreropen/serviceapi',
	};

	properties: INodeProperties[] = [
		{
			displayName: 'App Key',
			name: 'appKey',
			type: 'string',
			required: true,
			default: '',
			description: "AppKey of a SaaS, in IoT Explorer's console: your project, IoT Enablement, SaaS services",
		},
		{
			displayName: 'App Secret',
			name: 'appSecret',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'AppSecret of your SaaS, next to the AppKey. It signs each request and is never sent.',
		},
		{
			displayName: 'Platform',
			name: 'platform',
			type: 'options',
			options: Object.entries(PLATFORMS).map(([value, { name }]) => ({ name, value })),
			default: 'china',
			description: 'Platform of your application. Tencent documents this API for China only.',
		},
		{
			displayName: 'Endpoint',
			name: 'endpoint',
			type: 'string',
			required: true,
			displayOptions: { show: { platform: ['custom'] } },
			default: '',
			placeholder: 'e.g. https://iot.cloud.tencent.com/api/exploreropen/serviceapi',
			description: 'Full address, starting with https://',
		},
		{
			displayName: 'Nested Value Signing',
			name: 'nestedRule',
			type: 'options',
			options: [
				{ name: 'Automatic', value: 'automatic' },
				...Object.entries(SIGNATURE_SCHEME_NAMES).map(([value, name]) => ({ name, value })),
			],
			default: 'automatic',
			description: 'How lists are signed. Automatic detects it; in the HTTP Request node it is JSON Text.',
		},
		{
			displayName: 'Allowed Actions',
			name: 'allowedActions',
			type: 'options',
			noDataExpression: true,
			options: Object.entries(ALLOWED_ACTIONS).map(([value, name]) => ({ name, value })),
			default: DEFAULT_ALLOWED,
			description: 'What every node with this credential may do. Only Everything shows device secrets.',
		},
	];

	/** Signs any JSON body, so that the HTTP Request node can call every action of the API. */
	authenticate = signRequestOptions;
}
