import { describe, expect, test } from '@jest/globals';
import type { OutcomeName } from '../../nodes/TencentCloudIot/service/outcome';
import { sendingOrder, standingOf, type Standing, type Verdict } from '../../nodes/TencentCloudIot/sync/plan';

const VERDICTS: readonly Verdict[] = ['unchanged', 'failed', 'due', 'changed', 'waiting', 'unjudged'];

describe('The order of sending', () => {
	test('is: what had to wait, what is new or changed, whose turn it is, what failed, and each in the order of the rows', () => {
		const twice = [...VERDICTS, ...VERDICTS];
		expect(sendingOrder(twice, false).map((index) => twice[index])).toEqual([
			...['waiting', 'waiting', 'changed', 'changed', 'due', 'due', 'failed', 'failed'],
			...['unjudged', 'unjudged'],
		]);
		expect(sendingOrder(twice, false)).toEqual([4, 10, 3, 9, 2, 8, 1, 7, 5, 11]);
	});

	test('leaves out nobody when every customer is to be sent, and has the unchanged ones after all that is needed', () => {
		expect(sendingOrder(VERDICTS, true)).toEqual([4, 3, 2, 1, 0, 5]);
	});

	test('is empty when nothing has changed', () => {
		expect(sendingOrder(['unchanged', 'unchanged'], false)).toEqual([]);
	});
});

describe('What is remembered of a customer', () => {
	const OUTCOMES: Array<OutcomeName | undefined> = ['OK', 'REFUSED', 'UNKNOWN', 'NOT_SENT', undefined];

	test.each<[Verdict, Standing[]]>([
		['changed', ['accepted', 'failed', 'failed', 'waiting', 'waiting']],
		['waiting', ['accepted', 'failed', 'failed', 'waiting', 'waiting']],
		['due', ['accepted', 'failed', 'failed', 'waiting', 'waiting']],
		['failed', ['accepted', 'failed', 'failed', 'failed', 'failed']],
		['unchanged', ['accepted', 'failed', 'failed', 'accepted', 'accepted']],
		['unjudged', ['accepted', 'failed', 'failed', 'waiting', 'waiting']],
	])(
		'that was %s, when it is OK, REFUSED, UNKNOWN, NOT_SENT or was never begun, is %j',
		(verdict, standings) => {
			expect(OUTCOMES.map((outcome) => standingOf(verdict, outcome))).toEqual(standings);
		},
	);
});
