import fc from 'fast-check';

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;

/**
 * Any character except a half of a surrogate pair: for `fc.string({ unit: anyCharacter })`. This draws and shrinks as `unit: 'binary'` does,
 * which makes a list of all 1,112,064 characters first, a second in each test file.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
	.nat({ max: 0x10ffff - SURROGATES })
	.map(characterAt, indexOfCharacter);

function characterAt(index: number): string {
	return String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES);
}

/** @throws for what is not a single character, as fast-check needs it */
function indexOfCharacter(value: unknown): number {
	const code = typeof value === 'string' ? value.codePointAt(0) : undefined;
	if (code === undefined || String.fromCodePoint(code) !== value) {
		throw new Error('This is not one character');
	}
	return code < FIRST_SURROGATE ? code : code - SURROGATES;
}
