import { describe, expect, test } from '@jest/globals';
import { WarmUp } from '../../../nodes/TencentCloudIot/service/delivery/warmUp';
import type { RequestFailure } from '../../../nodes/TencentCloudIot/service/outcome';
import { SIGNATURE_SCHEMES } from '../../../nodes/TencentCloudIot/service/signing/signature';
import { failureWith } from '../../support/failures.mts';
import { expectReadable } from '../../support/wording.mts';
import { englishOf } from '../../support/texts.mts';

const NOW_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;

const wrongSignature = failureWith({
	outcome: 'REFUSED',
	retry: 'never',
	authFailure: 'signature',
	isFromService: true,
});
const wrongTime: RequestFailure = { ...wrongSignature, authFailure: 'timestamp' };
const refused = failureWith({ outcome: 'REFUSED', retry: 'never', isFromService: true });

describe('The warm-up', () => {
	test('is open until the service has accepted a request', () => {
		const warmUp = new WarmUp(SIGNATURE_SCHEMES, true);
		expect(warmUp).toMatchObject({ isOpen: true, hasAccepted: false, giveUpReason: undefined });
		warmUp.noteSuccess('json');
		expect(warmUp).toMatchObject({ isOpen: false, hasAccepted: true, giveUpReason: undefined });
	});

	test('closes when the service permanently refuses a request: it is reachable and accepts the key', () => {
		const warmUp = new WarmUp(SIGNATURE_SCHEMES, true);
		warmUp.noteFailure(refused);
		expect(warmUp).toMatchObject({ isOpen: false, acceptedScheme: undefined, giveUpReason: undefined });
	});

	test.each<[what: string, failure: RequestFailure]>([
		['a network failure', failureWith()],
		['a server fault', failureWith({ isFromService: true })],
		['throttling', failureWith({ outcome: 'REFUSED', retry: 'throttled', isFromService: true })],
		['a refusal by a proxy', failureWith({ outcome: 'REFUSED', retry: 'never' })],
		['an unreadable response', failureWith({ isFromService: false })],
		['a server error that is not retried', failureWith({ isFromService: true, retry: 'never' })],
		['the response to another request', failureWith({ code: 'UNCLEAR_RESPONSE', isFromService: true })],
	])('gives up after three calls in a row that ended with %s', (_what, failure) => {
		const warmUp = new WarmUp(SIGNATURE_SCHEMES, true);
		warmUp.noteFailure(failure);
		warmUp.noteFailure(failure);
		expect(warmUp).toMatchObject({ isOpen: true, giveUpReason: undefined });
		warmUp.noteFailure(failure);
		expect(warmUp.isOpen).toBe(false);
		expect(warmUp.giveUpReason).toMatchObject({ code: 'NO_RESPONSE', outcome: 'NOT_SENT', scope: 'run' });
		expectReadable(warmUp.giveUpReason!);
	});

	test('closes when the service accepted a request and failed to process it', () => {
		const warmUp = new WarmUp(SIGNATURE_SCHEMES, true);
		warmUp.noteFailure(failureWith({ isFromService: true, isAuthenticated: true }));
		expect(warmUp).toMatchObject({ isOpen: false, giveUpReason: undefined });
	});

	test('gives up after three calls whose signature failed with every scheme, with their failure', () => {
		const warmUp = new WarmUp(SIGNATURE_SCHEMES, true);
		for (let calls = 0; calls < 3; calls++) {
			expect(warmUp).toMatchObject({ isOpen: true, giveUpReason: undefined });
			warmUp.noteFailure(wrongSignature);
		}
		expect(warmUp).toMatchObject({ isOpen: false, giveUpReason: wrongSignature });
	});

	test('does not count a call that shows nothing about the service, but uses its findings', () => {
		const warmUp = new WarmUp(SIGNATURE_SCHEMES, true);
		for (let calls = 0; calls < 10; calls++) {
			warmUp.noteFailure(failureWith(), false);
		}
		expect(warmUp).toMatchObject({ isOpen: true, giveUpReason: undefined });
		warmUp.noteFailure(refused, false);
		expect(warmUp).toMatchObject({ isOpen: false, giveUpReason: undefined });
	});

	test('never gives up once the service has responded', () => {
		const warmUp = new WarmUp(SIGNATURE_SCHEMES, true);
		warmUp.noteFailure(failureWith());
		warmUp.noteFailure(failureWith());
		warmUp.noteSuccess(undefined);
		for (let calls = 0; calls < 10; calls++) {
			warmUp.noteFailure(failureWith());
		}
		expect(warmUp).toMatchObject({ isOpen: false, giveUpReason: undefined });
	});
});

describe("This server's clock", () => {
	test.each([
		['timestamp', 5 * MINUTE_MS + 1],
		['timestamp', -5 * MINUTE_MS - 1],
		['signature', 24 * 60 * MINUTE_MS],
		['signature', -6 * MINUTE_MS],
	] as const)('is corrected once when the %s is refused and it is %d ms off', (authFailure, offsetMs) => {
		const warmUp = new WarmUp(['json'], true);
		const failure: RequestFailure = { ...wrongSignature, authFailure, serverTimeMs: NOW_MS + offsetMs };
		expect(warmUp.tryCorrectClock(failure, NOW_MS)).toBe(true);
		expect(warmUp.clockOffsetMs).toBe(offsetMs);
		expect(warmUp.tryCorrectClock(failure, NOW_MS)).toBe(false);
		expect(warmUp).toMatchObject({ clockOffsetMs: offsetMs, detectionRequests: 1 });
	});

	test.each([0, 4 * MINUTE_MS, -4 * MINUTE_MS, 5 * MINUTE_MS, -5 * MINUTE_MS])(
		'is not corrected when it is %d ms off, which the service accepts',
		(offsetMs) => {
			const warmUp = new WarmUp(['json'], true);
			expect(warmUp.tryCorrectClock({ ...wrongTime, serverTimeMs: NOW_MS + offsetMs }, NOW_MS)).toBe(false);
			expect(warmUp.clockOffsetMs).toBe(0);
		},
	);

	const farOff = NOW_MS + 6 * MINUTE_MS;
	test.each<[what: string, failure: RequestFailure]>([
		['an AppKey', { ...refused, authFailure: 'appKey', serverTimeMs: farOff }],
		['a customer', { ...refused, serverTimeMs: farOff }],
		['a timestamp by a server without a clock', wrongTime],
	])('is not corrected when %s was refused', (_what, failure) => {
		const warmUp = new WarmUp(SIGNATURE_SCHEMES, true);
		expect(warmUp.tryCorrectClock(failure, NOW_MS)).toBe(false);
		expect(warmUp.clockOffsetMs).toBe(0);
	});

	test('is not corrected once the service has responded', () => {
		const warmUp = new WarmUp(SIGNATURE_SCHEMES, true);
		warmUp.noteSuccess('json');
		expect(warmUp.tryCorrectClock({ ...wrongTime, serverTimeMs: farOff }, NOW_MS)).toBe(false);
	});

	const HOUR_MS = 60 * MINUTE_MS;
	const DAY_MS = 24 * HOUR_MS;
	test.each<[offsetMs: number, difference: string, isIdempotent: boolean]>([
		[DAY_MS + MINUTE_MS + 1, 'a day', true],
		[-DAY_MS - MINUTE_MS - 1, 'a day', true],
		[HOUR_MS + MINUTE_MS + 1, 'an hour', false],
		[-HOUR_MS - MINUTE_MS - 1, 'an hour', false],
	])(
		'is not corrected but reported when it is %d ms off, more than %s; idempotent: %s',
		(offsetMs, difference, isIdempotent) => {
			const warmUp = new WarmUp(['json'], isIdempotent);
			const atServer = { serverTimeMs: NOW_MS + offsetMs };
			expect(warmUp.tryCorrectClock({ ...wrongTime, ...atServer }, NOW_MS)).toBe(false);
			expect(warmUp.clockOffsetMs).toBe(0);
			const adviceOf = (failure: RequestFailure) =>
				englishOf(warmUp.withClockAdvice({ ...failure, ...atServer }, NOW_MS).advice);
			const clock = `Set this server's clock: it differs by more than ${difference} from that of the service`;
			expect(adviceOf(wrongTime)).toBe(clock);
			expect(adviceOf(wrongSignature)).toBe(`${clock}. ${englishOf(wrongSignature.advice)}`);
			expect(adviceOf({ ...wrongSignature, authFailure: 'appKey' })).toBe(englishOf(wrongSignature.advice));
		},
	);

	test.each([
		[DAY_MS + MINUTE_MS, true],
		[-DAY_MS - MINUTE_MS, true],
		[HOUR_MS + MINUTE_MS, false],
		[undefined, false],
	])('is not mentioned in the advice when it is %s ms off; idempotent: %s', (offsetMs, isIdempotent) => {
		const warmUp = new WarmUp(['json'], isIdempotent);
		const failure = offsetMs === undefined ? wrongTime : { ...wrongTime, serverTimeMs: NOW_MS + offsetMs };
		expect(warmUp.withClockAdvice(failure, NOW_MS)).toBe(failure);
		expect(warmUp.tryCorrectClock(failure, NOW_MS)).toBe(offsetMs !== undefined);
	});
});
