/**
 * How requests travel. The build of the package for verified nodes puts the other transport, `host/hostTransport`, in
 * the place of this one; nothing else knows which it is.
 * @throws NotSendable when the endpoint, the proxy or the host's policy does not allow any request
 */
export { openPoolTransport as openTransport } from './pool/poolTransport';

/** How the editor's requests travel in either build: n8n has a policy for them that only its own function keeps to. */
export { openHostTransport } from './host/hostTransport';
