import type { INodeExecutionData } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import { n8nWorkflow, runNode } from '../../embedded/embeddedEngine.mts';
import { nodeThat } from './throwAwayNode.mts';

const rows = [{ customer: 'A' }, { customer: 'B' }];
const retryOnFail = { maxTries: 3, waitBetweenTries: 1 };

type ErrorValue = INodeExecutionData['json'][string];

/** A node that counts its attempts in its context and fails in the given way; `attempts` collects what it saw. */
function countingNode(fail: 'throw' | { error: ErrorValue } | 'not at all', onAttempt = () => {}) {
	const attempts: Array<{ before: unknown; aborted: boolean | undefined }> = [];
	const nodeType = nodeThat(async function () {
		const context = this.getContext('node');
		const aborted = this.getExecutionCancelSignal()?.aborted;
		attempts.push({ before: context.attempts ?? 0, aborted });
		context.attempts = attempts.length;
		this.addExecutionHints({ message: `Attempt ${attempts.length}` });
		onAttempt();
		if (fail === 'throw') {
			throw new n8nWorkflow.UserError('No way');
		}
		const json = fail === 'not at all' ? { status: 'OK' } : { error: fail.error };
		return [[{ json, pairedItem: 0 }]];
	});
	return { nodeType, attempts };
}

describe('Retry On Fail runs the whole node again', () => {
	test.each(['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const)(
		'when it throws, with On Error %s.',
		async (onError) => {
			const { nodeType, attempts } = countingNode('throw');
			await runNode({ rows, nodeType, onError, retryOnFail });
			expect(attempts).toHaveLength(3);
		},
	);

	test.each<ErrorValue>(['Refused', { message: 'Refused' }, '', 0])(
		'when the first item has the error %j.',
		async (error) => {
			const { nodeType, attempts } = countingNode({ error });
			await runNode({ rows, nodeType, onError: 'continueErrorOutput', retryOnFail });
			expect(attempts).toHaveLength(3);
		},
	);

	test.each<ErrorValue>([null, undefined, false])(
		'but not when the first item has the error %j.',
		async (error) => {
			const { nodeType, attempts } = countingNode({ error });
			await runNode({ rows, nodeType, retryOnFail });
			expect(attempts).toHaveLength(1);
		},
	);

	test('but not when only a later item has an error.', async () => {
		let attempts = 0;
		const nodeType = nodeThat(async () => {
			attempts++;
			return [[{ json: { status: 'OK' } }, { json: { error: { message: 'Refused' } } }]];
		});
		await runNode({ rows, nodeType, onError: 'continueErrorOutput', retryOnFail });
		expect(attempts).toBe(1);
	});

	test('with the context of the earlier attempts, and stores only the last attempt.', async () => {
		const { nodeType, attempts } = countingNode({ error: 'Refused' });
		const result = await runNode({ rows, nodeType, retryOnFail });
		expect(attempts.map(({ before }) => before)).toEqual([0, 1, 2]);
		expect(result.runs).toHaveLength(1);
		expect(result.hints).toEqual([{ message: 'Attempt 3' }]);
	});
});

test("n8n's own Retry of a failed execution is a new execution with the context of the failed one.", async () => {
	const seen: unknown[] = [];
	const nodeType = nodeThat(async function () {
		const context = this.getContext('node');
		seen.push([
			this.getWorkflowDataProxy(0).$runIndex,
			this.getMode(),
			context.by,
			this.getInputData()[0]?.json,
		]);
		const by = this.getExecutionId();
		if (context.by === undefined) {
			context.by = by;
			throw new n8nWorkflow.UserError('No way');
		}
		expect(by).not.toBe(context.by);
		return [[]];
	});
	const { saved, status } = await runNode({ rows, nodeType });
	expect(status).toBe('error');
	const { by } = saved.data.executionData?.contextData['node:Node'] as { by: string };
	const retried = await runNode({ rows, nodeType, retryOf: saved });
	expect(retried.status).toBe('success');
	expect(seen).toEqual([
		[0, 'manual', undefined, rows[0]],
		[0, 'retry', by, rows[0]],
	]);
});

describe('Cancelling', () => {
	/** Runs a node that cancels the execution at its first attempt. */
	async function cancelDuring(fail: 'throw' | { error: ErrorValue } | 'not at all') {
		const stop = new AbortController();
		const { nodeType, attempts } = countingNode(fail, () => stop.abort());
		const result = await runNode({ rows, nodeType, retryOnFail, signal: stop.signal });
		return { ...result, attempts };
	}

	test('stores the execution before the node returns, so the output of the node is lost.', async () => {
		const { status, saved, run, success } = await cancelDuring('not at all');
		expect(status).toBe('canceled');
		expect(saved.data.resultData.runData).not.toHaveProperty('Node');
		expect(run.data.resultData.runData).toHaveProperty('Node');
		expect(success).toEqual([]);
	});

	test('stores the context of the node as it is at that moment.', async () => {
		const { saved, run } = await cancelDuring('throw');
		expect(saved.data.executionData?.contextData).toEqual({ 'node:Node': { attempts: 1 } });
		expect(run.data.executionData?.contextData).toEqual({ 'node:Node': { attempts: 3 } });
	});

	test.each(['throw', { error: 'Refused' }] as const)(
		'does not keep Retry On Fail from running the node again after %j, with an aborted signal.',
		async (fail) => {
			const { attempts } = await cancelDuring(fail);
			expect(attempts.map(({ aborted }) => aborted)).toEqual([false, true, true]);
		},
	);

	test("happens by itself when the workflow's timeout expires while the node is running.", async () => {
		const nodeType = nodeThat(async function () {
			const signal = this.getExecutionCancelSignal();
			await new Promise((resolve) => signal?.addEventListener('abort', resolve));
			return [[{ json: {} }]];
		});
		const result = await runNode({ rows, nodeType, executionTimeoutSeconds: 0.1 });
		expect(result.status).toBe('canceled');
		expect(result.run.data.resultData.error?.message).toContain('timed out');
	});
});
