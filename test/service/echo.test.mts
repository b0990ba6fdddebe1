import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withoutSignature } from '../../nodes/TencentCloudIot/service/response/echo';
import { hmacSha1 } from '../../nodes/TencentCloudIot/service/signing/signature';
import { formsOf } from '../faults/hostile/tricks.mts';

const SIGNATURE = 'P206d+JzP37FLKB/kD689wqnl4k=';

test.each(formsOf(SIGNATURE))('A signature as %s is no part of what is shown.', (form) => {
	const text = `Signature=${form}&Nonce=1 "${form}" 无效`;
	expect(withoutSignature(text, SIGNATURE)).toBe('Signature=…&Nonce=1 "…" 无效');
});

test.each(['', '100 %', 'a%20b', '{"a":"\\u0041\\/\\\\"}', 'P206d', 'another+signature/of=the same='])(
	'A text without it stays as it is: %j',
	(text) => {
		expect(withoutSignature(text, SIGNATURE)).toBe(text);
	},
);

test('Whatever the signature and however it is escaped, JSON with it stays JSON, and it is gone.', () => {
	const signatures = fc.string().map((text) => hmacSha1(text, 'secret'));
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
