/**
 * The transport of a run. The build for verified nodes replaces it with `transport/host/hostTransport`; no other code knows which one
 * it uses.
 * @throws NotSendable when the endpoint, the proxy or the host's policy does not allow any request
 */
export { openPoolTransport as openTransport } from '../transport/pool/poolTransport';

/** The transport of the editor's requests in both builds: only n8n's own function applies n8n's policy for them. */
export { openHostTransport } from '../transport/host/hostTransport';
