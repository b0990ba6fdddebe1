import type { ExecutionStatus, INodeExecutionData, IRunExecutionData, ITaskData } from 'n8n-workflow';
import { parseFlatted } from './flattedJson.mts';

/** An execution as the REST interface sends it. */
export interface StoredExecution {
	readonly id: string;
	readonly status: ExecutionStatus;
	/** JSON in the format of `parseFlatted`. */
	readonly data: string;
	/** What n8n's list of executions shows and filters by. */
	readonly customData?: Readonly<Record<string, string>>;
}

/** An execution as n8n has stored it. */
export class Execution {
	readonly id: string;
	readonly status: ExecutionStatus;
	/** What n8n's list of executions shows and filters by. */
	readonly customData: Readonly<Record<string, string>>;
	/** Undefined while it is not stored. */
	readonly data: IRunExecutionData | undefined;

	constructor({ id, status, data, customData = {} }: StoredExecution) {
		this.id = id;
		this.status = status;
		this.customData = customData;
		this.data = parseFlatted(data) as IRunExecutionData | undefined;
	}

	/** Whether its result is stored. When it starts, n8n stores a result without any node. */
	get hasData(): boolean {
		const { runData = {}, error } = this.data?.resultData ?? {};
		return error !== undefined || Object.keys(runData).length > 0;
	}

	/** Why the whole execution failed. */
	get failure(): { message: string; description?: string | null | undefined } | undefined {
		return this.data?.resultData?.error;
	}

	/** The runs of a node; empty if it did not run or its result was not stored. */
	runs(node: string): ITaskData[] {
		return this.data?.resultData?.runData?.[node] ?? [];
	}

	/** The output of a node's first run: output 0 is the success branch, 1 the error branch. */
	items(node: string, output = 0): INodeExecutionData[] {
		return this.runs(node)[0]?.data?.main?.[output] ?? [];
	}

	/** The JSON data of those items. */
	json(node: string, output = 0): INodeExecutionData['json'][] {
		return this.items(node, output).map(({ json }) => json);
	}

	/** The messages of the banners above a node's output. */
	hints(node: string): string[] {
		return this.runs(node).flatMap(({ hints = [] }) => hints.map(({ message }) => message));
	}
}
