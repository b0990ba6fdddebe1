import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readCommandLine } from '../../simulator/commandLine.mts';
import { startSimulator } from '../../simulator/simulator.mts';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import { bindParameters, call } from './callSimulator.mts';

const folder = temporaryFolder();
let written = 0;

function file(content: string): string {
	written++;
	const path = join(folder, `${written}.json`);
	writeFileSync(path, content);
	return path;
}

const exchange = (request: object, body: object, overrides: object = {}) => ({
	request,
	scheme: 'json',
	response: { status: 200, contentType: 'application/json', body },
	...overrides,
});
const read = { Action: 'ServiceGetCustomerList', Limit: 1 };
const success = {
	code: 0,
	msg: 'ok',
	data: { Customers: [], Total: 0, RequestId: '{RequestId}' },
	extra: null,
};
const refused = (msg: string) => ({ code: -1000, msg, data: { RequestId: '{RequestId}' } });
const transcript = {
	format: 'n8n-nodes-tencent-iot transcript 1',
	exchanges: [
		exchange(read, success),
		exchange({ ...read, DeviceInfos: [{}] }, refused('Signature failed')),
		exchange({ ...read, DeviceInfos: [{}] }, success, { scheme: 'goFmt' }),
		exchange({ Action: 'ServiceCheckNoSuchAction' }, refused('no such action')),
		exchange({ Action: 'ServiceGetDeviceList' }, refused('required ProductId')),
		exchange({ Action: 'ServiceGetOrderList' }, refused('no such action')),
	],
};

/** The responses of a simulator with these flags to a valid push, an invalid one, and an unknown Action. */
async function answers(path: string, ...flags: string[]): Promise<unknown[]> {
	const options = readCommandLine(['--port', '0', '--like', path, ...flags]);
	if (options === 'help') {
		throw new Error('These are flags.');
	}
	const simulator = await startSimulator(options);
	try {
		const RequestId = 'r';
		const push = { ...bindParameters, RequestId };
		const rule = flags.includes('--rule') ? 'flattened' : 'goFmt';
		return [
			await call(simulator, push, { rule }),
			await call(simulator, { ...push, DeviceInfos: undefined }),
			await call(simulator, { Action: 'ServiceGetOrderList', RequestId }),
			await call(simulator, push, { secret: 'wrong' }),
		];
	} finally {
		await simulator.close();
	}
}

const EXPECTED = [
	{ code: 0, msg: 'ok', data: { RequestId: 'r', Status: 'OK' }, extra: null },
	{ code: -1000, msg: 'required DeviceInfos', data: { RequestId: 'r' } },
	{ code: -1000, msg: 'no such action', data: { RequestId: 'r' } },
	{ code: -1000, msg: 'Signature failed', data: { RequestId: 'r' } },
];

test.each([
	['A transcript', transcript],
	['An output item of Account: Check', { Accepted: true, Transcript: JSON.stringify(transcript) }],
	['The output as n8n copies it', [{ Transcript: JSON.stringify(transcript) }]],
])('%s configures a simulator that responds like the service.', async (_, content) => {
	expect(await answers(file(JSON.stringify(content)))).toEqual(EXPECTED);
});

test('A flag overrides the transcript.', async () => {
	expect(await answers(file(JSON.stringify(transcript)), '--rule', 'flattened')).toEqual(EXPECTED);
});

test.each([
	['/no/such/file', /^--like "\/no\/such\/file" cannot be read: ENOENT/],
	[file('{'), /^--like ".*" is not JSON\.$/],
	[file('{"format":"another"}'), /^--like ".*" is not a transcript of npm start -- --probe\.$/],
	[file('[]'), /^--like ".*" is not a transcript of npm start -- --probe\.$/],
	[file('{"Transcript":"{"}'), /^--like ".*" is not JSON\.$/],
])('%s is refused with a sentence.', (path, message) => {
	expect(() => readCommandLine(['--like', path])).toThrow(message);
});
