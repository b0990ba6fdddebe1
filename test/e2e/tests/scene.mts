import type { ICredentialDataDecryptedObject, IDataObject, INode } from 'n8n-workflow';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../../simulator/simulator.mts';
import type { StoredCredential } from '../n8n/client.mts';
import { joinN8n, startN8n, type N8nServer, type RunningN8n } from '../n8n/server.mts';
import { CREDENTIAL_TYPE, MAPPED_COLUMNS, node, PUSH_NODE_TYPE } from '../n8n/workflow.mts';
import { buildFor, n8nLines, type N8nLine } from '../setup/folders.mts';
import { endByExit } from '../setup/ownedProcesses.mts';
import { packedPackage } from '../setup/packedPackage.mts';

/** The name that the editor proposes for the first credential; imported workflows refer to it. */
export const CREDENTIAL_NAME = 'Tencent Cloud IoT account';

/** The environment variable with the invitation to an n8n that several test files use, one after the other. */
export const SHARED_N8N = 'E2E_SHARED_N8N';

/** A running n8n and the simulator that its credential points to. */
export interface Scene<Server = RunningN8n> {
	readonly server: Server;
	readonly simulator: Simulator;
	readonly credentialData: ICredentialDataDecryptedObject;
	/** Without an id when the scene is set without a credential. */
	readonly credential: StoredCredential;
	end(): Promise<void>;
}

/** The line of n8n that this test file runs against. */
export function lineUnderTest(): N8nLine {
	return n8nLines.find((line) => line === process.env.E2E_N8N) ?? 'n8n-2';
}

/** The packed package, for a test file that starts n8n itself. Programs that the file starts end with it. */
export async function packForTest(): Promise<{ tarball: string; end: () => Promise<void> }> {
	endByExit();
	const folder = await mkdtemp(join(tmpdir(), 'e2e-package-'));
	const end = async () => await rm(folder, { recursive: true, force: true });
	return { tarball: await packedPackage(buildFor[lineUnderTest()], folder), end };
}

/** The data of a credential that points to a simulator. */
export function credentialFor({ appKey, appSecret, endpoint }: Simulator) {
	const allowedActions = 'everything';
	return { appKey, appSecret, platform: 'custom', endpoint, nestedRule: 'automatic', allowedActions };
}

interface SceneOptions {
	/** Whether a browser opens the editor. Only for an n8n that this file does not share. */
	readonly hasEditor?: boolean;
	/** The test creates the credential itself. */
	readonly withoutCredential?: boolean;
	/** More environment variables. Only for an n8n that this file does not share. */
	readonly more?: Readonly<Record<string, string>>;
}

/** Starts a simulator, and creates a credential for it in the shared n8n, or in a new one if none is shared. */
export async function setScene(
	simulatorOptions: SimulatorOptions = {},
	options: SceneOptions = {},
): Promise<Scene> {
	const shared = process.env[SHARED_N8N];
	if (shared === undefined) {
		return await setOwnScene(simulatorOptions, { hasEditor: true, ...options });
	}
	endByExit();
	return await sceneIn(await joinN8n(shared), simulatorOptions, options);
}

/** Starts a simulator and n8n with a credential for it. */
export async function setOwnScene(
	simulatorOptions: SimulatorOptions = {},
	options: SceneOptions = {},
): Promise<Scene<N8nServer>> {
	const { tarball, end: removePackage } = await packForTest();
	const { hasEditor = false, more } = options;
	const server = await startN8n({ line: lineUnderTest(), tarball, hasEditor, more });
	const scene = await sceneIn(server, simulatorOptions, options);
	const end = async () => {
		await scene.end();
		await removePackage();
	};
	return { ...scene, end };
}

async function sceneIn<Server extends RunningN8n>(
	server: Server,
	simulatorOptions: SimulatorOptions,
	{ withoutCredential = false }: SceneOptions,
): Promise<Scene<Server>> {
	const simulator = await startSimulator(simulatorOptions);
	const credentialData = credentialFor(simulator);
	const credential = withoutCredential
		? { id: '', name: CREDENTIAL_NAME }
		: await server.client.createCredential(CREDENTIAL_NAME, credentialData);
	const end = async () => {
		await server.stop();
		await simulator.close();
	};
	return { server, simulator, credentialData, credential, end };
}

/** The package's node with its four columns mapped, and the scene's credential. */
export function pushNode(
	{ credential: { id, name } }: Pick<Scene, 'credential'>,
	options: IDataObject = {},
	settings: Partial<INode> = {},
): INode {
	return node(
		'Push',
		PUSH_NODE_TYPE,
		{ resource: 'deviceBinding', operation: 'push', columns: MAPPED_COLUMNS, options },
		{ credentials: { [CREDENTIAL_TYPE]: { id, name } }, ...settings },
	);
}

/** One row for each "customer/device number". */
export function rowsOf(...devices: string[]): IDataObject[] {
	return devices.map((device) => ({
		CustomerId: device.split('/')[0]!,
		CustomerDeviceNo: `SN-${device}`,
		DeviceId: `LOCK01/${device.replace('/', '_')}`,
		ProductName: '智能门锁',
	}));
}

/** The devices that the simulator has for each customer: CustomerId → DeviceIds. */
export function boundDevices({ bindings }: Simulator): Record<string, string[]> {
	return Object.fromEntries(
		Array.from(bindings, ([customer, devices]) => [customer, devices.map(({ DeviceId }) => DeviceId)]),
	);
}
