import type { FaultRow } from './faultRow.mts';

/** What the build over n8n's request function says otherwise, and why. */
interface Difference extends Pick<FaultRow, 'word' | 'says'>, Partial<Pick<FaultRow, 'advice' | 'requests'>> {
	reason: string;
}

const UNSEEN = "n8n's request function does not tell whether a connection was there before the fault.";
const NO_TUNNEL =
	"n8n's request function takes the answer of a proxy that opens no way to the endpoint for that of the endpoint.";

/** By the fault's name in the rows; every other row says the same on both builds. */
export const verifiedDifferences: Readonly<Record<string, Difference>> = {
	'a host that answers no connection attempt': {
		word: 'UNKNOWN RESPONSE_TIMEOUT',
		says: 'The request timed out before a complete response arrived. Tencent may or may not have applied it.',
		reason: UNSEEN,
	},
	'a reset of the connection as soon as it is open': {
		word: 'UNKNOWN CONNECTION_RESET',
		says: 'The connection closed before a complete response arrived. Tencent may or may not have applied it.',
		reason: UNSEEN,
	},
	'a server that requires a client certificate': {
		word: 'UNKNOWN CLIENT_CERTIFICATE',
		says: 'The endpoint requires a client certificate, which this node does not send. Tencent may or may not have applied it.',
		advice: 'Check the endpoint in the credential',
		reason: 'undici reports a closed connection where TLS 1.3 sends its alert after the handshake.',
	},
	'a port that speaks plain HTTP where TLS is due': {
		word: 'UNKNOWN NO_TLS',
		says: 'The endpoint does not speak TLS as expected. Tencent may or may not have applied it.',
		reason: UNSEEN,
	},
	'a proxy that asks for a login (407)': {
		word: 'REFUSED HTTP_407',
		says: 'The endpoint responded with HTTP status 407. Tencent refused it; nothing was changed.',
		advice: 'Check the endpoint',
		reason: NO_TUNNEL,
	},
	'a proxy that does not reach the endpoint (502)': {
		word: 'UNKNOWN HTTP_502',
		says: 'The endpoint responded with HTTP status 502. Tencent may or may not have applied it.',
		advice: 'Try again',
		reason: NO_TUNNEL,
	},
};
