import dns from 'node:dns';

/** The reply of a name service: an address of this machine, or an error code. */
type Reply = { address: string } | { code: string };

/** Gives every DNS lookup in this process this reply, until the returned function is called. */
export function replaceNameService(reply: Reply): () => void {
	const before = dns.lookup;
	const lookup = (_name: string, options: { all?: boolean }, done: (...args: unknown[]) => void) => {
		setImmediate(() => {
			if ('code' in reply) {
				done(Object.assign(new Error(reply.code), { ...reply, syscall: 'getaddrinfo' }));
			} else if (options.all) {
				done(null, [{ ...reply, family: 4 }]);
			} else {
				done(null, reply.address, 4);
			}
		});
	};
	Object.assign(dns, { lookup });
	return () => void Object.assign(dns, { lookup: before });
}
