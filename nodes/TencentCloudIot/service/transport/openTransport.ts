/**
 * How requests travel. The build of the package for verified nodes puts the other transport, `host/hostTransport`, in
 * the place of this one; nothing else knows which it is.
 * @throws NotSendable when the endpoint, the proxy or the host's policy does not allow any request
 */
export { openPoolTransport as openTransport } from './pool/poolTransport';
