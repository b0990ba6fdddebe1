import type { ICredentialDataDecryptedObject, INodeExecutionData } from 'n8n-workflow';
import { callEditor, createProcessedData } from '../../../embedded/embeddedEngine.mts';
import type { EditorContexts } from '../../../embedded/embeddedEngine.mts';
import { errorOf, row, runPush } from '../../engine/pushRun.mts';
import { runOperation, type SimulatorAccess } from '../../engine/operationRun.mts';
import { loadTestedNode } from '../../support/testedBuild.mts';
import { NO_PROXIES } from '../noProxies.mts';

/** What somebody hears who asks the service for something. */
export interface Heard {
	/** Outcome and code of each request that came to nothing; the editor has none. */
	codes: string[];
	/** All that n8n shows, logs and stores of it. */
	told: string;
	/** What of it n8n shows as HTML. */
	shown: string;
}

export type Caller = (service: SimulatorAccess) => Promise<Heard>;

const rows = [row('a', 1), row('b', 2)];
const run = {
	onError: 'continueErrorOutput',
	options: { maxAttempts: 1, timeout: 120 },
	environment: NO_PROXIES,
} as const;

const codesOf = (items: readonly INodeExecutionData[]) =>
	items.map((item) => `${String(errorOf(item)?.outcome)} ${String(errorOf(item)?.code)}`);

export function credentialOf({
	endpoint,
	appKey,
	appSecret,
}: SimulatorAccess): ICredentialDataDecryptedObject {
	return { endpoint, appKey, appSecret, platform: 'custom', nestedRule: 'json' };
}

async function heard(running: ReturnType<typeof runPush>): Promise<Heard> {
	const { error, saved, logs, hints } = await running;
	return { codes: codesOf(error), told: JSON.stringify([saved, logs, hints]), shown: JSON.stringify(hints) };
}

/** What the editor's methods of the built node say, or throw. */
async function heardInEditor(
	service: SimulatorAccess,
	ask: (contexts: EditorContexts, credential: ICredentialDataDecryptedObject) => Promise<unknown>,
): Promise<Heard> {
	const credential = credentialOf(service);
	const parameters = { productId: 'P' };
	const told = await callEditor({ environment: NO_PROXIES }, { credential, parameters }, async (contexts) => {
		try {
			return JSON.stringify(await ask(contexts, credential));
		} catch (cause) {
			const { message, description } = cause as Error & { description?: string };
			return JSON.stringify([
				message,
				description,
				cause,
				(cause as Error).cause,
				Object.entries(cause as Error),
			]);
		}
	});
	return { codes: [], told, shown: told };
}

const methods = () => loadTestedNode().nodeType.methods!;

export const runs = {
	Push: async (service) => await heard(runPush(rows, service, run)),
	Sync: async (service) =>
		await heard(runPush(rows, service, { ...run, operation: 'sync', processedData: createProcessedData() })),
	'a list': async (service) =>
		await heard(
			runOperation(service, { operation: 'customer.getMany', parameters: { returnAll: true }, ...run }),
		),
} satisfies Record<string, Caller>;

export const editors = {
	'a picker': async (service) =>
		await heardInEditor(
			service,
			async ({ listing }) => await methods().listSearch!.searchCustomers!.call(listing),
		),
	'the mapper': async (service) =>
		await heardInEditor(
			service,
			async ({ listing }) => await methods().resourceMapping!.getProperties!.call(listing as never),
		),
	'the credential test': async (service) =>
		await heardInEditor(
			service,
			async ({ testing }, data) =>
				await methods().credentialTest!.testTencentCloudIotApi!.call(testing, {
					id: '1',
					name: 'Tencent',
					type: 'tencentCloudIotApi',
					data,
				}),
		),
} satisfies Record<string, Caller>;
