import { describe, expect, test } from '@jest/globals';
import { Lead } from '../../../nodes/TencentCloudIot/service/delivery/lead';
import type { Failure } from '../../../nodes/TencentCloudIot/service/outcome';
import { NESTED_RULES, type NestedRule } from '../../../nodes/TencentCloudIot/service/signing/signature';
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
		expect(lead).toMatchObject({ isOpen: true, hasAccepted: false, gaveUp: undefined });
		lead.succeeded('json');
		expect(lead).toMatchObject({ isOpen: false, hasAccepted: true, gaveUp: undefined });
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
		['the answer to another request', failureWith({ code: 'UNCLEAR_ANSWER', answered: true })],
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

	test('closes when the service let a request in and failed at it', () => {
		const lead = new Lead(NESTED_RULES);
		lead.failed(failureWith({ answered: true, letIn: true }));
		expect(lead).toMatchObject({ isOpen: false, gaveUp: undefined });
	});

	test('gives up after three calls that no rule could sign, with what they were told', () => {
		const lead = new Lead(NESTED_RULES);
		for (let calls = 0; calls < 3; calls++) {
			expect(lead).toMatchObject({ isOpen: true, gaveUp: undefined });
			lead.failed(wrongSignature);
		}
		expect(lead).toMatchObject({ isOpen: false, gaveUp: wrongSignature });
	});

	test('never gives up once the service has answered', () => {
		const lead = new Lead(NESTED_RULES);
		lead.failed(failureWith());
		lead.failed(failureWith());
		lead.succeeded(undefined);
		for (let calls = 0; calls < 10; calls++) lead.failed(failureWith());
		expect(lead).toMatchObject({ isOpen: false, gaveUp: undefined });
	});
});

describe('The rule for nested values', () => {
	const refusedBy = (...rules: NestedRule[]) => new Set(rules);

	test('is the next one that did not refuse the call, in the order of their likelihood', () => {
		const lead = new Lead(NESTED_RULES);
		expect(lead.ruleAfter(refusedBy())).toBe('json');
		expect(lead.ruleAfter(refusedBy('json'))).toBe('goFmt');
		expect(lead.ruleAfter(refusedBy('json', 'goFmt', 'scalarsOnly'))).toBe('flattened');
		expect(lead.ruleAfter(refusedBy(...NESTED_RULES))).toBeUndefined();
	});

	test('is the accepted one for every call from then on', () => {
		const lead = new Lead(NESTED_RULES);
		lead.succeeded('flattened');
		expect(lead.acceptedRule).toBe('flattened');
		expect(lead.ruleAfter(refusedBy())).toBe('flattened');
		expect(lead.ruleAfter(refusedBy('json'))).toBe('flattened');
		expect(lead.ruleAfter(refusedBy('flattened'))).toBeUndefined();
	});

	test('is proven by no request that had none', () => {
		const lead = new Lead(NESTED_RULES);
		lead.succeeded(undefined);
		expect(lead.acceptedRule).toBeUndefined();
		expect(lead.ruleAfter(refusedBy('json'))).toBe('goFmt');
	});

	test('chosen by the user is the only one tried', () => {
		const lead = new Lead(['jsString']);
		expect(lead.ruleAfter(refusedBy())).toBe('jsString');
		expect(lead.ruleAfter(refusedBy('jsString'))).toBeUndefined();
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
		expect(lead.canCorrectClock(failure, NOW_MS)).toBe(true);
		expect(lead.clockOffsetMs).toBe(offsetMs);
		expect(lead.canCorrectClock(failure, NOW_MS)).toBe(false);
		expect(lead).toMatchObject({ clockOffsetMs: offsetMs, tries: 1 });
	});

	test.each([0, 4 * MINUTE_MS, -4 * MINUTE_MS, 5 * MINUTE_MS, -5 * MINUTE_MS])(
		'is left alone when it is %d ms off, which the service accepts',
		(offsetMs) => {
			const lead = new Lead(['json']);
			expect(lead.canCorrectClock({ ...wrongTime, serverTimeMs: NOW_MS + offsetMs }, NOW_MS)).toBe(false);
			expect(lead.clockOffsetMs).toBe(0);
		},
	);

	const farOff = NOW_MS + 6 * MINUTE_MS;
	test.each<[what: string, failure: Failure]>([
		['an AppKey', { ...refused, refused: 'appKey', serverTimeMs: farOff }],
		['a customer', { ...refused, serverTimeMs: farOff }],
		['a timestamp by a server without a clock', wrongTime],
	])('is left alone when %s was refused', (_what, failure) => {
		const lead = new Lead(NESTED_RULES);
		expect(lead.canCorrectClock(failure, NOW_MS)).toBe(false);
		expect(lead.clockOffsetMs).toBe(0);
	});

	test('is left alone once the service has answered', () => {
		const lead = new Lead(NESTED_RULES);
		lead.succeeded('json');
		expect(lead.canCorrectClock({ ...wrongTime, serverTimeMs: farOff }, NOW_MS)).toBe(false);
	});
});
