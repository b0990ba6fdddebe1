import type { RequestRecord } from '../../simulator/simulator.mts';
import { pushesOf, type Witness } from './witness.mts';

/** Invariants 5, 6 and 8: repeats are identical, every request is the only one of its kind, and there are not too many. */
export function requestViolations({ simulator, facts = {} }: Witness): string[] {
	const { requests } = simulator;
	const { mostRequestsPerCustomer, mostSigningTries = 0, cancelled, isSignedRight } = facts;
	const pushes = pushesOf(simulator);
	const violations = [
		...changedRepeats(pushes),
		...repeated(
			'RequestId',
			requests.map(({ RequestId }) => String(RequestId)),
		),
		...repeated(
			'Timestamp and Nonce',
			requests.map(({ Timestamp, Nonce }) => `${Timestamp}/${Nonce}`),
		),
		...requests.flatMap((request) =>
			isSignedRight && !request.signatureValid ? [`6: request ${request.index} is signed wrongly`] : [],
		),
	];
	if (mostRequestsPerCustomer !== undefined) {
		violations.push(...tooMany(pushes, mostRequestsPerCustomer + mostSigningTries));
	}
	if (pushes.length * 2 < requests.length) {
		violations.push('8: requests other than pushes were sent');
	}
	if (cancelled !== undefined && requests.length > cancelled.arrived + cancelled.underWay) {
		violations.push(`8: ${requests.length - cancelled.arrived} requests arrived after the cancel`);
	}
	return violations;
}

/** Without bodies (the simulator keeps them only with `keepBodies`) there is nothing to compare. */
function changedRepeats(requests: readonly RequestRecord[]): string[] {
	const payloads = new Map<string, string>();
	return requests.flatMap(({ body, CustomerId = '', index }) => {
		if (body === undefined) {
			return [];
		}
		const payload = payloadOf(body);
		const first = payloads.get(CustomerId) ?? payload;
		payloads.set(CustomerId, first);
		return first === payload ? [] : [`5: request ${index} changes what was sent for ${CustomerId}`];
	});
}

/** A body without the parameters that make each request unique. */
export function payloadOf(body: string): string {
	const { RequestId, Timestamp, Nonce, Signature, ...payload } = JSON.parse(body) as Record<string, unknown>;
	for (const unique of [RequestId, Timestamp, Nonce, Signature]) {
		if (unique === undefined) {
			return 'incomplete';
		}
	}
	return JSON.stringify(payload);
}

function repeated(label: string, values: readonly string[]): string[] {
	const count = values.length - new Set(values).size;
	return count === 0 ? [] : [`6: ${label} was repeated ${count} times`];
}

function tooMany(requests: readonly RequestRecord[], most: number): string[] {
	const counts = new Map<string, number>();
	for (const { CustomerId = '' } of requests) {
		counts.set(CustomerId, (counts.get(CustomerId) ?? 0) + 1);
	}
	return [...counts].flatMap(([id, count]) =>
		count > most ? [`8: ${count} requests for ${id}, at most ${most} are allowed`] : [],
	);
}
