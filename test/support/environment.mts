import { afterEach, beforeEach } from '@jest/globals';

const NAMES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [
	name,
	name.toUpperCase(),
]);

/** Removes this machine's proxy settings for each test of a file. Returns a function that sets others. */
export function withoutProxies(): (name: string, value: string) => void {
	const before = new Map<string, string | undefined>();
	beforeEach(() => {
		for (const name of NAMES) {
			before.set(name, process.env[name]);
			delete process.env[name];
		}
	});
	afterEach(() => {
		for (const [name, value] of before) {
			if (value === undefined) {
				delete process.env[name];
			} else {
				process.env[name] = value;
			}
		}
	});
	return (name, value) => {
		process.env[name] = value;
	};
}
