import { gzipSync } from 'node:zlib';
import type { Asked, Said, Trick } from './hostileService.mts';

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;

/** A response that each Action accepts as success. */
export function done({ RequestId }: Pick<Asked, 'RequestId'>, more: object = {}): string {
	return JSON.stringify({ Response: { Status: 'OK', RequestId, Customers: [], Total: 0, ...more } });
}

export function refused({ RequestId }: Pick<Asked, 'RequestId'>, Code: string, Message: string): string {
	return JSON.stringify({ Response: { Error: { Code, Message }, RequestId } });
}

/** The forms in which a text of the service may contain a signature: in JSON and URLs, also escaped twice. */
export function formsOf(signature: string): string[] {
	const inUrl = encodeURIComponent(signature);
	const inJson = signature.replaceAll('+', '\\u002b').replaceAll('/', '\\/').replaceAll('=', '\\u003D');
	const each = (escape: (code: string) => string) =>
		Array.from(signature, (sign) => escape(sign.charCodeAt(0).toString(16))).join('');
	return [
		signature,
		signature.replaceAll('/', '\\/'),
		inJson,
		inJson.replaceAll('\\', '\\\\'),
		inUrl,
		inUrl.replaceAll('%', '%25'),
		inUrl.replace(/%../g, (escaped) => escaped.toLowerCase()),
		signature.replaceAll('+', ' '),
		signature.replace(/=$/, ''),
		each((code) => `\\u00${code}`),
		each((code) => `%${code}`),
	];
}

const json = (body: string): Said => ({ body });
let bomb: Buffer | undefined;

/** By names that follow the word "with". */
export const tricks = {
	'a message of blanks': ({ RequestId }) => {
		const msg = `${' '.repeat(1.9 * MIB)}x`;
		return json(JSON.stringify({ code: 0, msg, data: { Status: 'OK', RequestId, Customers: [], Total: 0 } }));
	},
	'200,000 levels': (asked) => {
		const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
		return json(done(asked).replace('"Total":0', `"Total":0,"More":${deep},"Model":{"ModelDefine":${deep}}`));
	},
	'3 MiB of padding': (asked) => json(done(asked, { Padding: 'x'.repeat(3 * MIB) })),
	'64 MiB in gzip': () => {
		bomb ??= gzipSync(Buffer.alloc(64 * MIB, ' '));
		return { headers: { 'content-encoding': 'gzip' }, body: bomb };
	},
	'an echo of the signature': (asked) => {
		const forms = formsOf(asked.Signature).slice(0, -2).join(' ');
		return json(refused(asked, 'InvalidParameterValue', `Value ${forms}`));
	},
	'an echo of the signature in escapes': (asked) => {
		const forms = formsOf(asked.Signature).slice(-2).join(' ');
		// Unchanged, so that JSON parsing decodes one level.
		return json(refused(asked, 'InvalidParameterValue', 'Value HERE').replace('HERE', forms));
	},
	markup: (asked) =>
		json(refused(asked, 'InvalidParameterValue', '<a href="https://evil.example">Log in</a>')),
	'a clock that is 10 days off': (asked) => ({
		headers: { date: new Date(Date.now() + 10 * DAY_MS).toUTCString() },
		body: refused(asked, 'InvalidParameterValue', 'Timestamp 无效'),
	}),
} satisfies Record<string, Trick>;

const customer = { CustomerId: 'c', CountryCode: '86', PhoneNumber: '1' };
const page = (index: number, more: object = {}) =>
	Array.from({ length: 100 }, (_, place) => ({ ...customer, CustomerId: `${index}-${place}`, ...more }));

/** Lists that never end, or not before n8n runs out of memory. */
export const endlessLists = {
	'that counts 1e12 records': (asked) => json(done(asked, { Total: 1e12, Customers: page(asked.index) })),
	'whose pages of 1.9 MB never end': (asked) => {
		const Customers = page(asked.index, { Padding: 'x'.repeat(19_000) });
		return json(done(asked, { Total: undefined, Customers }));
	},
	'of more than a million records, which were not requested': (asked) => {
		const Customers = Array.from({ length: 20_000 }, (_, place) => ({ a: asked.index * 20_000 + place }));
		return json(done(asked, { Total: undefined, Customers }));
	},
} satisfies Record<string, Trick>;
