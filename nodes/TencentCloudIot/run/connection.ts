import type { IExecuteFunctions } from 'n8n-workflow';

import { REASONS } from '../messages/reasons';
import { ours, withoutFullStop } from '../messages/text';
import { readConnection, type Connection } from '../service/connection';
import { NotSendable, notSent } from '../service/outcome';
import { StateHashes } from '../sync/state/hashes';

/** The node's credential. A run reads it once, since n8n decrypts a credential each time it is read. */
export class Credential {
	/** n8n's id of the credential; '' for a node without one. */
	readonly id: string;
	readonly #context: IExecuteFunctions;
	#connection: Promise<Connection> | undefined;

	constructor(context: IExecuteFunctions) {
		const [chosenCredential] = Object.values(context.getNode().credentials ?? {});
		this.id = chosenCredential?.id ?? '';
		this.#context = context;
	}

	/** @throws NotSendable when the node has no credential, or the credential is not filled in */
	async connection(): Promise<Connection> {
		this.#connection ??= this.#read();
		return await this.#connection;
	}

	/** The hash by which the log's rows name the account. It stays the same when the App Secret is changed. */
	async accountHash(): Promise<string> {
		return new StateHashes(await this.connection()).applicationHash;
	}

	async #read(): Promise<Connection> {
		const credentialFields = await this.#context
			.getCredentials('tencentCloudIotApi')
			.catch((cause: Error) => {
				const credentialName = this.#context.getNode().credentials?.['tencentCloudIotApi']?.name;
				const reason =
					credentialName === undefined
						? REASONS.noCredential()
						: REASONS.credentialNotUsable({ name: ours(credentialName) });
				throw new NotSendable(
					notSent('CREDENTIAL_MISSING', { reason, cause: ours(withoutFullStop(cause.message)) }),
				);
			});
		return readConnection(credentialFields);
	}
}
