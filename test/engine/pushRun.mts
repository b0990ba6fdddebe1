import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { Simulator } from '../../simulator/simulator.mts';
import { reportViolations } from '../invariants/reportViolations.mts';
import { countedBy } from '../invariants/countedRequests.mts';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';
import { runOperation, type OperationRun, type SimulatorAccess } from './operationRun.mts';

/** What a test can change about a push. By default it is a valid workflow on the simulator. */
export interface PushRun extends Omit<OperationRun, 'operation' | 'rows'> {
	/** Raw values of the four columns. Default: columns are mapped by name. */
	columns?: IDataObject;
	/** Raw values of 'Row Handling'. */
	rowHandling?: IDataObject;
	/** Raw values of 'Safety Checks'. */
	safetyChecks?: IDataObject;
	/** Raw values of 'Messages'. */
	messages?: IDataObject;
	/** Default: push. */
	operation?: string;
}

export { errorOf, linksOf } from './outputItems.mts';

/**
 * Runs the built node's Push over the rows, on n8n's engine, against a simulator in this process.
 * @throws Error when the numbers of the run's report do not add up
 */
export async function push(
	rows: IDataObject[],
	simulator: Simulator,
	run: PushRun = {},
): Promise<NodeResult> {
	const before = simulator.requests.length;
	const result = await runPush(rows, simulator, run);
	const requests = countedBy(simulator.requests.slice(before));
	const isRetried = run.retryOnFail !== undefined;
	const violations = reportViolations({ result, rows: rows.length, requests, isRetried });
	if (violations.length > 0) {
		throw new Error(violations.join('\n'));
	}
	return result;
}

/** The same without a check of the report. The simulator may be in another process. */
export async function runPush(
	rows: IDataObject[],
	simulator: SimulatorAccess,
	{
		columns,
		rowHandling = {},
		safetyChecks = {},
		messages = {},
		operation = 'push',
		...runSettings
	}: PushRun = {},
): Promise<NodeResult> {
	const value = (columns ?? null) as Record<string, string> | null;
	return await runOperation(simulator, {
		operation: `deviceBinding.${operation}`,
		rows,
		parameters: {
			columns: { mappingMode: columns ? 'defineBelow' : 'autoMapInputData', value },
			rowHandling: rowHandling as INodeParameters,
			safetyChecks: safetyChecks as INodeParameters,
			messages: messages as INodeParameters,
		},
		...runSettings,
	});
}

/** One good row: `row('a', 1)` is device P/D1 of customer a. */
export function row(CustomerId: string, device: number | string, columns: IDataObject = {}): IDataObject {
	const DeviceId = typeof device === 'number' ? `P/D${device}` : device;
	return { CustomerId, CustomerDeviceNo: `SN-${device}`, DeviceId, ProductName: 'Smart Lock', ...columns };
}
