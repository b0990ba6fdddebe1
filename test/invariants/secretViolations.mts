import { inspect } from 'node:util';
import type { Witness } from './witness.mts';

/** Invariant 7: no secret and no signature is in items, errors, hints, logs or anything else that n8n stores. */
export function secretViolations({ result, simulator, facts = {} }: Witness): string[] {
	const stored = allOf(result);
	const secrets = [simulator.appSecret, '"Signature"', 'Signature:', 'Signature=', ...(facts.secrets ?? [])];
	return [...secrets, ...signaturesOf(simulator)].flatMap((secret) =>
		stored.includes(secret) ? [`7: ${secret} is shown`] : [],
	);
}

/** Everything reachable from a value, as text: own members of any kind and causes, including those that JSON leaves out. */
export function allOf(value: unknown): string {
	const everything = {
		showHidden: true,
		depth: null,
		maxArrayLength: null,
		maxStringLength: null,
		breakLength: Infinity,
	};
	return inspect(value, everything);
}

/** Needs a simulator that keeps bodies. */
function signaturesOf({ requests }: Witness['simulator']): string[] {
	return requests.flatMap(({ body }) => {
		const { Signature } = JSON.parse(body ?? '{}') as { Signature?: unknown };
		return typeof Signature === 'string' ? [Signature] : [];
	});
}
