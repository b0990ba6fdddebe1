import { InputError } from './inputError.mts';

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Checks the value of --endpoint by the node's own conditions, before anything is started.
 *
 * @throws InputError when nothing could be sent there
 */
export function readEndpoint(text: string): { href: string; isLoopback: boolean } {
	const refuse = (why: string) => new InputError(`--endpoint "${text}" cannot be used: ${why}.`);
	if (!URL.canParse(text)) throw refuse('it is not a web address such as https://example.com/path');
	const url = new URL(text);
	const isLoopback = LOOPBACK_HOST.test(url.hostname);
	if (url.protocol !== 'https:' && !(isLoopback && url.protocol === 'http:')) {
		throw refuse('it must start with https://, or with http:// on this machine itself');
	}
	// Without the address, which would put the login on the screen.
	if (url.username !== '' || url.password !== '') throw new InputError('--endpoint must not hold a login.');
	if (url.search !== '' || url.hash !== '') throw refuse('it must have no query and no fragment');
	return { href: url.href, isLoopback };
}
