import { expect, test } from '@jest/globals';
import type { ICredentialTestFunctions } from 'n8n-workflow';
import { testTencentCloudIotApi } from '../../nodes/TencentCloudIot/editor/credentialTest';
import { panel } from '../../nodes/TencentCloudIot/resources/nodeProperties';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { editor } from './editorContext.mts';

const { resourceMapping } = panel.methods;

const MARKUP = /[<>\p{Cc}\p{Cf}]/u;
const Message = '<a href="https://example.com" style="position:fixed;inset:0">Log in</a>\n\u202e';
const refusing = async () =>
	await runSimulator({ faults: () => ({ kind: 'error', Code: 'InvalidParameterValue', Message }) });

test("The notice of a mapper has no markup from the service's message", async () => {
	const { emptyFieldsNotice } = await resourceMapping.getProperties!.call(
		editor(await refusing(), { productId: '<b>P</b>' }),
	);
	expect(emptyFieldsNotice).toContain('‹a href=');
	expect(emptyFieldsNotice).not.toMatch(MARKUP);
});

test("The result of a credential test has no markup from the service's message", async () => {
	const { endpoint, appKey, appSecret } = await refusing();
	const { helpers } = editor({ endpoint, appKey, appSecret });
	const request = async ({ uri, ...options }: Record<string, unknown>) =>
		await helpers.httpRequest({ ...options, url: String(uri) } as never);
	const { message } = await testTencentCloudIotApi.call(
		{
			logger: { debug: () => undefined },
			helpers: { ...helpers, request },
		} as unknown as ICredentialTestFunctions,
		{
			id: '1',
			name: 'Tencent',
			type: 'tencentCloudIotApi',
			data: { platform: 'custom', endpoint, appKey, appSecret, nestedRule: 'json' },
		},
	);
	expect(message).toContain('‹a href=');
	expect(message).not.toMatch(MARKUP);
});
