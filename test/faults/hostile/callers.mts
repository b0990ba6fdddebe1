import type { ICredentialDataDecryptedObject, INodeExecutionData } from 'n8n-workflow';
import { callEditor, createProcessedData } from '../../../embedded/embeddedEngine.mts';
import type { EditorContexts } from '../../../embedded/embeddedEngine.mts';
import { errorOf, row, runPush } from '../../engine/pushRun.mts';
import { runOperation, type SimulatorAccess } from '../../engine/operationRun.mts';
import { loadTestedNode } from '../../support/testedBuild.mts';
import { NO_PROXIES } from '../noProxies.mts';

/** What n8n shows, logs and stores of calls to the service. */
export interface CallReport {
	/** Outcome and code of each failed request; empty for the editor. */
	codes: string[];
	/** Everything that n8n shows, logs and stores. */
	output: string;
	/** The part that n8n shows as HTML. */
	shown: string;
}

export type Caller = (service: SimulatorAccess) => Promise<CallReport>;

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

async function reportOfRun(running: ReturnType<typeof runPush>): Promise<CallReport> {
	const { error, saved, logs, hints } = await running;
	return {
		codes: codesOf(error),
		output: JSON.stringify([saved, logs, hints]),
		shown: JSON.stringify(hints),
	};
}

/** The result or the error of an editor method of the built node. */
async function reportOfEditor(
	service: SimulatorAccess,
	ask: (contexts: EditorContexts, credential: ICredentialDataDecryptedObject) => Promise<unknown>,
): Promise<CallReport> {
	const credential = credentialOf(service);
	const parameters = { productId: 'P' };
	const output = await callEditor(
		{ environment: NO_PROXIES },
		{ credential, parameters },
		async (contexts) => {
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
		},
	);
	return { codes: [], output, shown: output };
}

const methods = () => loadTestedNode().nodeType.methods!;

export const runs = {
	Push: async (service) => await reportOfRun(runPush(rows, service, run)),
	Sync: async (service) =>
		await reportOfRun(
			runPush(rows, service, { ...run, operation: 'sync', processedData: createProcessedData() }),
		),
	'a list': async (service) =>
		await reportOfRun(
			runOperation(service, { operation: 'customer.getMany', parameters: { returnAll: true }, ...run }),
		),
} satisfies Record<string, Caller>;

export const editors = {
	'a picker': async (service) =>
		await reportOfEditor(
			service,
			async ({ listing }) => await methods().listSearch!.searchCustomers!.call(listing),
		),
	'the mapper': async (service) =>
		await reportOfEditor(
			service,
			async ({ listing }) => await methods().resourceMapping!.getProperties!.call(listing as never),
		),
	'the credential test': async (service) =>
		await reportOfEditor(
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
