import { expect } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import type { Simulator } from '../simulator/simulator.mts';
import { errorOf, linksOf } from './pushRun.mts';
import type { NodeResult } from './runWorkflow.mts';

/** What must hold after every push that returned items, whatever happened on the way. */
export function expectNothingLost(
	result: NodeResult,
	rows: readonly IDataObject[],
	simulator: Simulator,
): void {
	const items = [...result.success, ...result.error];
	const done = items.filter((item) => errorOf(item) === undefined);
	const failed = items.map(errorOf).filter((error) => error !== undefined);

	const linked = items.flatMap(linksOf).sort((a, b) => a - b);
	expect(linked).toEqual([...rows.keys()]);

	const accepted = new Set(
		simulator.requests.filter(({ applied }) => applied).map(({ CustomerId }) => CustomerId),
	);
	const claimed = new Set(done.map(({ json }) => json.CustomerId));
	const unclear = new Set(
		failed.filter(({ outcome }) => outcome === 'UNKNOWN').map(({ CustomerId }) => CustomerId),
	);
	for (const CustomerId of accepted)
		expect(claimed.has(CustomerId ?? '') || unclear.has(CustomerId ?? '')).toBe(true);
	for (const CustomerId of claimed) expect(accepted).toContain(CustomerId);

	for (const { json } of done) expect(json.Status).toBe('OK');
	const requestIds = simulator.requests.map(({ RequestId }) => RequestId);
	expect(new Set(requestIds).size).toBe(requestIds.length);
	const nonces = simulator.requests.map(({ Timestamp, Nonce }) => `${Timestamp}/${Nonce}`);
	expect(new Set(nonces).size).toBe(nonces.length);
	expectNoSecrets(result, simulator);
}

/** Neither the App Secret nor any Signature stands in items, errors, hints or logs. */
export function expectNoSecrets(result: NodeResult, simulator: Simulator): void {
	const { success, error, failure, hints, runs, logs } = result;
	const told = JSON.stringify({ success, error, failure, hints, runs, logs });
	expect(told).not.toContain(simulator.appSecret);
	expect(told).not.toContain('"Signature"');
	for (const { body } of simulator.requests) {
		const { Signature } = JSON.parse(body ?? '{}') as { Signature?: string };
		if (Signature) expect(told).not.toContain(JSON.stringify(Signature).slice(1, -1));
	}
}
