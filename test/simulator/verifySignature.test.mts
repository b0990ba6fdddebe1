import { describe, expect, test } from '@jest/globals';
import { signatureOf, textToSign, verifySignature } from '../../simulator/verifySignature.mts';

// The published vector is from the service's documentation. For other bodies, the node's signatures, which frozen vectors pin,
// must verify with each scheme: test/service/signature.property.test.mts.
const secret = 'ServiceAppSecret';

const published = {
	body: `{"Action":"ServiceDescribeDeviceData","RequestId":"476c990a-f5b7-1575-987c-4ef70e474932",
		"AppKey":"ServiceAppKey","Timestamp":1546315200,"Nonce":71087795,"ProductId":"ProductA",
		"DeviceName":"Device001","Signature":"P206d+JzP37FLKBDkD689wqnl4k="}`,
	text:
		'Action=ServiceDescribeDeviceData&AppKey=ServiceAppKey&DeviceName=Device001&Nonce=71087795' +
		'&ProductId=ProductA&RequestId=476c990a-f5b7-1575-987c-4ef70e474932&Timestamp=1546315200',
	signature: 'P206d+JzP37FLKBDkD689wqnl4k=',
};

describe('the signature', () => {
	test('in the documentation verifies, and its text is the documented one', () => {
		expect(textToSign(published.body, 'json')).toBe(published.text);
		expect(signatureOf(published.text, secret)).toBe(published.signature);
		expect(
			verifySignature({
				bodyText: published.body,
				signature: published.signature,
				secret,
				rule: 'jsString',
			}),
		).toBe(true);
	});

	// Printed by Go itself: json.Unmarshal into map[string]interface{}, fmt.Sprintf("%v"), go1.24.4.
	test.each([
		[
			'[1599468019,1000000,123456,1e21,0.00001,-1e-7,0,-0,5e-324]',
			'[1.599468019e+09 1e+06 123456 1e+21 1e-05 -1e-07 0 -0 5e-324]',
		],
		[
			'{"b":[],"a":{"😀":1,"ａ":2},"10":true,"2":null,"s":" "}',
			'map[10:true 2:<nil> a:map[ａ:2 😀:1] b:[] s: ]',
		],
	])('by goFmt covers %s as Go prints it', (raw, printed) => {
		expect(textToSign(`{"a":${raw}}`, 'goFmt')).toBe(`a=${printed}`);
	});

	test.each(['', 'P206d+JzP37FLKBDkD689wqnl4k', 'p206d+JzP37FLKBDkD689wqnl4k=', '签名'])(
		'"%s" is refused as a wrong signature',
		(signature) => {
			expect(verifySignature({ bodyText: published.body, signature, secret, rule: 'json' })).toBe(false);
		},
	);

	test('depends on the secret', () => {
		const { body: bodyText, signature } = published;
		expect(verifySignature({ bodyText, signature, secret: `${secret} `, rule: 'json' })).toBe(false);
	});
});
