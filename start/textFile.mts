import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from './inputError.mts';

/** The text of a file, without its BOM, and how it was read. */
export interface TextFile {
	readonly text: string;
	/** For people: "UTF-8". */
	readonly encoding: string;
}

interface Encoding {
	/** For people. */
	readonly name: string;
	/** For TextDecoder. */
	readonly label: string;
}

const UTF_8: Encoding = { name: 'UTF-8', label: 'utf-8' };
/** What Excel in Chinese Windows saves as "CSV"; holds GBK and GB2312. */
const GB18030: Encoding = { name: 'GB18030', label: 'gb18030' };

const MARKED: ReadonlyArray<Encoding & { readonly mark: readonly number[] }> = [
	{ ...UTF_8, mark: [0xef, 0xbb, 0xbf] },
	{ name: 'UTF-16LE', label: 'utf-16le', mark: [0xff, 0xfe] },
	{ name: 'UTF-16BE', label: 'utf-16be', mark: [0xfe, 0xff] },
];

const READ_FAILURES: Readonly<Partial<Record<string, string>>> = {
	ENOENT: 'there is no such file',
	EISDIR: 'it is a folder',
	EACCES: 'you are not allowed to',
};

const SAVE_AGAIN = 'nothing was sent; save the file again as "CSV UTF-8"';

/**
 * Reads a text file: UTF-8, or UTF-16 with a BOM, or else GB18030. What is none of them as a whole is refused: read anyway,
 * its Chinese names would be pushed as garbage.
 *
 * @throws InputError when the file cannot be read, or holds bytes that are no text
 */
export function readTextFile(file: string): TextFile {
	const bytes = readBytes(file);
	const name = basename(file);
	const { encoding, text } = decode(bytes, name);
	// A workbook, or UTF-16 without a BOM.
	if (/^[^\n]*\0/.test(text)) throw new InputError(`${name} is no text file: ${SAVE_AGAIN}.`);
	return { text, encoding: encoding.name };
}

/**
 * The bytes of a file.
 *
 * @throws InputError when it cannot be read
 */
export function readBytes(file: string): Buffer {
	try {
		return readFileSync(file);
	} catch (cause) {
		const { code = '' } = cause as NodeJS.ErrnoException;
		throw new InputError(`Cannot read ${file}: ${READ_FAILURES[code] ?? code}.`, { cause });
	}
}

function decode(bytes: Uint8Array, name: string): { encoding: Encoding; text: string } {
	const marked = MARKED.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte));
	for (const encoding of marked ? [marked] : [UTF_8, GB18030]) {
		const text = strictly(bytes, encoding);
		if (text !== undefined && !(encoding === GB18030 && isDamagedUtf8(bytes))) return { encoding, text };
	}
	if (marked ?? isDamagedUtf8(bytes)) {
		const encoding = marked ?? UTF_8;
		const line = lossily(bytes, encoding).split('\uFFFD')[0]!.split('\n').length;
		throw new InputError(`Line ${line} of ${name} holds bytes that are no ${encoding.name}: ${SAVE_AGAIN}.`);
	}
	throw new InputError(`${name} is neither UTF-8 nor GB18030 text: ${SAVE_AGAIN}.`);
}

function strictly(bytes: Uint8Array, { label }: Encoding): string | undefined {
	try {
		return new TextDecoder(label, { fatal: true }).decode(bytes);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return undefined;
		throw error;
	}
}

const lossily = (bytes: Uint8Array, { label }: Encoding) => new TextDecoder(label).decode(bytes);

/**
 * Whether more characters beyond ASCII are UTF-8 than are not. Cut in the middle of one, UTF-8 is valid GB18030 as a whole
 * more often than not; the other way round hardly a sixth of the characters is valid.
 */
function isDamagedUtf8(bytes: Uint8Array): boolean {
	const beyondAscii = lossily(bytes, UTF_8).match(/[^\0-\x7f]/gu) ?? [];
	const lost = beyondAscii.filter((character) => character === '\uFFFD').length;
	return beyondAscii.length - lost > lost;
}
