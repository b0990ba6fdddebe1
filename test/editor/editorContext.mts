import { Readable } from 'node:stream';
import type {
	ICredentialDataDecryptedObject,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
} from 'n8n-workflow';
import type { Simulator } from '../../simulator/simulator.mts';

/**
 * The context of list methods in the editor; only the network function is a stand-in.
 *
 * @param parameters the fields filled in so far
 * @param changes changes to the simulator's credential
 */
export function editor(
	simulator: Pick<Simulator, 'endpoint' | 'appKey' | 'appSecret'>,
	parameters: Record<string, unknown> = {},
	changes: ICredentialDataDecryptedObject = {},
): ILoadOptionsFunctions {
	const { endpoint, appKey, appSecret } = simulator;
	return {
		getCredentials: async () => ({ platform: 'custom', endpoint, appKey, appSecret, ...changes }),
		getCurrentNodeParameter: (name: string) => parameters[name],
		getNode: () => ({ name: 'Node', type: 'tencentCloudIot', parameters: {} }),
		logger: { debug: () => undefined },
		helpers: {
			httpRequest: async ({ url, body, headers, method }: IHttpRequestOptions) => {
				const answer = await fetch(url, { method, body, headers } as RequestInit);
				return {
					statusCode: answer.status,
					headers: Object.fromEntries(answer.headers),
					body: Readable.from([Buffer.from(await answer.arrayBuffer())]),
				};
			},
		},
	} as unknown as ILoadOptionsFunctions;
}
