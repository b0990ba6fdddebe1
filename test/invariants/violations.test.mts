import { expect, test } from '@jest/globals';
import type { INodeExecutionData } from 'n8n-workflow';
import { push, row } from '../engine/pushRun.mts';
import type { RequestRecord, Simulator } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { violationsOf, type Witness } from './violations.mts';

const rows = [row('a', 1), row('b', 2), row('a', 3), row('c', 4), row('d', 'no slash'), row('e', 5)];
const facts = {
	mostRequestsPerCustomer: 2,
	isSignedRight: true,
	outputItemPer: 'request',
} as const;

/** A correct push: a, b and c done, e unclear after two requests, d withheld. */
async function goodRun(): Promise<Witness & { simulator: Simulator }> {
	const simulator = await runSimulator({ keepBodies: true, faults: [{ on: 'e', kind: 'applyThenReset' }] });
	const options = { maxAttempts: 2, concurrency: 1 };
	const result = await push(rows, simulator, { onError: 'continueErrorOutput', options });
	return { rows, result, simulator: { ...simulator, requests: [...simulator.requests] }, facts };
}

type Spoil = (witness: Witness, requests: RequestRecord[], items: INodeExecutionData[]) => void;

const change = (requests: RequestRecord[], index: number, changes: Partial<RequestRecord>) => {
	requests[index] = { ...requests[index]!, ...changes };
};

test('A correct push has no violations.', async () => {
	expect(violationsOf(await goodRun())).toEqual([]);
});

test.each<[invariant: number, what: string, spoil: Spoil]>([
	[1, 'an item is lost', ({ result }) => void result.error.pop()],
	[1, 'a row is in two items', ({ result }) => void result.error.push(result.error[0]!)],
	[
		1,
		'an item is linked to a row that does not exist',
		(_w, _r, [a]) => {
			a!.pairedItem = [{ item: 0 }, { item: 99 }];
		},
	],
	[
		2,
		'a customer is both done and unclear',
		({ result }) => {
			(result.error[0]!.json.error as { CustomerId: string }).CustomerId = 'a';
		},
	],
	[
		3,
		'a stored customer is called refused',
		({ result }) => {
			(result.error[0]!.json.error as { outcome: string }).outcome = 'REFUSED';
		},
	],
	[
		4,
		'a customer is called done who was never accepted',
		(_w, requests) => change(requests, 1, { applied: false }),
	],
	[
		4,
		'another set of devices is stored',
		({ simulator }) => void (simulator.bindings as Map<string, []>).set('a', []),
	],
	[
		5,
		'a repeated request has other parameters',
		(_w, requests) => change(requests, 4, { body: requests[4]!.body!.replace('SN-5', 'SN-6') }),
	],
	[
		6,
		'a RequestId occurs twice',
		(_w, requests) => change(requests, 1, { RequestId: requests[0]!.RequestId }),
	],
	[
		6,
		'a pair of Timestamp and Nonce occurs twice',
		(_w, requests) => change(requests, 1, { Timestamp: requests[0]!.Timestamp, Nonce: requests[0]!.Nonce }),
	],
	[6, 'a signature is wrong', (_w, requests) => change(requests, 2, { signatureValid: false })],
	[7, 'the secret is logged', ({ result, simulator }) => tell(result.logs, simulator.appSecret)],
	[
		7,
		'a signature is logged',
		({ result }, [first]) => tell(result.logs, JSON.parse(first!.body!).Signature),
	],
	[
		7,
		'a signature is the hidden cause of an error in an item',
		({ result: { success } }, [first]) => {
			success[0]!.json.error = new Error('failed', {
				cause: { [Symbol('body')]: first!.body },
			}) as never;
		},
	],
	[8, 'a customer gets one request too many', (_w, requests) => void requests.push(unlike(requests[3]!))],
	[
		8,
		'requests start after the cancel',
		(witness) => {
			witness.facts = { ...facts, cancelled: { arrived: 1, underWay: 2 } };
		},
	],
	[10, 'successes change places', ({ result }) => void result.success.reverse()],
	[
		15,
		'the item of one row has all devices of its customer',
		(witness, _r, [a]) => {
			witness.facts = { ...facts, outputItemPer: 'row' };
			a!.json.DeviceInfos = [{}, {}];
		},
	],
	[
		8,
		'requests other than pushes are sent',
		(_w, requests) => {
			for (let more = 0; more < 9; more++) {
				requests.push({ ...unlike(requests[0]!), CustomerId: undefined });
			}
		},
	],
	[
		13,
		"a customer is done by another's answer",
		(_w, requests, [a]) => {
			a!.json.RequestId = requests[1]!.RequestId;
		},
	],
	[
		13,
		"a customer is done by nobody's answer",
		(_w, _r, [a]) => {
			a!.json.RequestId = 'of-nobody';
		},
	],
	[
		13,
		'a customer is done by a response to another request',
		(_w, requests) => change(requests, 0, { outcome: 'fault:body' }),
	],
	[11, 'a success has no Status', (_w, _r, [a]) => void delete a!.json.Status],
	[
		14,
		'a done customer lacks the device of a row that is meant for it',
		(witness) => {
			witness.rows = [...rows, { ...row('"b"', 9), meantFor: 'b' }];
		},
	],
	[
		14,
		'a text that is not an id has devices',
		({ simulator }) => void (simulator.bindings as Map<string, []>).set('C_undefined', []),
	],
	[11, 'a success leaves by the error branch', ({ result }) => void result.error.push(result.success.pop()!)],
])('Invariant %i is violated when %s.', async (invariant, _what, spoil) => {
	const witness = await goodRun();
	spoil(witness, witness.simulator.requests as RequestRecord[], witness.result.success);
	const violated = violationsOf(witness).map((violation) => Number(violation.split(':')[0]));
	expect(violated).toContain(invariant);
});

/** A push with one report for the run: a is done, e unclear after two requests, d withheld. */
async function reportedRun(): Promise<Witness & { simulator: Simulator }> {
	const simulator = await runSimulator({ keepBodies: true, faults: [{ on: 'e', kind: 'applyThenReset' }] });
	const fourRows = [row('a', 1), row('a', 2), row('d', 'no slash'), row('e', 5)];
	const options = { maxAttempts: 2, concurrency: 1, outputItemPer: 'run' };
	const result = await push(fourRows, simulator, { onError: 'continueErrorOutput', options });
	const requests = [...simulator.requests];
	return { rows: fourRows, result, simulator: { ...simulator, requests }, facts: { outputItemPer: 'run' } };
}

type Report = Record<string, number>;

test.each<[what: string, spoil: (report: Report) => void]>([
	[
		'customers',
		(report) => {
			report.Customers!++;
		},
	],
	['Pushed', (report) => swap(report, 'Pushed', 'Due', 'Unchanged')],
	['Unclear', (report) => swap(report, 'Unclear', 'Refused')],
	['Withheld', (report) => swap(report, 'Withheld', 'NotSent')],
	[
		'rows',
		(report) => {
			report.Rows!--;
		},
	],
	[
		'invalid rows',
		(report) => {
			report.InvalidRows!++;
		},
	],
	[
		'Devices',
		(report) => {
			report.Devices!++;
		},
	],
	[
		'Requests',
		(report) => {
			report.Requests!++;
		},
	],
	[
		'Retries',
		(report) => {
			report.Retries!++;
		},
	],
	['Failures', ({ Failures }) => void (Failures as unknown as unknown[]).pop()],
	['Health', (report) => void Object.assign(report, { Health: 'ok' })],
])('Invariant 16 is violated when a report has other %s than there were.', async (_, spoil) => {
	const witness = await reportedRun();
	expect(violationsOf(witness)).toEqual([]);
	spoil(witness.result.success[0]!.json as unknown as Report);
	const violated = violationsOf(witness).map((violation) => Number(violation.split(':')[0]));
	expect(new Set(violated)).toEqual(new Set([16]));
});

test.each(['Records: []', 'another RequestId'])('Invariant 17 is violated by %s.', async (violation) => {
	const witness = await reportedRun();
	const { json } = witness.result.success.find((item) => 'Records' in item.json)!;
	const RequestId = witness.simulator.requests[0]!.RequestId!;
	json.Records = violation === 'Records: []' ? '[]' : String(json.Records).replace(RequestId, 'another');
	expect(violationsOf(witness).map((violation) => violation.slice(0, 2))).toContain('17');
});

function swap(counts: Record<string, number>, from: string, ...increased: string[]): void {
	counts[from]!--;
	counts[increased.at(-1)!]!++;
}

test.each([
	['3 customers, 3 devices pushed. ', 4],
	['0 of 3 customers pushed; 1 unclear; 2 not sent. ', 3],
	['[row 1, a; RequestId r] The connection closed. Tencent may or may not have applied it. ', 3],
	['The service has no such operation', 1],
])('The one error of Stop Workflow is held against the service: %s', async (message, invariant) => {
	const simulator = await runSimulator();
	const refused = { Code: 'UnsupportedOperation', Message: 'locked' };
	simulator.setOptions({ refuseCustomers: { c: refused } });
	const threeRows = [row('a', 1), row('b', 2), row('c', 3)];
	const result = await push(threeRows, simulator, { options: { concurrency: 1 } });
	expect(violationsOf({ rows: threeRows, result, simulator })).toEqual([]);
	result.failure!.message = message;
	expect(violationsOf({ rows: threeRows, result, simulator }).map((violation) => violation[0])).toEqual([
		`${invariant}`,
	]);
});

function tell(logs: Witness['result']['logs'], message: string): void {
	logs.push({ level: 'debug', message, metadata: undefined });
}

/** A copy of a request with new unique parameters. */
function unlike(request: RequestRecord): RequestRecord {
	return { ...request, RequestId: 'another', Nonce: 1 };
}
