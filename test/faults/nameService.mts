import dns from 'node:dns';

/** What a name service answers: an address of this machine, or the code of an error. */
type Reply = { address: string } | { code: string };

/** Every look-up of a name in this process is answered like this, until the returned function is called. */
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
