import type { Witness } from './witness.mts';

/** Invariant 7: no secret and no signature stands in items, errors, hints, logs or anything else that n8n stores. */
export function secretViolations({ result, simulator, known = {} }: Witness): string[] {
	const { success, error, failure, hints, runs, logs, saved } = result;
	const told = JSON.stringify({ success, error, failure, hints, runs, logs, saved });
	const secrets = [simulator.appSecret, '"Signature"', 'Signature=', ...(known.secrets ?? [])];
	return [...secrets, ...signaturesOf(simulator)].flatMap((secret) =>
		told.includes(JSON.stringify(secret).slice(1, -1)) ? [`7: ${secret} is shown`] : [],
	);
}

/** Known of a simulator that keeps bodies. */
function signaturesOf({ requests }: Witness['simulator']): string[] {
	return requests.flatMap(({ body }) => {
		const { Signature } = JSON.parse(body ?? '{}') as { Signature?: unknown };
		return typeof Signature === 'string' ? [Signature] : [];
	});
}
