import { describe, expect, test } from '@jest/globals';
import { Lead } from '../../../nodes/TencentCloudIot/service/delivery/lead';
import type { Failure } from '../../../nodes/TencentCloudIot/service/outcome';
import { NESTED_RULES } from '../../../nodes/TencentCloudIot/service/signature';
import { failureWith } from '../../support/failures.mts';
import { expectReadable } from '../../support/wording.mts';

const NOW_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;

const wrongSignature = failureWith({
	outcome: 'REFUSED',
	retry: 'never',
	refused: 'signature',
	answered: true,
});
const wrongTime: Failure = { ...wrongSignature, refused: 'timestamp' };
const refused = failureWith({ outcome: 'REFUSED', retry: 'never', answered: true });

describe('The lead', () => {
	test('is open until the service has accepted a request', () => {
		const lead = new Lead(NESTED_RULES);
		expect(lead).toMatchObject({ isOpen: true, acceptedRule: undefined, gaveUp: undefined });
		lead.succeeded();
		expect(lead).toMatchObject({ isOpen: false, acceptedRule: 'json', gaveUp: undefined });
	});

	test('closes when the service refuses a request for good: it is there and takes the key', () => {
		const lead = new Lead(NESTED_RULES);
		lead.failed(refused);
		expect(lead).toMatchObject({ isOpen: false, acceptedRule: undefined, gaveUp: undefined });
	});

	test.each<[what: string, failure: Failure]>([
		['a fault on the way', failureWith()],
		['a server fault', failureWith({ answered: true })],
		['throttling', failureWith({ outcome: 'REFUSED', retry: 'throttled', answered: true })],
		['a refusal by something on the way', failureWith({ outcome: 'REFUSED', retry: 'never' })],
		['an answer that cannot be read', failureWith({ answered: false })],
		['a server fault that is not to be repeated', failureWith({ answered: true, retry: 'never' })],
	])('gives up after three calls in a row that ended with %s', (_what, failure) => {
		const lead = new Lead(NESTED_RULES);
		lead.failed(failure);
		lead.failed(failure);
		expect(lead).toMatchObject({ isOpen: true, gaveUp: undefined });
		lead.failed(failure);
		expect(lead.isOpen).toBe(false);
		expect(lead.gaveUp).toMatchObject({ code: 'NO_ANSWER', outcome: 'NOT_SENT', scope: 'run' });
		expectReadable(lead.gaveUp!);
	});

	test('never gives up once the service has answered', () => {
		const lead = new Lead(NESTED_RULES);
		lead.failed(failureWith());
		lead.failed(failureWith());
		lead.succeeded();
		for (let calls = 0; calls < 10; calls++) lead.failed(failureWith());
		expect(lead).toMatchObject({ isOpen: false, gaveUp: undefined });
	});
});

describe('The rule for nested values', () => {
	test('is the next one after each refused signature, until there is none', () => {
		const lead = new Lead(NESTED_RULES);
		const found = [lead.nestedRule];
		while (lead.canSignOtherwise(wrongSignature, NOW_MS)) found.push(lead.nestedRule);
		expect(found).toEqual(['json', 'flattened', 'scalarsOnly', 'jsString']);
		lead.failed(wrongSignature);
		expect(lead).toMatchObject({ acceptedRule: undefined, tries: 3 });
	});

	test('is kept once a request was accepted by it, whatever is refused later', () => {
		const lead = new Lead(NESTED_RULES);
		expect(lead.canSignOtherwise(wrongSignature, NOW_MS)).toBe(true);
		lead.succeeded();
		expect(lead.canSignOtherwise(wrongSignature, NOW_MS)).toBe(false);
		expect(lead).toMatchObject({ acceptedRule: 'flattened', nestedRule: 'flattened' });
	});

	test('chosen by the user is the only one tried', () => {
		const lead = new Lead(['jsString']);
		expect(lead.nestedRule).toBe('jsString');
		expect(lead.canSignOtherwise(wrongSignature, NOW_MS)).toBe(false);
	});

	test.each<[what: string, failure: Failure]>([
		['an AppKey', { ...refused, refused: 'appKey' }],
		[
			'an AppKey by a server of another time',
			{ ...refused, refused: 'appKey', serverTimeMs: NOW_MS + 6 * MINUTE_MS },
		],
		['a customer', refused],
		['a timestamp of the right time', { ...wrongTime, serverTimeMs: NOW_MS }],
		['a timestamp by a server without a clock', wrongTime],
	])('is not changed when %s was refused', (_what, failure) => {
		const lead = new Lead(NESTED_RULES);
		expect(lead.canSignOtherwise(failure, NOW_MS)).toBe(false);
		expect(lead).toMatchObject({ nestedRule: 'json', clockOffsetMs: 0 });
	});
});

describe("This server's clock", () => {
	test.each([
		['timestamp', 5 * MINUTE_MS + 1],
		['timestamp', -5 * MINUTE_MS - 1],
		['signature', 24 * 60 * MINUTE_MS],
		['signature', -6 * MINUTE_MS],
	] as const)('is corrected once when the %s is refused and it is %d ms off', (what, offsetMs) => {
		const lead = new Lead(['json']);
		const failure: Failure = { ...wrongSignature, refused: what, serverTimeMs: NOW_MS + offsetMs };
		expect(lead.canSignOtherwise(failure, NOW_MS)).toBe(true);
		expect(lead).toMatchObject({ clockOffsetMs: offsetMs, nestedRule: 'json' });
		expect(lead.canSignOtherwise(failure, NOW_MS)).toBe(false);
		expect(lead).toMatchObject({ clockOffsetMs: offsetMs, tries: 1 });
	});

	test.each([0, 4 * MINUTE_MS, -4 * MINUTE_MS, 5 * MINUTE_MS, -5 * MINUTE_MS])(
		'is left alone when it is %d ms off, which the service accepts',
		(offsetMs) => {
			const lead = new Lead(['json']);
			expect(lead.canSignOtherwise({ ...wrongTime, serverTimeMs: NOW_MS + offsetMs }, NOW_MS)).toBe(false);
			expect(lead.clockOffsetMs).toBe(0);
		},
	);

	test('is corrected before another rule is tried', () => {
		const lead = new Lead(['json', 'flattened']);
		const failure: Failure = { ...wrongSignature, serverTimeMs: NOW_MS + 6 * MINUTE_MS };
		expect(lead.canSignOtherwise(failure, NOW_MS)).toBe(true);
		expect(lead.nestedRule).toBe('json');
		expect(lead.canSignOtherwise(failure, NOW_MS)).toBe(true);
		expect(lead).toMatchObject({ nestedRule: 'flattened', clockOffsetMs: 6 * MINUTE_MS });
		expect(lead.canSignOtherwise(failure, NOW_MS)).toBe(false);
	});
});
