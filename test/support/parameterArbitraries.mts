import fc from 'fast-check';
import type { Freshness, Parameters } from '../../nodes/TencentCloudIot/service/signing/signature';
import { anyCharacter } from './anyCharacter.mts';

/** Members that make `String(object)` throw: the scheme `jsString` cannot sign them, and nobody could verify them. */
const CONVERSIONS = /"(toString|valueOf|toJSON)":/;

/** Characters that sort differently by bytes and by UTF-16 units. They have a test of their own. */
const BEYOND_SURROGATES = /[\uE000-\uFFFF]/u;

const names = fc.oneof(
	{ weight: 3, arbitrary: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.]{0,6}$/) },
	{
		weight: 1,
		arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }).filter((name) => !BEYOND_SURROGATES.test(name)),
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom('__proto__', 'constructor', 'DeviceInfos', 'Signature', 'a_b', '10', '2'),
	},
);

const devices = fc.array(
	fc.record({
		CustomerDeviceNo: fc.string(),
		DeviceId: fc.string({ unit: anyCharacter }),
		ProductName: fc.string(),
	}),
	{ maxLength: 14 },
);

const values = fc.oneof(fc.jsonValue({ maxDepth: 3 }), devices, fc.constantFrom(null, '', 0, false, [], {}));

/** An Action's own parameters, as odd as JSON allows. */
export const parameters: fc.Arbitrary<Parameters> = fc
	.dictionary(names, values, { maxKeys: 8 })
	// From JSON, as parameters of a workflow are: plain objects, and `__proto__` is a member like any other.
	.map((dictionary) => JSON.parse(JSON.stringify(dictionary)) as Parameters)
	.filter((dictionary) => !CONVERSIONS.test(JSON.stringify(dictionary)));

export const freshness: fc.Arbitrary<Freshness> = fc.record({
	RequestId: fc.uuid(),
	Timestamp: fc.integer({ min: 1, max: 2 ** 33 }),
	Nonce: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
});

/** What a key or secret can be: any text. */
export const secrets = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 });
