import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import { runN8nCommand } from '../n8n/n8nProcess.mts';
import { prepareN8n } from '../n8n/server.mts';
import type { N8nSettings } from '../n8n/settings.mts';
import { CREDENTIAL_TYPE } from '../n8n/workflow.mts';
import { readExample } from './exampleWorkflow.mts';
import { boundDevices, credentialFor, CREDENTIAL_NAME, lineUnderTest, packForTest } from './scene.mts';

let simulator: Simulator;
let settings: N8nSettings;
let removePackage: () => Promise<void>;
before(async () => {
	const { tarball, end } = await packForTest();
	removePackage = end;
	simulator = await startSimulator();
	settings = await prepareN8n({ line: lineUnderTest(), tarball });
});
after(async () => {
	await simulator?.close();
	await rm(settings.userFolder, { recursive: true, force: true });
	await removePackage?.();
});

/** Runs one of n8n's commands. @returns its standard output */
async function n8n(command: string, ...args: string[]): Promise<string> {
	const { code, stdout, stderr } = await runN8nCommand(lineUnderTest(), [command, ...args], settings);
	assert.equal(code, 0, `${stdout}\n${stderr}`);
	return stdout;
}

async function fileOf(name: string, content: object): Promise<string> {
	const path = join(settings.userFolder, name);
	await writeFile(path, JSON.stringify(content));
	return `--input=${path}`;
}

test('n8n import:credentials, import:workflow and execute push the rows without an editor.', async () => {
	const id = 'e2eCredential001';
	const credential = { id, name: CREDENTIAL_NAME, type: CREDENTIAL_TYPE, data: credentialFor(simulator) };
	await n8n('import:credentials', await fileOf('credentials.json', [credential]));
	const workflow = { ...(await readExample('quick-start')), id: 'e2eWorkflow00001', active: false };
	for (const node of workflow.nodes) {
		if (node.credentials) {
			node.credentials = { [CREDENTIAL_TYPE]: { id, name: CREDENTIAL_NAME } };
		}
	}
	await n8n('import:workflow', await fileOf('workflow.json', [workflow]));
	const output = await n8n('execute', `--id=${workflow.id}`);
	assert.match(output, /Execution was successful/);
	assert.deepEqual(boundDevices(simulator), {
		user_1024: ['LOCK01/front_door', 'LOCK01/back_door'],
		user_2048: ['CAM01/entrance'],
		user_4096: ['CAM01/garage'],
	});
});
