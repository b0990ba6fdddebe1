import { expect, test } from '@jest/globals';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import type { SimulatorOptions } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { customerCases } from './customerCases.mts';
import { deviceCases } from './deviceCases.mts';
import { deviceDataCases } from './deviceDataCases.mts';
import { runOperation, type OperationRun } from './operationRun.mts';
import { errorOf, row } from './pushRun.mts';
import { contents } from './serviceContents.mts';

type Outcome = [string, SimulatorOptions, ICredentialDataDecryptedObject?];

const automatic = { nestedRule: 'automatic' };
const first = ({ index }: { index: number }) => index === 0;

const THROTTLED = { Code: 'RequestLimitExceeded', Message: 'Too many requests' };

const OUTCOMES: Outcome[] = [
	['is done', {}],
	['has a wrong secret', {}, { appSecret: 'wrong' }],
	['has a wrong secret and looks for a scheme', {}, { appSecret: 'wrong', ...automatic }],
	['has a wrong App Key', {}, { appKey: 'wrong' }],
	['looks for the scheme', { nestedRule: 'goFmt' }, automatic],
	['has another scheme', { nestedRule: 'goFmt' }],
	['has a wrong clock', { clockSkewSeconds: 900 }],
	[
		'is refused',
		{ faults: [{ kind: 'error', Code: 'InvalidParameterValue', Message: 'no', on: () => true }] },
	],
	['is throttled once', { faults: [{ kind: 'error', ...THROTTLED, on: first }] }],
	['is throttled to the end', { faults: [{ kind: 'error', ...THROTTLED, on: () => true }] }],
	['gets no response once', { faults: [{ kind: 'reset', on: first }] }],
	['gets no response', { faults: [{ kind: 'reset', on: () => true }] }],
	[
		'has its signature refused once',
		{ faults: [{ kind: 'error', Code: 'AuthFailure.SignatureFailure', Message: 'Signature', on: first }] },
		automatic,
	],
];

const binding = (operation: string, options = {}): OperationRun => ({
	operation: `deviceBinding.${operation}`,
	parameters: { columns: { mappingMode: 'autoMapInputData', value: null } },
	rows: [row('a', 1), row('b', 2), row('a', 3)],
	options,
});
/** A read, a list, what may happen once only, and what is idempotent: whichever it is of its kind, it is sent alike. */
const KINDS = ['device.get', 'customer.getMany', 'order.create', 'deviceData.report'];
const CASES: OperationRun[] = [
	...[...customerCases, ...deviceCases, ...deviceDataCases]
		.filter(({ operation }) => KINDS.includes(operation))
		.map(({ operation, parameters }) => ({ operation, parameters })),
	binding('push'),
	binding('push', { outputItemPer: 'run' }),
];
const SYNCS = [binding('sync'), binding('sync', { outputItemPer: 'run' })];

/** The operation, how many requests its items or its report tell of, and how many the service had. */
async function countsOf(
	run: OperationRun,
	options: SimulatorOptions,
	credential: ICredentialDataDecryptedObject,
): Promise<[string, number | undefined, number]> {
	const simulator = await runSimulator({ ...contents, ...options });
	const result = await runOperation(simulator, { ...run, credential, onError: 'continueErrorOutput' });
	const items = [...result.success, ...result.error];
	const [report] = items.flatMap(({ json }) =>
		json['Requests'] === undefined ? [] : [Number(json['Requests'])],
	);
	const counts = items.map((item) => Number(errorOf(item)?.['attempts'] ?? item.json['Attempts']));
	const sum = counts.reduce((all, count) => all + count, 0);
	// The records of a list say nothing of requests.
	const told = report ?? (counts.length === 0 || Number.isNaN(sum) ? undefined : sum);
	return [run.operation, told, simulator.requests.length];
}

test.each(OUTCOMES.map(([name, options, credential = {}]) => [name, options, credential] as const))(
	'Whatever operation %s, it says as many requests as the service had.',
	async (_, options, credential) => {
		const seen = await Promise.all(CASES.map(async (run) => await countsOf(run, options, credential)));
		// In one process a Sync leaves where another one of its node is under way.
		for (const run of SYNCS) seen.push(await countsOf(run, options, credential));
		expect(seen.map(([name, told, had]) => [name, told ?? had])).toEqual(
			seen.map(([name, , had]) => [name, had]),
		);
	},
	120_000,
);
