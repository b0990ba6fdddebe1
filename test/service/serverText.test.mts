import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseResponse } from '../../nodes/TencentCloudIot/service/response/parseResponse';
import { sanitizeServerText } from '../../nodes/TencentCloudIot/service/response/serverText';
import { anyCharacter } from '../support/anyCharacter.mts';
import { toBytes } from '../support/httpResponse.mts';

const LIMIT = 300;

describe('Text from the server', () => {
	test.each<[what: string, text: unknown, shown: string]>([
		['ordinary text unchanged', 'Signature 无效: “é” 😀', 'Signature 无效: “é” 😀'],
		['no line breaks or tabs', 'a\r\n\tb', 'a b'],
		['no NUL, escape or C1 characters', 'a\u0000\u001b[31m\u0085b', 'a [31m b'],
		['no direction characters', 'a\u202eb\u2066c\u200fd', 'a b c d'],
		['no zero-width characters', 'a\u200bb\ufeffc\u2060d', 'a b c d'],
		['no characters without a glyph', 'a\u3164b\ufe0fc', 'a b c'],
		['no line or paragraph separators', 'a\u2028b\u2029c', 'a b c'],
		['no lone surrogates', 'a\ud800b\udc00c', 'a b c'],
		['no private characters', 'a\ue000b', 'a b'],
		['no space around', '\u00a0 a \u3000', 'a'],
		['nothing for an object', { toString: () => 'a' }, ''],
		['nothing for a number', 7, ''],
		['nothing for undefined', undefined, ''],
	])('shows %s', (_what, text, shown) => {
		expect(sanitizeServerText(text)).toBe(shown);
	});

	test.each([
		[LIMIT - 1, 'a'.repeat(LIMIT - 1)],
		[LIMIT, 'a'.repeat(LIMIT)],
		[LIMIT + 1, `${'a'.repeat(LIMIT - 1)}…`],
		[4 * LIMIT + 1, `${'a'.repeat(LIMIT - 1)}…`],
	])('of %d characters is cut to 300 with an ellipsis', (length, shown) => {
		expect(sanitizeServerText('a'.repeat(length))).toBe(shown);
	});

	test('is read up to 1,200 characters, including those that are not shown', () => {
		expect(sanitizeServerText(`a${'\u200b'.repeat(4 * LIMIT)}b`)).toBe('a');
		expect(sanitizeServerText(`a${'\u200b'.repeat(4 * LIMIT - 2)}b`)).toBe('a b');
	});

	test('is never cut within a character', () => {
		expect(sanitizeServerText(`${'a'.repeat(LIMIT - 2)}😀${'b'.repeat(9)}`).isWellFormed()).toBe(true);
	});

	test('never has more than 300 characters and never an unsafe one', () => {
		const unsafe = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u;
		const texts = fc.string({ unit: anyCharacter, maxLength: 1_500, size: 'max' });
		fc.assert(
			fc.property(texts, (text) => {
				const shown = sanitizeServerText(text);
				expect(shown.length).toBeLessThanOrEqual(LIMIT);
				expect(unsafe.test(shown)).toBe(false);
				expect(shown.isWellFormed()).toBe(true);
				expect(shown).toBe(shown.trim());
			}),
			// Reducing a text of 1,500 characters takes many minutes.
			{ endOnFailure: true },
		);
	});
});

test('A message of 1 MB with control characters is cut to 300 safe ones', () => {
	const Message = 'x\u0007\u001b[2J\u202e'.repeat(150_000);
	const answer = parseResponse(toBytes({ Response: { Error: { Code: 'E', Message }, RequestId: 'r' } }));
	const message = `${'x [2J '.repeat(50).slice(0, LIMIT - 1)}…`;
	expect(answer).toEqual({ kind: 'error', code: 'E', message, requestId: 'r' });
});

test.each(['code', 'RequestId'])('A %s of 1 MB is cut, too', (member) => {
	const long = 'x'.repeat(1_000_000);
	const answer = parseResponse(toBytes({ code: 'E', msg: 'm', RequestId: 'r', [member]: long }));
	const shown = `${'x'.repeat(LIMIT - 1)}…`;
	expect(answer).toMatchObject(member === 'code' ? { code: shown } : { requestId: shown });
});
