import { expect, test } from '@jest/globals';
import { PLATFORMS, readConnection } from '../../nodes/TencentCloudIot/service/connection';
import { NotSendable } from '../../nodes/TencentCloudIot/service/outcome';

const endpointOf = (endpoint: string) =>
	readConnection({ platform: 'custom', endpoint, appKey: 'key', appSecret: 'secret' }).endpoint;

test.each([
	[PLATFORMS.china.endpoint, 'https://iot.cloud.tencent.com/api/exploreropen/serviceapi'],
	[PLATFORMS.overseas.endpoint, 'https://oversea.iotcloud.tencentiotcloud.com/api/exploreropen/serviceapi'],
	['https://example.com', 'https://example.com/'],
	['https://example.com:8443/a/b', 'https://example.com:8443/a/b'],
	['HTTPS://EXAMPLE.COM/Api', 'https://example.com/Api'],
	['https://192.0.2.1/api', 'https://192.0.2.1/api'],
	['https://[2001:db8::1]/api', 'https://[2001:db8::1]/api'],
	['  https://example.com/api\n', 'https://example.com/api'],
	['\u200bhttps://example.com/api\u200b', 'https://example.com/api'],
	['http://localhost:8465/api', 'http://localhost:8465/api'],
	['http://127.0.0.1:8465/api', 'http://127.0.0.1:8465/api'],
	['http://127.255.0.9/api', 'http://127.255.0.9/api'],
	['http://127.1/api', 'http://127.0.0.1/api'],
	['http://[::1]:8465/api', 'http://[::1]:8465/api'],
])('The endpoint %j is accepted', (endpoint, href) => {
	expect(endpointOf(endpoint).href).toBe(href);
});

const notAnAddress = 'The endpoint is not a web address.';
const notHttps = 'The endpoint does not start with https.';
const login = 'The endpoint holds a login.';
const query = 'The endpoint holds a query or a fragment.';

test.each([
	['garbage', notAnAddress],
	['iot.cloud.tencent.com/api', notAnAddress],
	['//example.com/api', notAnAddress],
	['https://', notAnAddress],
	['https://exa mple.com/api', notAnAddress],
	['https://example.com:99999/api', notAnAddress],
	['https://[::1/api', notAnAddress],
	['http://example.com/api', notHttps],
	['http://localhost.example.com/api', notHttps],
	['http://not-localhost/api', notHttps],
	['http://127.0.0.1.example.com/api', notHttps],
	['http://0.0.0.0/api', notHttps],
	['http://[::]/api', notHttps],
	['http://[::ffff:127.0.0.1]/api', notHttps],
	['http://10.0.0.1/api', notHttps],
	['ftp://example.com/api', notHttps],
	['ftp://127.0.0.1/api', notHttps],
	['file:///etc/hosts', notHttps],
	['javascript:alert(1)', notHttps],
	['localhost:8465/api', notHttps],
	['https://user:secret@example.com/api', login],
	['https://user@example.com/api', login],
	['https://:secret@example.com/api', login],
	['http://user@127.0.0.1/api', login],
	['https://example.com/api?a=1', query],
	['https://example.com/api#part', query],
])('The endpoint %j is refused before anything is sent: %s', (endpoint, reason) => {
	expect(() => endpointOf(endpoint)).toThrow(NotSendable);
	expect(() => endpointOf(endpoint)).toThrow(
		expect.objectContaining({
			message: `${reason} Nothing was sent.`,
			failure: expect.objectContaining({
				code: 'ENDPOINT_NOT_USABLE',
				outcome: 'NOT_SENT',
				scope: 'run',
				advice: "Correct 'Endpoint' in the credential",
			}),
		}),
	);
});

test('A refused endpoint is not repeated in the message, since it may contain a password', () => {
	expect(() => endpointOf('https://user:CANARY@example.com')).toThrow(
		expect.objectContaining({ message: expect.not.stringContaining('CANARY') }),
	);
});
