import { parseEndpoint } from '../endpoint';
import type { Outcome } from '../outcome';
import { createFreshness } from '../signing/request';
import { encodeParameters, type SignatureScheme, type Parameters } from '../signing/signature';
import { openHostTransport } from '../transport/openTransport';
import type { TransportOptions } from '../transport/transport';
import { attempt, type Key, type Request } from './attempt';

/** A user is waiting. Milliseconds. */
const TIMEOUT_MS = 15_000;

export interface SingleRequest extends Pick<Request, 'isDone' | 'reads'> {
	connection: Key & { endpoint: string };
	/** The Action and its own parameters. */
	parameters: Parameters;
	/** Signs nested values; without any, every scheme makes the same signature. */
	scheme?: SignatureScheme;
}

/**
 * Sends one signed request outside of a run, while a user sets the node up. It uses the host's own request function, which
 * applies the host's egress policy.
 * @throws NotSendable when the endpoint cannot be used
 */
export async function sendOnce(
	{ connection, parameters, scheme = 'json', isDone, reads }: SingleRequest,
	{ host, clock }: Pick<TransportOptions, 'host' | 'clock'>,
): Promise<Outcome> {
	const endpoint = parseEndpoint(connection.endpoint);
	const transport = await openHostTransport({ endpoint, connections: 1, timeoutMs: TIMEOUT_MS, clock, host });
	const request = { parameters: encodeParameters(parameters), scheme, isDone, reads };
	try {
		const { appKey, appSecret } = connection;
		const fresh = createFreshness(() => clock.nowMs())();
		const { outcome } = await attempt({ appKey, appSecret, transport, clock, host }, request, fresh);
		return outcome;
	} finally {
		await transport.close();
	}
}
