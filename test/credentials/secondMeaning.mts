import { expect } from '@jest/globals';
import fc from 'fast-check';
import { TencentCloudIotApi } from '../../credentials/TencentCloudIotApi.credentials';
import { EFFECTS, whyNotAllowed } from '../../nodes/TencentCloudIot/service/actions';
import { SIGNATURE_SCHEMES } from '../../nodes/TencentCloudIot/service/signing/signature';
import { textToSign } from '../../simulator/verifySignature.mts';
import { signedTextOf } from '../support/signedText.mts';

const { authenticate } = new TencentCloudIotApi();
const url = 'https://iot.cloud.tencent.com/api/exploreropen/serviceapi';
const settings = ['noLiveActions', 'readsOnly'] as const;

const actions = fc.constantFrom(...Object.keys(EFFECTS));
const joined = (...pieces: fc.Arbitrary<string>[]) => fc.tuple(...pieces).map((texts) => texts.join(''));
const word = fc.constantFrom('x', '1', 'D-CarInsurance2021', 'FireInsurance2020', '[1,2]', 'A&B', 'a=b', '');
const name = fc.constantFrom(
	'Action',
	'action',
	'ItemId',
	'itemid',
	'A',
	'CustomerId',
	'Zone',
	'a_b',
	'B=1&Action',
);
const smuggled = joined(
	word,
	fc.constantFrom('&', '&&', '='),
	name,
	fc.constant('='),
	fc.oneof(actions, word),
	fc.constantFrom('', '&', '&Z=1'),
);
const text = fc.oneof(word, actions, smuggled);
const value = fc.oneof(
	{ weight: 4, arbitrary: text },
	fc.array(text, { maxLength: 2 }),
	fc.dictionary(fc.oneof(name, smuggled), text, { maxKeys: 2 }),
	fc.constantFrom(7, true, null),
);
const parameters = fc.dictionary(fc.oneof({ weight: 4, arbitrary: name }, smuggled), value, { maxKeys: 3 });
const bodies = fc.tuple(parameters, actions).map(([parameters, Action]) => ({ ...parameters, Action }));

/**
 * Whether a signed text has a reading that the setting forbids: members may begin after any `&`, their values may end
 * before any other `&`, and a service may ignore the case of names.
 */
function hasForbiddenReading(signedText: string, setting: (typeof settings)[number]): boolean {
	const members = signedText.split('&').map((member) => {
		const [name = ''] = member.split('=', 1);
		return { name: name.toLowerCase(), text: member.slice(name.length + 1) };
	});
	const valuesOf = (wanted: string) => members.filter(({ name }) => name === wanted).map(({ text }) => text);
	const items = valuesOf('itemid');
	return valuesOf('action').some(
		(Action) =>
			Object.hasOwn(EFFECTS, Action) &&
			(items.length > 0 ? items : ['D-']).some((ItemId) => whyNotAllowed(setting, { Action, ItemId }, true)),
	);
}

/** Signs random odd bodies: none is signed that has the same signature as a forbidden body. @param count how many bodies, at least 1,000 */
export async function expectNoSecondMeaning(count: number): Promise<void> {
	const found = { signed: 0, forbidden: 0, harmless: 0 };
	const runs = fc.asyncProperty(
		bodies,
		fc.constantFrom(...settings),
		fc.constantFrom(...SIGNATURE_SCHEMES),
		async (body, allowedActions, nestedRule) => {
			fc.pre(whyNotAllowed(allowedActions, body, true) === undefined);
			const credential = {
				appKey: 'key',
				appSecret: 's',
				platform: 'china',
				nestedRule,
				allowedActions,
			};
			const signing = authenticate(credential, { url, method: 'POST', body });
			const text = await signing.then(
				({ body: signed }) => signedTextOf(signed),
				() => undefined,
			);
			const isForbidden = hasForbiddenReading(
				textToSign(text ?? JSON.stringify(body), nestedRule),
				allowedActions,
			);
			if (text !== undefined) {
				found.signed++;
			} else if (isForbidden) {
				found.forbidden++;
			} else {
				found.harmless++;
			}
			expect(text !== undefined && isForbidden).toBe(false);
		},
	);
	await fc.assert(runs, { numRuns: count });
	expect(found.signed).toBeGreaterThan(count / 10);
	expect(found.forbidden).toBeGreaterThan(count / 100);
}
