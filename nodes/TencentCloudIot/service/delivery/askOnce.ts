import { parseEndpoint } from '../endpoint';
import type { Outcome } from '../outcome';
import { createFreshness } from '../signing/request';
import { encodeParameters, type NestedRule, type Parameters } from '../signing/signature';
import { openHostTransport } from '../transport/openTransport';
import type { TransportOptions } from '../transport/transport';
import { attempt, type Key, type Request } from './attempt';

/** A user waits for it. Milliseconds. */
const TIMEOUT_MS = 15_000;

export interface Question extends Pick<Request, 'isDone' | 'reads'> {
	connection: Key & { endpoint: string };
	/** The Action and its own parameters. */
	parameters: Parameters;
	/** How nested ones are signed; where there are none, every rule makes the same signature. */
	nestedRule?: NestedRule;
}

/**
 * Makes one signed request outside of a run, while a user sets the node up: through the host's own request function, which
 * keeps to the policy of the host on where requests may go.
 * @throws NotSendable when the endpoint cannot be used
 */
export async function askOnce(
	{ connection, parameters, nestedRule = 'json', isDone, reads }: Question,
	{ host, clock }: Pick<TransportOptions, 'host' | 'clock'>,
): Promise<Outcome> {
	const endpoint = parseEndpoint(connection.endpoint);
	const transport = await openHostTransport({ endpoint, connections: 1, timeoutMs: TIMEOUT_MS, clock, host });
	const request = { parameters: encodeParameters(parameters), nestedRule, isDone, reads };
	try {
		return await attempt(transport, request, createFreshness(() => clock.nowMs())(), connection);
	} finally {
		await transport.close();
	}
}
