import { describe, expect, test } from '@jest/globals';
import { WarmUp } from '../../../nodes/TencentCloudIot/service/delivery/warmUp';
import type { RequestFailure, RequestOutcome } from '../../../nodes/TencentCloudIot/service/outcome';
import {
	encodeParameters,
	SIGNATURE_SCHEMES,
} from '../../../nodes/TencentCloudIot/service/signing/signature';
import { failureWith } from '../../support/failures.mts';
import { expectReadable } from '../../support/wording.mts';
import { shows, showsPart } from '../../support/texts.mts';

const NOW_MS = 1_700_000_000_000;
const nested = encodeParameters({ Action: 'A', DeviceInfos: [{ DeviceId: 'P/D' }] });
const scalars = encodeParameters({ Action: 'A', Limit: 1 });

const ofRun = { outcome: 'REFUSED', retry: 'never', scope: 'run', isFromService: true } as const;
const wrongSignature = failureWith({ ...ofRun, authFailure: 'signature', advice: 'Check App Key' });
const wrongKey = failureWith({ ...ofRun, authFailure: 'appKey' });
const wrongTime = failureWith({ ...ofRun, authFailure: 'timestamp' });
const accepted: RequestOutcome = { outcome: 'OK', data: {}, requestId: 'r' };

/** A key check with this outcome (`undefined`: the key cannot be checked), which counts its calls. */
function keyAnswering(outcome: RequestOutcome | undefined) {
	const keyCheck = {
		times: 0,
		ask: async () => {
			keyCheck.times++;
			return outcome;
		},
	};
	return keyCheck;
}

function signingOf(parameters = nested, warmUp = new WarmUp(SIGNATURE_SCHEMES, true)) {
	return { warmUp, signing: warmUp.signingOf(parameters) };
}

describe('A refused signature', () => {
	test('concerns all requests if the key check is refused, too', async () => {
		const { signing, warmUp } = signingOf();
		const key = keyAnswering(wrongSignature);
		expect(await signing.afterAuthFailure(wrongSignature, NOW_MS, key.ask)).toBe(wrongSignature);
		expect([key.times, warmUp.detectionRequests, warmUp.isOpen]).toEqual([1, 0, true]);
	});

	test.each<[what: string, answer: RequestOutcome]>([
		['is answered', accepted],
		[
			'is refused for another reason',
			failureWith({ outcome: 'REFUSED', retry: 'never', isFromService: true }),
		],
		['gets no answer', failureWith()],
	])('leads to all other schemes if the key check, which runs once, %s', async (_what, answer) => {
		const { signing, warmUp } = signingOf();
		const key = keyAnswering(answer);
		const rules = [signing.scheme];
		while ((await signing.afterAuthFailure(wrongSignature, NOW_MS, key.ask)) === undefined) {
			rules.push(signing.scheme);
		}
		expect(rules).toEqual(SIGNATURE_SCHEMES);
		expect([key.times, warmUp.detectionRequests]).toEqual([1, SIGNATURE_SCHEMES.length - 1]);
	});

	test('with every scheme concerns only the call, and the next call is a warm-up request again', async () => {
		const { signing, warmUp } = signingOf(nested, new WarmUp(['flattened'], true));
		const failure = await signing.afterAuthFailure(wrongSignature, NOW_MS, keyAnswering(accepted).ask);
		expect(failure).toMatchObject({
			scope: 'call',
			advice: showsPart("'Nested Value Signing' to Automatic"),
		});
		expectReadable(failure!);
		warmUp.noteFailure(failure!);
		expect(warmUp.isOpen).toBe(true);
	});

	test('with every scheme shows nothing about a key that could not be checked', async () => {
		const { signing } = signingOf(nested, new WarmUp(['json'], true));
		const failure = await signing.afterAuthFailure(wrongSignature, NOW_MS, keyAnswering(failureWith()).ask);
		expect(failure).toMatchObject({ scope: 'call', advice: wrongSignature.advice });
	});

	test('after others were accepted concerns only that request, with the one known scheme', async () => {
		const { signing, warmUp } = signingOf();
		warmUp.noteSuccess('json');
		const failure = await signing.afterAuthFailure(wrongSignature, NOW_MS, keyAnswering(accepted).ask);
		expect(failure).toMatchObject({
			scope: 'call',
			advice: shows(/^Another request .* was accepted, so the credential is right/),
		});
		expectReadable(failure!);
	});

	test('is retried with the scheme that another call has detected in the meantime', async () => {
		const { signing, warmUp } = signingOf();
		warmUp.noteSuccess('flattened');
		expect(
			await signing.afterAuthFailure(wrongSignature, NOW_MS, keyAnswering(accepted).ask),
		).toBeUndefined();
		expect(signing.scheme).toBe('flattened');
	});

	test('of a request without nested values tries no other scheme, and shows that its key is valid', async () => {
		const { signing, warmUp } = signingOf(scalars);
		const failure = await signing.afterAuthFailure(wrongSignature, NOW_MS, keyAnswering(accepted).ask);
		expect(failure).toMatchObject({
			scope: 'call',
			advice: showsPart('the credential is right'),
		});
		expect(warmUp).toMatchObject({
			isOpen: false,
			hasAccepted: true,
			acceptedScheme: undefined,
			detectionRequests: 0,
		});
	});

	test('concerns only the call if the key can no longer be checked', async () => {
		const { signing } = signingOf();
		const failure = await signing.afterAuthFailure(wrongSignature, NOW_MS, keyAnswering(undefined).ask);
		expect(failure).toEqual({ ...wrongSignature, scope: 'call' });
	});

	test('from a server with another time is retried with the same scheme before the key is checked', async () => {
		const { signing } = signingOf();
		const key = keyAnswering(wrongSignature);
		const late = { ...wrongSignature, serverTimeMs: NOW_MS + 3_600_000 };
		expect(await signing.afterAuthFailure(late, NOW_MS, key.ask)).toBeUndefined();
		expect([signing.scheme, key.times]).toEqual(['json', 0]);
	});
});

describe.each<[what: string, failure: RequestFailure]>([
	['key', wrongKey],
	['timestamp', wrongTime],
])('A refused %s', (_what, failure) => {
	test('concerns all requests at the start, without a key check', async () => {
		const { signing } = signingOf();
		const key = keyAnswering(accepted);
		expect(await signing.afterAuthFailure(failure, NOW_MS, key.ask)).toBe(failure);
		expect(key.times).toBe(0);
	});

	test.each([
		[accepted, 'call'],
		[wrongKey, 'run'],
	])(
		'after others were accepted leads to a key check: with %j, it concerns the %s',
		async (answer, scope) => {
			const { signing, warmUp } = signingOf();
			warmUp.noteSuccess('json');
			expect(await signing.afterAuthFailure(failure, NOW_MS, keyAnswering(answer).ask)).toMatchObject({
				scope,
			});
		},
	);
});

test('Any other failure is reported unchanged', async () => {
	const { signing } = signingOf();
	const key = keyAnswering(accepted);
	const failure = failureWith();
	expect(await signing.afterAuthFailure(failure, NOW_MS, key.ask)).toBe(failure);
	expect(key.times).toBe(0);
});

test('Only a request with nested values proves the scheme', () => {
	const plain = signingOf(scalars);
	plain.signing.noteSuccess();
	expect(plain.warmUp).toMatchObject({ hasAccepted: true, acceptedScheme: undefined });
	const full = signingOf(nested, new WarmUp(['jsString'], true));
	full.signing.noteSuccess();
	expect(full.warmUp.acceptedScheme).toBe('jsString');
});
