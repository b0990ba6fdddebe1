import crypto from 'node:crypto';
import type { INodeType } from 'n8n-workflow';

/** How often a node did its most expensive work. */
export interface WorkCounts {
	hmacs: number;
	/** Lists of devices converted to JSON. */
	deviceSerialisations: number;
	/** Expressions that the engine evaluated for the node. */
	evaluations: number;
	/** Parameters that the node read from the engine. */
	parameterReads: number;
}

/** The node type, counting its work while it executes. Nothing else in this process may sign at the same time. */
export function countWork(nodeType: INodeType): { nodeType: INodeType; counts: WorkCounts } {
	const counts: WorkCounts = { hmacs: 0, deviceSerialisations: 0, evaluations: 0, parameterReads: 0 };
	const execute = nodeType.execute!;
	nodeType.execute = async function () {
		const restore = [
			spyOn(crypto, 'createHmac', () => {
				counts.hmacs++;
			}),
			spyOn(JSON, 'stringify', ([value]) => {
				if (isDeviceList(value)) {
					counts.deviceSerialisations++;
				}
			}),
			spyOn(this, 'evaluateExpression', () => {
				counts.evaluations++;
			}),
			spyOn(this, 'getNodeParameter', () => {
				counts.parameterReads++;
			}),
		];
		try {
			return await execute.call(this);
		} finally {
			for (const undo of restore) {
				undo();
			}
		}
	};
	return { nodeType, counts };
}

/** Calls `onCall` before each call of a function, until the returned function is called. */
function spyOn<T extends object>(owner: T, name: keyof T, onCall: (args: unknown[]) => void): () => void {
	const original = owner[name] as (...args: unknown[]) => unknown;
	const spied = function (this: unknown, ...args: unknown[]) {
		onCall(args);
		return original.apply(this, args);
	};
	owner[name] = spied as T[keyof T];
	return () => {
		owner[name] = original as T[keyof T];
	};
}

function isDeviceList(value: unknown): boolean {
	const [first] = Array.isArray(value) ? value : [];
	return typeof first === 'object' && first !== null && 'DeviceId' in first;
}
