import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseResponse } from '../../nodes/TencentCloudIot/service/response/parseResponse';
import { classifyResponse } from '../../nodes/TencentCloudIot/service/response/classify';
import { httpAnswer, pushed, REQUEST_ID, toBytes } from '../support/httpResponse.mts';

type Members = Readonly<Record<string, unknown>>;

const NAMES = [
	'Response',
	'code',
	'data',
	'Status',
	'Error',
	'Code',
	'Message',
	'msg',
	'RequestId',
	'error',
	'status',
	'__proto__',
];

/** Documents that look like a response: valid and invalid envelopes and members, nested in any way. */
const nearly = fc.letrec<{ value: unknown; members: unknown }>((tie) => ({
	value: fc.oneof(
		{ depthSize: 'small', withCrossShrink: true },
		fc.constantFrom('OK', 'ok', 0, 1, '0', '', null, true, 'Code', -0, REQUEST_ID),
		tie('members'),
		fc.array(tie('value'), { maxLength: 2 }),
	),
	members: fc
		.array(fc.tuple(fc.constantFrom(...NAMES), tie('value')), { maxLength: 5 })
		.map((entries) => Object.fromEntries(entries)),
}));

const successes = fc.oneof(
	fc.constant({ Response: { Status: 'OK', RequestId: REQUEST_ID } }),
	fc.constant({ code: 0, msg: '', data: { Status: 'OK', RequestId: REQUEST_ID } }),
	fc.constant({ code: 0, data: { Response: { Status: 'OK' } }, RequestId: REQUEST_ID }),
	fc.constant({ Status: 'OK', RequestId: REQUEST_ID }),
);

const documents = fc.oneof(nearly.members, nearly.value, successes, fc.jsonValue());
const statuses = fc.oneof(
	{ weight: 3, arbitrary: fc.constant(200) },
	{ weight: 1, arbitrary: fc.integer({ min: 100, max: 599 }) },
);

/** Whether a document has Status OK, names the request and reports no failure; independent of the code under test. */
function saysOk(document: unknown): boolean {
	if (typeof document !== 'object' || document === null || Array.isArray(document)) {
		return false;
	}
	const has = (name: string) => Object.getOwnPropertyNames(document).includes(name);
	const { code, data } = document as Members;
	if (!has('code')) {
		return isDone(document);
	}
	return code === 0 && !has('Response') && isDone(data);
}

/** Whether these members, or those of the Response in them, report success. */
function isDone(members: unknown): boolean {
	const json = JSON.stringify(members) ?? '';
	if (!json.startsWith('{')) {
		return false;
	}
	const values = new Map(Object.entries(JSON.parse(json) as Members));
	if (values.has('Error') || values.has('error')) {
		return false;
	}
	if (values.has('Response')) {
		return !values.has('Status') && isDone(values.get('Response'));
	}
	return values.get('Status') === 'OK' && !values.has('status');
}

function namesTheRequest(document: unknown): boolean {
	return JSON.stringify(document).includes(`"RequestId":"${REQUEST_ID}"`);
}

test('For any JSON, the outcome is OK only if the status is 2xx and the envelope has Status OK', () => {
	let successful = 0;
	fc.assert(
		fc.property(documents, statuses, (document, status) => {
			const { outcome } = classifyResponse(httpAnswer(JSON.stringify(document), { status }), pushed);
			if (outcome !== 'OK') {
				return;
			}
			successful++;
			expect(status >= 200 && status <= 299).toBe(true);
			expect(saysOk(document)).toBe(true);
			expect(namesTheRequest(document)).toBe(true);
		}),
		{ numRuns: 1_000 },
	);
	expect(successful).toBeGreaterThan(0);
});

test('For any bytes, reading never throws, and the outcome is OK only for JSON with Status OK', () => {
	const success = JSON.stringify({ Response: { Status: 'OK', RequestId: REQUEST_ID } });
	const spoilt = fc
		.tuple(fc.nat(success.length), fc.nat(3), fc.uint8Array({ maxLength: 3 }))
		.map(([at, gone, put]) =>
			Buffer.concat([Buffer.from(success.slice(0, at)), put, Buffer.from(success.slice(at + gone))]),
		);
	const bodies = fc.oneof(fc.uint8Array({ maxLength: 100 }), spoilt, documents.map(toBytes));
	fc.assert(
		fc.property(bodies, (bytes) => {
			const body = Buffer.from(bytes);
			expect(['data', 'error', 'contradiction', 'unreadable']).toContain(parseResponse(body).kind);
			if (classifyResponse(httpAnswer(body), pushed).outcome !== 'OK') {
				return;
			}
			// Invalid UTF-8 would be encoded to different bytes.
			expect(Buffer.from(body.toString('utf8')).equals(body)).toBe(true);
			expect(saysOk(JSON.parse(body.toString('utf8')))).toBe(true);
		}),
		{ numRuns: 1_000 },
	);
});

test('A success stays a success with any harmless members beside Status', () => {
	const harmless = fc.dictionary(
		fc.string().filter((name) => !/^(err|code|fail)|^(status|requestid|response|__proto__)$/i.test(name)),
		fc.jsonValue(),
	);
	const hasTwins = (members: object) =>
		new Set(Object.keys(members).map((name) => name.toLowerCase())).size < Object.keys(members).length;
	const wrap = fc.constantFrom(
		(members: object) => members,
		(Response: object) => ({ Response }),
		(data: object) => ({ code: 0, msg: '', data }),
	);
	fc.assert(
		fc.property(harmless, wrap, (members, inEnvelope) => {
			fc.pre(!hasTwins(members));
			const document = inEnvelope({ ...members, Status: 'OK', RequestId: REQUEST_ID });
			expect(classifyResponse(httpAnswer(document), pushed).outcome).toBe('OK');
		}),
	);
});
