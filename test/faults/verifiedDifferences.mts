import type { FaultRow } from './faultRow.mts';

/** How the build on n8n's request function differs, and why. */
interface Difference extends Pick<FaultRow, 'word' | 'says'>, Partial<Pick<FaultRow, 'advice' | 'requests'>> {
	reason: string;
}

const UNSEEN = "n8n's request function does not show whether a connection was open before the fault.";
const NO_TUNNEL =
	"n8n's request function treats the response of a proxy that refuses the tunnel as the endpoint's response.";

/** By the name of the fault; all other rows are the same for both builds. */
export const verifiedDifferences: Readonly<Record<string, Difference>> = {
	'a host that does not respond to connection attempts': {
		word: 'UNKNOWN RESPONSE_TIMEOUT',
		says: 'The request timed out before a complete response arrived. Tencent may or may not have applied it.',
		reason: UNSEEN,
	},
	'a reset of the connection right after it opens': {
		word: 'UNKNOWN CONNECTION_RESET',
		says: 'The connection closed before a complete response arrived. Tencent may or may not have applied it.',
		reason: UNSEEN,
	},
	'a server that requires a client certificate': {
		word: 'UNKNOWN CLIENT_CERTIFICATE',
		says: 'The endpoint requires a client certificate, which this node does not send. Tencent may or may not have applied it.',
		advice: 'Check the endpoint in the credential',
		reason: 'undici reports a closed connection if TLS 1.3 sends its alert after the handshake.',
	},
	'a port that speaks plain HTTP instead of TLS': {
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
