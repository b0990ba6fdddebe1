import { describe, expect, test } from '@jest/globals';
import type { SignatureScheme } from '../../simulator/verifySignature.mts';
import {
	signatureSchemes,
	signatureOf,
	textToSign,
	verifySignature,
} from '../../simulator/verifySignature.mts';

// The published vector is the service documentation's. All other signatures were made by the openssl command,
// from texts written by hand:
// printf %s "$text" | openssl dgst -sha1 -hmac ServiceAppSecret -binary | base64
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

const common =
	'"RequestId":"f92406b3-0000-4fe8-bc43-45e3d794bb68","Timestamp":1599468019,"Nonce":170533123,' +
	'"AppKey":"ServiceAppKey","CustomerId":"Customer_1"';

const bind =
	`{${common},"Signature":"","Action":"ServiceBindDevice","DeviceInfos":[` +
	'{"CustomerDeviceNo":"123","DeviceId":"ProductA/Device001","ProductName":"烟感 & \\"A\\""},' +
	'{"CustomerDeviceNo":"124","DeviceId":"ProductA/Device002","ProductName":"B"}]}';

const report =
	`{${common},"Action":"ServiceReportDeviceData","DeviceId":"ProductA/Device001","DataCategory":"100",` +
	'"DataInfo":{"ReportTime":1599468019,"ReportInfos":[{"SubType":1001,"Value":220.50}]}}';

// Sorted before underscores become dots; by UTF-8 bytes, not UTF-16 units (ａ before 😀); 1.0 keeps its zero;
// null and the empty string are left out, in nested values by the one scheme that makes parameters of them.
const odd =
	'{ "😀":"\\u00e9", "ａ":"𝒳", "List":["a", "b","c",null,"","f","g","h","i","j","k"] , "a_b":true,' +
	'"Empty":"", "Null":null, "AB":7, "A_B_c" : 1.0 }';

const smallest =
	'{"Action":"ServiceBindDevice","AppKey":"ServiceAppKey","CustomerId":"Customer_1","Nonce":71087795,' +
	'"RequestId":"476c990a-f5b7-1575-987c-4ef70e474932","Timestamp":1546315200,' +
	'"DeviceInfos":[{"CustomerDeviceNo":"123","DeviceId":"P/D","ProductName":"x"}]}';

const vectors: [name: string, rule: SignatureScheme, signature: string, body: string][] = [
	['bind', 'json', 'gNlnXj7qxXqw9s/A7r8ymO7ocac=', bind],
	['bind', 'goFmt', 'ZcQ27mom72b/q5MSzTa0QN38KmU=', bind],
	['bind', 'flattened', 'ltsy618NXmE0LaUCjACJPXfFClo=', bind],
	['bind', 'scalarsOnly', 'ikPL+S5TrZdcSxY+kYUQUGXguC0=', bind],
	['bind', 'jsString', '3/LFiBtAXe2axUnY9o2rClPlXyQ=', bind],
	['report', 'json', 'qSJlkyBiUFDK9e+prNIyR7S0qFY=', report],
	['report', 'goFmt', 'SF/EMzux8j+QXyqN8iBHQVGCD6k=', report],
	['report', 'flattened', 'HgMYA2ecwjr4F2ZCUP9J/Tpg/kw=', report],
	['report', 'scalarsOnly', 'bcR2ZdBTatcc4ZDWaE/5yx3iLck=', report],
	['report', 'jsString', '7nBf8KvyL2+pAA6QYIwoOym29HY=', report],
	['odd', 'json', 'tZndQXkN6EU4zZ5ksYhaaZRIui4=', odd],
	['odd', 'goFmt', 'i2dlkxz9jZpsluyRcfVHZ9uf8l0=', odd],
	['odd', 'flattened', 'Xfb7j4gfZMPtvDZSBCoW1qsKuBo=', odd],
	['odd', 'scalarsOnly', 'PDcKjRjk5w+DrVgLbX6THcv1sNU=', odd],
	['odd', 'jsString', '7SIe2tCu2fxHUF6iqF3t3eHFwJE=', odd],
	['smallest', 'json', 'KBo4DcQChGRGVQsBMKzD/bLWbHo=', smallest],
	['smallest', 'goFmt', 'uvw4+hxXT+5PHabJ9u3JJkJKPtw=', smallest],
	['smallest', 'scalarsOnly', '96ubzxIi6SONoZvZ1tCj9aob530=', smallest],
	['smallest', 'flattened', '5cTIEjx/xuC039SPoeVP62JNBX4=', smallest],
	['smallest', 'jsString', 'iHhW4iaMwyqeRXGgmg9kEZ4v2L8=', smallest],
];

describe('the signature', () => {
	test('of the documentation is found right, and its text is the documented one', () => {
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

	test.each(vectors)(
		'of the %s body by the rule %s is what openssl makes of it: %s',
		(_name, rule, signature, bodyText) => {
			expect(signatureOf(textToSign(bodyText, rule), secret)).toBe(signature);
			expect(verifySignature({ bodyText, signature, secret, rule })).toBe(true);
		},
	);

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

	test('of one scheme is refused by every other scheme', () => {
		for (const [, madeBy, signature, bodyText] of vectors) {
			for (const rule of signatureSchemes) {
				const accepted = verifySignature({ bodyText, signature, secret, rule });
				expect(accepted).toBe(rule === madeBy);
			}
		}
	});

	test.each(['', 'P206d+JzP37FLKBDkD689wqnl4k', 'p206d+JzP37FLKBDkD689wqnl4k=', '签名'])(
		'"%s" is refused where it is not the right one',
		(signature) => {
			expect(verifySignature({ bodyText: published.body, signature, secret, rule: 'json' })).toBe(false);
		},
	);

	test('depends on the secret', () => {
		const { body: bodyText, signature } = published;
		expect(verifySignature({ bodyText, signature, secret: `${secret} `, rule: 'json' })).toBe(false);
	});
});
