import { describe, expect, test } from '@jest/globals';
import { TencentCloudIotApi } from '../../credentials/TencentCloudIotApi.credentials';
import { PLATFORMS } from '../../nodes/TencentCloudIot/service/connection';
import { SIGNATURE_SCHEMES } from '../../nodes/TencentCloudIot/service/signing/signature';
import { storedForm, valuesOf } from '../support/storedForm.mts';

const credential = new TencentCloudIotApi();
const property = (name: string) => credential.properties.find((candidate) => candidate.name === name)!;

describe('The credential', () => {
	test('stores the same names and values as in earlier versions', () => {
		expect(credential.name).toBe('tencentCloudIotApi');
		expect(storedForm(credential.properties)).toEqual([
			'appKey: string = ""',
			'appSecret: string = ""',
			'platform: options (china, overseas, custom) = "china"',
			'endpoint: string = "" when {"show":{"platform":["custom"]}}',
			'nestedRule: options (automatic, flattened, goFmt, jsString, json, scalarsOnly) = "automatic"',
			'allowedActions: options (everything, noLiveActions, readsOnly) = "noLiveActions"',
		]);
	});

	test('hides the secret and nothing else', () => {
		const hidden = credential.properties.filter(({ typeOptions }) => typeOptions?.password === true);
		expect(hidden.map(({ name }) => name)).toEqual(['appSecret']);
	});

	test('describes every field', () => {
		for (const { displayName, description } of credential.properties) {
			expect(displayName).toMatch(/^[A-Z]/);
			expect(description).toMatch(/^[A-Z].{20}/);
		}
	});

	test('offers every signature scheme for nested values', () => {
		const values = valuesOf(property('nestedRule')).slice(2, -1).split(', ');
		expect(values.sort()).toEqual(['automatic', ...SIGNATURE_SCHEMES].sort());
	});

	test('shows the HTTP Request node the address of the service', () => {
		const { endpoint } = PLATFORMS.china;
		expect(credential.httpRequestNode.apiBaseUrl).toBe(endpoint);
		expect(property('endpoint').placeholder).toContain(endpoint);
	});
});
