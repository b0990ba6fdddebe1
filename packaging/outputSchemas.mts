import type { IDataObject, INodeParameters } from 'n8n-workflow';
import {
	loadBuiltNode,
	runNode,
	createProcessedData,
	type NodeOptions,
} from '../embedded/embeddedEngine.mts';
import { startSimulator, type SimulatorOptions } from '../simulator/simulator.mts';
import { brokenService, CONTENTS, outputCases, refusesOnce, ROWS } from './outputCases.mts';
import { inferSchema, type ObjectSchema } from './inferSchema.mts';

/** Where n8n reads the schemas, for version 1 of the node. */
export const SCHEMA_FOLDER = 'nodes/TencentCloudIot/__schema__/v1.0.0';

/** @param name e.g. `deviceBinding.sync` */
export const schemaFile = (name: string) => `${name.replace('.', '/')}.json`;

export const schemaText = (schema: ObjectSchema) => `${JSON.stringify(schema, null, '\t')}\n`;

type Clock = SimulatorOptions['clock'];
type Load = () => ReturnType<typeof loadBuiltNode>;

/** One Action that does not exist, and one that is not permitted. */
const REFUSED_ACTIONS = {
	ServiceGetOrderList: { Code: 'InvalidAction', Message: 'Action 非法' },
	ServiceBindDevice: { Code: 'UnauthorizedOperation', Message: '未授权' },
};

/** After a refused signature, each operation checks the key with a separate request. */
const refusesSignatures = {
	kind: 'error' as const,
	Code: 'InvalidParameterValue',
	Message: 'Signature 无效',
	on: () => true,
};

/** Enough for the safety checks of Sync. */
const MANY = 60;

/**
 * The schema of each operation's items, which n8n's editor reads from `__schema__` to offer their members before
 * the node has run. Derived from runs of the built node on n8n's engine, against the simulator.
 *
 * @param loadNode returns new instances of the built node and its credential type
 * @param clock the service's clock; by default this machine's
 * @returns by `resource.operation`
 */
export async function outputSchemas(loadNode: Load, clock?: Clock): Promise<Map<string, ObjectSchema>> {
	const schemas = new Map<string, ObjectSchema>();
	for (const [name, runs] of outputCases(loadNode().nodeType.description.properties)) {
		const items: IDataObject[] = [];
		for (const fields of runs) {
			const outputs = name.startsWith('sync.') ? outputsOfKept : outputsOf;
			items.push(...(await outputs(name, fields, clock, loadNode)));
		}
		schemas.set(name, withErrorLast(inferSchema(items)));
	}
	return schemas;
}

/** The items of an operation on the state of Sync: before any run, after a run that sent, and after a stopped run. */
async function outputsOfKept(
	name: string,
	fields: INodeParameters,
	clock: Clock,
	loadNode: Load,
): Promise<IDataObject[]> {
	const simulator = await startSimulator({ ...CONTENTS, clock });
	const processedData = createProcessedData();
	const credentials = credentialsFor(simulator);
	const outputs: IDataObject[] = [];
	const run = async (
		resource: string,
		operation: string,
		rows: IDataObject[],
		parameters: INodeParameters,
	) => {
		const { success } = await runNode({
			...loadNode(),
			rows,
			parameters: { resource, operation, ...parameters },
			credentials,
			onError: 'continueRegularOutput',
			processedData,
			mode: 'trigger',
		});
		return success.map(({ json }) => json);
	};
	const sync = async (serial: string) => {
		const rows = Array.from({ length: MANY }, (_, index) => ({
			id: `m${index}`,
			serial,
			path: `P/${index}`,
		}));
		const options = { requestsPerSecond: 0, maxAttempts: 2, outputItemPer: 'run' };
		const [fieldsOfSync] =
			outputCases(loadNode().nodeType.description.properties).get('deviceBinding.sync') ?? [];
		await run('deviceBinding', 'sync', rows, { ...fieldsOfSync, options });
	};
	const [resource = '', operation = ''] = name.split('.');
	const ask = async () => {
		const sent = { Health: 'ok', News: false };
		for (const input of [sent, { statusCode: 200 }]) {
			outputs.push(...(await run(resource, operation, [input], fields)));
		}
	};
	try {
		await ask();
		for (const serial of ['SN', 'SN', 'other']) {
			await sync(serial);
			await ask();
		}
	} finally {
		await simulator.close();
	}
	return outputs;
}

function credentialsFor({ appKey, appSecret, endpoint }: Awaited<ReturnType<typeof startSimulator>>) {
	return {
		appKey,
		appSecret,
		platform: 'custom',
		endpoint,
		nestedRule: 'json',
		allowedActions: 'everything',
	};
}

interface Run {
	service: SimulatorOptions;
	options?: IDataObject;
	settings?: Partial<NodeOptions>;
	/** The rows of each execution, in order. */
	executions?: ReadonlyArray<readonly IDataObject[]>;
}

/** Items of the operation in all of their forms. */
async function outputsOf(
	name: string,
	fields: INodeParameters,
	clock: Clock,
	loadNode: Load,
): Promise<IDataObject[]> {
	const service = { ...CONTENTS, clock };
	const broken = { ...service, faults: brokenService };
	const many = Array.from({ length: MANY }, (_, index) => ({
		id: `m${index}`,
		serial: 'SN',
		path: `P/${index}`,
	}));
	const runs: Run[] = [
		{ service: broken, options: { includeDevices: true, includeSecrets: true } },
		{
			service: { ...service, faults: refusesOnce },
			settings: { onError: 'stopWorkflow', retryOnFail: { maxTries: 2, waitBetweenTries: 1 } },
			executions: [ROWS.slice(0, 3)],
		},
		{ service: broken, options: { outputItemPer: 'row' } },
		{ service: { ...service, faults: [refusesSignatures] } },
		// The first request only shows that this machine's clock is off.
		{ service: { ...service, clockSkewSeconds: 900 } },
	];
	if (name.startsWith('deviceBinding.')) {
		runs.push(
			{ service: broken, options: { outputItemPer: 'run' }, executions: [ROWS, ROWS, ROWS.slice(1)] },
			// Sync's safety checks stop the second and the third execution and name a plan: all numbers differ; half of the customers are
			// missing, and their devices belong to others.
			{
				service,
				options: { outputItemPer: 'run', compare: ['customers', 'devices', 'orders'] },
				executions: [
					many,
					[...many.map((row) => ({ ...row, serial: 'other' })), { id: 'x', path: '' }],
					many.slice(MANY / 2).map((row, index) => ({ ...row, path: `P/${index}` })),
				],
			},
		);
	}
	if (name === 'account.check') {
		runs.push(
			{ service, options: { productId: 'P' } },
			{ service: { ...service, habits: { refuseActions: REFUSED_ACTIONS } } },
			{ service: { ...service, faults: [{ kind: 'reset', on: () => true }] } },
			{ service: { ...service, faults: [{ kind: 'status', status: 502, on: () => true }] } },
		);
	}
	const outputs: IDataObject[] = [];
	for (const run of runs) {
		outputs.push(...(await outputsOfRun(name, fields, run, loadNode)));
	}
	return outputs;
}

async function outputsOfRun(
	name: string,
	fields: INodeParameters,
	{ service, options, settings, executions = [ROWS] }: Run,
	loadNode: Load,
): Promise<IDataObject[]> {
	const [resource = '', operation = ''] = name.split('.');
	const simulator = await startSimulator(service);
	const processedData = createProcessedData();
	const outputs: IDataObject[] = [];
	try {
		for (const rows of executions) {
			const { success } = await runNode({
				...loadNode(),
				rows: [...rows],
				parameters: {
					resource,
					operation,
					...fields,
					options: { requestsPerSecond: 0, concurrency: 1, maxAttempts: 2, ...options } as INodeParameters,
				},
				credentials: credentialsFor(simulator),
				onError: 'continueRegularOutput',
				processedData,
				...settings,
			});
			outputs.push(...success.map(({ json }) => withoutColumns(json)));
		}
	} finally {
		await simulator.close();
	}
	return outputs;
}

/** Removes the row's own columns from its item: they differ from workflow to workflow. */
function withoutColumns(json: IDataObject): IDataObject {
	const columns = new Set(Object.keys(ROWS[0]!));
	return Object.fromEntries(Object.entries(json).filter(([name]) => !columns.has(name)));
}

/** The editor shows members in this order, and the error has many. */
function withErrorLast({ type, properties: { error, ...beforeError } }: ObjectSchema): ObjectSchema {
	return { type, properties: error === undefined ? beforeError : { ...beforeError, error } };
}
