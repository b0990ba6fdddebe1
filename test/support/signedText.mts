/** Reads a signed body as axios does. It can be read once. */
export function signedTextOf(body: unknown): string {
	return Buffer.concat([...(body as { stream(): Iterable<Uint8Array> }).stream()]).toString();
}
