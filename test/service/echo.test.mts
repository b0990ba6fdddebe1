import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
	withoutAnySignature,
	withoutSignature,
} from '../../nodes/TencentCloudIot/service/response/serverText';
import { signatureOf } from '../../simulator/verifySignature.mts';
import { formsOf } from '../faults/hostile/tricks.mts';

const SIGNATURE = 'P206d+JzP37FLKB/kD689wqnl4k=';

test.each(formsOf(SIGNATURE))('A signature as %s is not shown.', (form) => {
	const text = `Signature=${form}&Nonce=1 "${form}" 无效`;
	expect(withoutSignature(text, SIGNATURE)).toBe('Signature=…&Nonce=1 "…" 无效');
});

test.each(['', '100 %', 'a%20b', '{"a":"\\u0041\\/\\\\"}', 'P206d', 'another+signature/of=the same='])(
	'Text without a signature is unchanged: %j',
	(text) => {
		expect(withoutSignature(text, SIGNATURE)).toBe(text);
	},
);

test('Any signature, however escaped, is removed from JSON, which stays valid JSON.', () => {
	const signatures = fc.string().map((text) => signatureOf(text, 'secret'));
	fc.assert(
		fc.property(signatures, fc.string(), (signature, other) => {
			for (const form of formsOf(signature)) {
				const body = JSON.stringify({ [form]: [other, form, JSON.stringify({ form })] });
				const left = withoutSignature(body, signature);
				JSON.parse(left);
				expect(left).not.toContain(signature.slice(0, 27));
				expect(left).toContain('…');
			}
		}),
	);
});

const OTHER = 'Zm9v+mFyYmF6cXV4/29ycmdlZ3I=';

test.each([
	OTHER,
	OTHER.replace('+', '%2B').replace('/', '%2F').replace('=', '%3D'),
	OTHER.replace(/[+/]/g, '-'),
])('A signature that the service repeats is removed from a message: %s', (form) => {
	expect(withoutAnySignature(`expected ${form}, not x`)).toBe('expected …, not x');
});

test.each([
	'a=b&c=d',
	'CustomerId=user_1024',
	'Zm9v+mFy=',
	'P/D %2=',
	'二十七个字符以上的中文说明不是签名，无论它有多长，都会保留=',
])('Text that is shorter than a signature or not base64 stays in a message: %s', (message) => {
	expect(withoutAnySignature(message)).toBe(message);
});

test('Text that is cut within an escape is unchanged, except for the signature.', () => {
	expect(withoutSignature(`${SIGNATURE} \\u00 %`, SIGNATURE)).toBe('… \\u00 %');
	expect(withoutSignature(`\\U002b ${SIGNATURE}`, SIGNATURE)).toBe('+ …');
});

const escapedPlus = (escape: string) => `a ${SIGNATURE.replace('+', escape)} b`;
const escapedSlash = (escape: string) => `a ${SIGNATURE.replace('/', escape)} b`;

test.each([
	['8 backslashes', escapedSlash(`${'\\'.repeat(8)}/`)],
	['8 backslashes and the code', escapedPlus(`${'\\'.repeat(8)}u002b`)],
	['a percent sign that is escaped twice', escapedPlus('%25252B')],
])('A signature is found after %s.', (_what, text) => {
	expect(withoutSignature(text, SIGNATURE)).toBe('a … b');
});

test.each([
	['9 backslashes', escapedSlash(`${'\\'.repeat(9)}/`)],
	['9 backslashes and the code', escapedPlus(`${'\\'.repeat(9)}u002b`)],
	['a percent sign that is escaped three times', escapedPlus('%2525252B')],
	['a backslash that escapes something else', escapedPlus('\\x002b')],
])('Text after %s is not a signature, and stays.', (_what, text) => {
	expect(withoutSignature(text, SIGNATURE)).toBe(text);
});
