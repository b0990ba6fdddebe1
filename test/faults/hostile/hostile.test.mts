import { afterEach, describe, expect, test } from '@jest/globals';
import { row, runPush } from '../../engine/pushRun.mts';
import { testedBuild } from '../../support/testedBuild.mts';
import { runCheckingProxy } from '../checkingProxy.mts';
import { NO_PROXIES } from '../noProxies.mts';
import { callEditor } from '../../../embedded/embeddedEngine.mts';
import { loadTestedNode } from '../../support/testedBuild.mts';
import { credentialOf, editors, runs, type Caller } from './callers.mts';
import { runHostileService, type HostileService, type Trick } from './hostileService.mts';
import { done, endlessLists, formsOf, refused, tricks } from './tricks.mts';

const services: HostileService[] = [];
afterEach(async () => {
	for (const service of services.splice(0)) {
		await service.close();
	}
});

async function hostile(trick: Trick): Promise<HostileService> {
	const service = await runHostileService(trick);
	services.push(service);
	return service;
}

/** Whatever the service sends, no signature is shown or stored. */
function expectNoSignature({ asked }: HostileService, output: string): void {
	expect(asked.length).toBeGreaterThan(0);
	for (const { Signature } of asked) {
		const found = formsOf(Signature).filter(
			(form) => output.includes(form) || output.includes(JSON.stringify(form)),
		);
		expect(found).toEqual([]);
	}
}

interface Expected {
	/** The code of each call of a run. */
	code: string;
	/** The message in the editor. */
	says: RegExp;
}

// The pool does not request compression and does not decompress the response.
const bomb = testedBuild === 'pool' ? 'UNKNOWN UNCLEAR_RESPONSE' : 'UNKNOWN RESPONSE_TOO_LARGE';

const expectations: Record<keyof typeof tricks, Expected> = {
	'a message of blanks': {
		code: 'UNKNOWN UNCLEAR_RESPONSE',
		says: /reported both success and a refusal|did not confirm it/,
	},
	'200,000 levels': { code: 'UNKNOWN RESPONSE_TOO_LARGE', says: /values or levels/ },
	'3 MiB of padding': { code: 'UNKNOWN RESPONSE_TOO_LARGE', says: /2 MiB/ },
	'64 MiB in gzip': { code: bomb, says: /2 MiB/ },
	'an echo of the signature': { code: 'REFUSED InvalidParameterValue', says: /Value … … …/ },
	'an echo of the signature in escapes': { code: 'REFUSED InvalidParameterValue', says: /Value … …/ },
	markup: { code: 'REFUSED InvalidParameterValue', says: /‹a href/ },
	'a clock that is 10 days off': { code: 'REFUSED InvalidParameterValue', says: /Check this server's clock/ },
};

/**
 * The callers to test. Both builds share the code that reads responses and differ only in the transport: so the verified build tests one
 * caller of each kind.
 */
const callersOf = (callers: Readonly<Record<string, Caller>>): Array<[string, Caller]> =>
	testedBuild === 'pool' ? Object.entries(callers) : Object.entries(callers).slice(0, 1);

describe.each(Object.entries(tricks))('A service that answers with %s', (name, trick) => {
	const { code, says } = expectations[name as keyof typeof tricks];

	test.each(callersOf(runs))(
		'is one outcome of a call to %s, and neither the whole response nor a signature is stored.',
		async (_, call) => {
			const service = await hostile(trick);
			const { codes, output, shown } = await call(service);
			expect(codes[0]).toBe(code);
			expect(shown).not.toContain('<a ');
			expectNoSignature(service, output);
			expect(output.length).toBeLessThan(100_000);
		},
	);

	test.each(callersOf(editors))('becomes a sentence in %s.', async (_, call) => {
		const service = await hostile(trick);
		const { output } = await call(service);
		expect(output).toMatch(says);
		expect(output).not.toContain('<a ');
		expectNoSignature(service, output);
		expect(output.length).toBeLessThan(10_000);
	});
});

const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => row(`c${index}`, index));
const options = { maxAttempts: 1 };

test('The execution stores no more of ten responses of nearly 2 MiB than of ten short ones.', async () => {
	const bytesWith = async (trick: Trick) => {
		const service = await hostile(trick);
		const { saved, success, failure } = await runPush(rowsOf(10), service, { environment: NO_PROXIES });
		expect(failure).toBeUndefined();
		expect(success).toHaveLength(10);
		return JSON.stringify(saved).length;
	};
	const Padding = 'x'.repeat(1_900_000);
	const long = await bytesWith((asked) => ({ body: done(asked, { Padding, Echo: asked.Signature }) }));
	const short = await bytesWith((asked) => ({ body: done(asked) }));
	expect(long / short).toBeLessThan(1.05);
});

test('A signature that is returned as data is not output either.', async () => {
	const service = await hostile((asked) => ({
		body: done(asked, {
			Total: 1,
			Customers: [{ CustomerId: asked.Signature, CountryCode: JSON.stringify(asked), PhoneNumber: '=1+1' }],
		}),
	}));
	const { output } = await runs['a list'](service);
	expect(output).toContain('"CustomerId":"…"');
	expect(output).toContain('=1+1');
	expectNoSignature(service, output);
	const picked = await editors['a picker'](service);
	expect(picked.output).toContain('…');
	expectNoSignature(service, picked.output);
});

const mostRequests: Record<keyof typeof endlessLists, number> = {
	'that counts 1e12 records': 1,
	'whose pages of 1.9 MB never end': 55,
	'of more than a million records, which were not requested': 60,
};

// Both builds count pages with the same code.
(testedBuild === 'pool' ? test : test.skip).each(Object.entries(endlessLists))(
	'A list %s ends as one outcome, before n8n runs out of memory.',
	async (name, trick) => {
		const service = await hostile(trick);
		const { codes, output } = await runs['a list'](service);
		expect(codes).toEqual(['UNKNOWN LIST_TOO_LARGE']);
		expect(service.asked.length).toBeLessThanOrEqual(mostRequests[name as keyof typeof endlessLists]);
		expect(output.length).toBeLessThan(100_000);
	},
);

const HOUR_MS = 3_600_000;
const clockOf =
	(offsetMs: number): Trick =>
	(asked) => {
		const nowMs = Date.now() + offsetMs;
		const isRight = Math.abs(asked.Timestamp * 1000 - nowMs) < 5 * 60_000;
		const body = isRight ? done(asked) : refused(asked, 'InvalidParameterValue', 'Timestamp 无效');
		return { headers: { date: new Date(nowMs).toUTCString() }, body };
	};

test.each([23, -23])(
	"If the clocks differ by %d hours, the run continues with the service's clock.",
	async (hours) => {
		const service = await hostile(clockOf(hours * HOUR_MS));
		const { success, hints } = await runPush(rowsOf(3), service, { options, environment: NO_PROXIES });
		expect(success).toHaveLength(3);
		expect(JSON.stringify(hints)).toMatch(/clock/);
	},
);

test.each([25, -25])('A service clock that is %d hours off is not trusted.', async (hours) => {
	const service = await hostile(clockOf(hours * HOUR_MS));
	const { error } = await runPush(rowsOf(3), service, {
		options,
		environment: NO_PROXIES,
		onError: 'continueErrorOutput',
	});
	expect(error).toHaveLength(3);
	expect(JSON.stringify(error)).toContain("Set this server's clock");
	expect(service.asked).toHaveLength(1);
});

test.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])(
	"The editor's requests to this machine bypass a proxy in %s.",
	async (name) => {
		const proxy = await runCheckingProxy();
		const service = await hostile((asked) => ({ body: done(asked) }));
		const environment = { ...NO_PROXIES, [name]: `http://127.0.0.1:${proxy.port}` };
		const data = credentialOf(service);
		const { methods } = loadTestedNode().nodeType;
		await callEditor({ environment }, { credential: data }, async ({ listing, testing }) => {
			await methods!.listSearch!.searchCustomers!.call(listing);
			await methods!.credentialTest!.testTencentCloudIotApi!.call(testing, {
				id: '1',
				name: 'Tencent',
				type: 'tencentCloudIotApi',
				data,
			});
		});
		expect(proxy.connections).toBe(0);
		expect(service.asked.length).toBeGreaterThan(1);
	},
);
