import { describe, expect, test } from '@jest/globals';
import { Lead } from '../../../nodes/TencentCloudIot/service/delivery/lead';
import { Signing } from '../../../nodes/TencentCloudIot/service/delivery/signing';
import type { Failure, Outcome } from '../../../nodes/TencentCloudIot/service/outcome';
import { encodeParameters, NESTED_RULES } from '../../../nodes/TencentCloudIot/service/signing/signature';
import { failureWith } from '../../support/failures.mts';
import { expectReadable } from '../../support/wording.mts';

const NOW_MS = 1_700_000_000_000;
const nested = encodeParameters({ Action: 'A', DeviceInfos: [{ DeviceId: 'P/D' }] });
const scalars = encodeParameters({ Action: 'A', Limit: 1 });

const ofRun = { outcome: 'REFUSED', retry: 'never', scope: 'run', answered: true } as const;
const wrongSignature = failureWith({ ...ofRun, refused: 'signature', advice: 'Check App Key' });
const wrongKey = failureWith({ ...ofRun, refused: 'appKey' });
const wrongTime = failureWith({ ...ofRun, refused: 'timestamp' });
const accepted: Outcome = { outcome: 'OK', data: {}, requestId: 'r' };

/** Someone who answers the question for the key, and counts how often it is asked. */
function keyAnswering(outcome: Outcome | undefined) {
	const asked = { times: 0, ask: async () => (asked.times++, outcome) };
	return asked;
}

function signingOf(parameters = nested, lead = new Lead(NESTED_RULES)) {
	return { lead, signing: new Signing(lead, parameters) };
}

describe('A refused signature', () => {
	test('is that of all requests when the question for the key is refused as well', async () => {
		const { signing, lead } = signingOf();
		const key = keyAnswering(wrongSignature);
		expect(await signing.afterRefusal(wrongSignature, NOW_MS, key.ask)).toBe(wrongSignature);
		expect([key.times, lead.tries, lead.isOpen]).toEqual([1, 0, true]);
	});

	test.each<[what: string, answer: Outcome]>([
		['is answered', accepted],
		['is refused for another reason', failureWith({ outcome: 'REFUSED', retry: 'never', answered: true })],
		['gets no answer', failureWith()],
	])(
		'leads to each other rule when the question for the key %s, which is asked once',
		async (_what, answer) => {
			const { signing, lead } = signingOf();
			const key = keyAnswering(answer);
			const rules = [signing.rule];
			while ((await signing.afterRefusal(wrongSignature, NOW_MS, key.ask)) === undefined)
				rules.push(signing.rule);
			expect(rules).toEqual(NESTED_RULES);
			expect([key.times, lead.tries]).toEqual([1, NESTED_RULES.length - 1]);
		},
	);

	test("by every rule is told as the call's own, and the next one leads again", async () => {
		const { signing, lead } = signingOf(nested, new Lead(['flattened']));
		const failure = await signing.afterRefusal(wrongSignature, NOW_MS, keyAnswering(accepted).ask);
		expect(failure).toMatchObject({
			scope: 'call',
			advice: expect.stringContaining("'Nested Value Signing' to Automatic"),
		});
		expectReadable(failure!);
		lead.failed(failure!);
		expect(lead.isOpen).toBe(true);
	});

	test('by every rule says nothing of a key for which nobody could be asked', async () => {
		const { signing } = signingOf(nested, new Lead(['json']));
		const failure = await signing.afterRefusal(wrongSignature, NOW_MS, keyAnswering(failureWith()).ask);
		expect(failure).toMatchObject({ scope: 'call', advice: wrongSignature.advice });
	});

	test("after others were accepted is that request's own, by the one rule that is known", async () => {
		const { signing, lead } = signingOf();
		lead.succeeded('json');
		const failure = await signing.afterRefusal(wrongSignature, NOW_MS, keyAnswering(accepted).ask);
		expect(failure).toMatchObject({
			scope: 'call',
			advice: expect.stringMatching(/^Another request .* was accepted, .* this one alone/),
		});
		expectReadable(failure!);
	});

	test('is sent again by the rule that another call has found meanwhile', async () => {
		const { signing, lead } = signingOf();
		lead.succeeded('flattened');
		expect(await signing.afterRefusal(wrongSignature, NOW_MS, keyAnswering(accepted).ask)).toBeUndefined();
		expect(signing.rule).toBe('flattened');
	});

	test('of a request without nested values leads to no other rule, and its key is known to be right', async () => {
		const { signing, lead } = signingOf(scalars);
		const failure = await signing.afterRefusal(wrongSignature, NOW_MS, keyAnswering(accepted).ask);
		expect(failure).toMatchObject({ scope: 'call', advice: expect.stringContaining('this one alone') });
		expect(lead).toMatchObject({ isOpen: false, hasAccepted: true, acceptedRule: undefined, tries: 0 });
	});

	test("is the call's own when no question may be asked any more", async () => {
		const { signing } = signingOf();
		const failure = await signing.afterRefusal(wrongSignature, NOW_MS, keyAnswering(undefined).ask);
		expect(failure).toEqual({ ...wrongSignature, scope: 'call' });
	});

	test('of a server of another time is sent again by the same rule before anything is asked', async () => {
		const { signing } = signingOf();
		const key = keyAnswering(wrongSignature);
		const late = { ...wrongSignature, serverTimeMs: NOW_MS + 3_600_000 };
		expect(await signing.afterRefusal(late, NOW_MS, key.ask)).toBeUndefined();
		expect([signing.rule, key.times]).toEqual(['json', 0]);
	});
});

describe.each<[what: string, failure: Failure]>([
	['key', wrongKey],
	['timestamp', wrongTime],
])('A refused %s', (_what, failure) => {
	test('is that of all requests from the start, without a question', async () => {
		const { signing } = signingOf();
		const key = keyAnswering(accepted);
		expect(await signing.afterRefusal(failure, NOW_MS, key.ask)).toBe(failure);
		expect(key.times).toBe(0);
	});

	test.each([
		[accepted, 'call'],
		[wrongKey, 'run'],
	])('after others were accepted is asked for: %j, then it is of the %s', async (answer, scope) => {
		const { signing, lead } = signingOf();
		lead.succeeded('json');
		expect(await signing.afterRefusal(failure, NOW_MS, keyAnswering(answer).ask)).toMatchObject({ scope });
	});
});

test('Any other failure is told as it is', async () => {
	const { signing } = signingOf();
	const key = keyAnswering(accepted);
	const failure = failureWith();
	expect(await signing.afterRefusal(failure, NOW_MS, key.ask)).toBe(failure);
	expect(key.times).toBe(0);
});

test('The rule is proven by a request with nested values only', () => {
	const plain = signingOf(scalars);
	plain.signing.succeeded();
	expect(plain.lead).toMatchObject({ hasAccepted: true, acceptedRule: undefined });
	const full = signingOf(nested, new Lead(['jsString']));
	full.signing.succeeded();
	expect(full.lead.acceptedRule).toBe('jsString');
});
