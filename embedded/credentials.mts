import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	ICredentialsHelper,
	IHttpRequestOptions,
	INodeParameters,
} from 'n8n-workflow';
import { n8nWorkflow } from './engine.mts';

/** A credential type with the data that a user has entered for it. */
export interface ConfiguredCredential {
	type: ICredentialType;
	data: ICredentialDataDecryptedObject;
}

/**
 * Replaces n8n's credential store: returns a fresh copy of the data, completed with the defaults of
 * the type's fields, and signs requests with the type's `authenticate` function. Expressions in credential data
 * and declarative `authenticate` objects are not supported.
 */
export function credentialsHelperFor(credentials: ConfiguredCredential[]): ICredentialsHelper {
	const find = (name: string): ConfiguredCredential => {
		const found = credentials.find(({ type }) => type.name === name);
		if (!found) {
			throw new Error(`The run has no credential of type "${name}"`);
		}
		return found;
	};
	const refuse = async () => {
		throw new Error('This host stores no credentials');
	};
	return {
		getParentTypes: (name) => find(name).type.extends ?? [],
		isCredentialUsableByNode: (name, nodeType) => {
			const type = credentials.find((credential) => credential.type.name === name)?.type;
			return !type?.restrictToSupportedNodes || (type.supportedNodes ?? []).includes(nodeType);
		},
		authenticate: async (data, name, request) => {
			const { authenticate } = find(name).type;
			// As in n8n: only declarative nodes get the simplified shape; a function gets the full one.
			const options = request as IHttpRequestOptions;
			if (authenticate === undefined) {
				return options;
			}
			if (typeof authenticate === 'function') {
				return await authenticate(data, options);
			}
			throw new Error(`The credential type "${name}" authenticates declaratively, which this host cannot`);
		},
		preAuthentication: async () => undefined,
		runPreAuthentication: async () => undefined,
		getCredentials: refuse,
		getDecrypted: async (_additionalData, _nodeCredentials, name) => {
			const { type, data } = find(name);
			const completed = n8nWorkflow.NodeHelpers.getNodeParameters(
				type.properties,
				structuredClone(data) as INodeParameters,
				true,
				false,
				null,
				null,
			);
			return (completed ?? {}) as ICredentialDataDecryptedObject;
		},
		updateCredentials: refuse,
		updateCredentialsOauthTokenData: refuse,
		getCredentialsProperties: (name) => find(name).type.properties,
	};
}
