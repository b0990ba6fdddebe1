import { expect, test } from '@jest/globals';
import type { IExecuteFunctions } from 'n8n-workflow';
import { Credential } from '../../nodes/TencentCloudIot/run/connection';
import type { NotSendable } from '../../nodes/TencentCloudIot/service/outcome';
import { wordsOf } from '../support/failures.mts';

const FIELDS = {
	appKey: 'key',
	appSecret: 'secret',
	platform: 'custom',
	endpoint: 'https://service.example/',
	nestedRule: 'json',
};

/** The credential of a node with these credentials, and the names that it requestedNames n8n for. */
function credentialOf(credentials: object | undefined, read: () => Promise<object>) {
	const requestedNames: string[] = [];
	const context = {
		getNode: () => ({ credentials }),
		getCredentials: async (name: string) => {
			requestedNames.push(name);
			return await read();
		},
	} as unknown as IExecuteFunctions;
	return { credential: new Credential(context), requestedNames };
}

const refuses = async () => await Promise.reject(new Error('Not found.'));

test('A credential is read from n8n once, and has its id in n8n', async () => {
	const { credential, requestedNames } = credentialOf(
		{ tencentCloudIotApi: { id: '5', name: 'CRM' } },
		async () => await Promise.resolve(FIELDS),
	);
	await Promise.all([credential.connection(), credential.accountHash()]);
	expect((await credential.connection()).appKey).toBe('key');
	expect([credential.id, requestedNames]).toEqual(['5', ['tencentCloudIotApi']]);
});

test('The account hash does not depend on the App Secret, but on the App Key', async () => {
	const hashOf = async (changes: object) =>
		await credentialOf(
			{},
			async () => await Promise.resolve({ ...FIELDS, ...changes }),
		).credential.accountHash();
	const account = await hashOf({});
	expect(await hashOf({ appSecret: 'new' })).toBe(account);
	expect(await hashOf({ appKey: 'other' })).not.toBe(account);
});

test.each([
	['A node without a credential', undefined, 'The node has no credential.'],
	[
		'A node whose credential cannot be read',
		{ tencentCloudIotApi: { id: '5', name: 'CRM' } },
		"The credential 'CRM' cannot be used.",
	],
])("%s fails with CREDENTIAL_MISSING and n8n's message", async (_, credentials, reason) => {
	const { credential } = credentialOf(credentials, refuses);
	const cause: unknown = await credential.connection().catch((thrown: unknown) => thrown);
	const { failure } = cause as NotSendable;
	expect(failure.code).toBe('CREDENTIAL_MISSING');
	expect(wordsOf(failure)).toMatchObject({ reason, advice: expect.stringContaining('Not found') });
	expect(credential.id).toBe(credentials === undefined ? '' : '5');
});
