import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'tls');

/**
 * The certificate a client must trust to reach the simulator over https, for NODE_EXTRA_CA_CERTS or a `ca`
 * option. Self-signed for 127.0.0.1 and localhost, valid from 2020 to 2120. Its key is public, so it is not a CA
 * (CA:FALSE): trusting it lets nobody vouch for any other name.
 */
export const certificatePath: string = join(folder, 'certificate.pem');

/** What https.createServer needs, as PEM text. */
export function readCertificate(): { readonly key: string; readonly cert: string } {
	return {
		key: readFileSync(join(folder, 'key.pem'), 'utf8'),
		cert: readFileSync(certificatePath, 'utf8'),
	};
}
