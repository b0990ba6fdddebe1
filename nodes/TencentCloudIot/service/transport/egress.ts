import { classifyTransportError } from '../transportError';
import { NotSendable, notSent } from '../outcome';
import { systemErrorKind } from './systemError';

/** Looks a host name up, in the form that Node's `net.connect` takes. */
export type Lookup = (
	hostname: string,
	options: { all?: boolean | undefined; family?: number | 'IPv4' | 'IPv6' | undefined },
	callback: (
		cause: (Error & { code?: string | undefined }) | null,
		address: string | Array<{ address: string; family: number }>,
		family?: number,
	) => void,
) => void;

/** The host's egress policy (n8n's egress filter), as far as it is used here. */
export interface EgressFilter {
	validateUrl(url: URL): Promise<{ ok: boolean }>;
	validateConnectionHost?(host: string): { ok: boolean };
	createSecureLookup(): Lookup;
}

/**
 * Checks the host's policy before anything is sent.
 * @throws NotSendable when it does not allow the endpoint, or the endpoint's name cannot be looked up
 */
export async function checkAllowed(endpoint: URL, egressFilter: EgressFilter): Promise<void> {
	// The filter looks the host name up, and throws when that fails.
	const verdict = await egressFilter.validateUrl(endpoint).catch((cause: unknown) => {
		const { code } = cause as { code?: unknown };
		const kind = systemErrorKind(String(code)) ?? 'DNS_NOT_FOUND';
		throw new NotSendable(classifyTransportError({ kind, written: false }), { cause });
	});
	if (!verdict.ok) throw blocked('endpoint');
}

/** The error for an address that the host's policy does not allow. */
export function blocked(what: 'endpoint' | 'proxy'): NotSendable {
	return new NotSendable(
		notSent(
			'EGRESS_BLOCKED',
			`This server's policy does not allow requests to the ${what}.`,
			'Ask the administrator of this n8n to allow the host',
		),
	);
}
