import { describe, expect, test } from '@jest/globals';
import { PlanHolder, type KeptPlan } from '../../../nodes/TencentCloudIot/sync/waiting/plans';

type PlanState = KeptPlan['state'];

const PROPOSED = { planId: 'p1', atMs: 1, requests: 150, english: ['150'], chinese: ['150'] };

function planIn(state: PlanState): KeptPlan {
	return { ...PROPOSED, state };
}

const holderOf = (plan: KeptPlan | undefined) => PlanHolder.read(plan);

const APPROVE = { planId: 'p1', isApproved: true, by: '王主管', atMs: 5 };

describe('A decision', () => {
	test('counts once, and the next run may send exactly this plan', () => {
		const { plan, whyNotDecided } = holderOf(planIn('waiting')).decidePlan(APPROVE);
		expect(whyNotDecided).toBeUndefined();
		expect(plan).toEqual({ ...PROPOSED, state: 'approved', by: '王主管', decidedMs: 5 });
		expect(holderOf(plan).approvedPlanId).toBe('p1');
		const second = holderOf(plan).decidePlan({ ...APPROVE, isApproved: false, by: 'Li' });
		expect([second.whyNotDecided, second.plan]).toEqual(['approved', plan]);
	});

	test('to reject sends nothing', () => {
		const { plan } = holderOf(planIn('waiting')).decidePlan({ ...APPROVE, isApproved: false });
		expect([plan?.state, holderOf(plan).approvedPlanId]).toEqual(['rejected', '']);
	});

	test.each<[PlanState]>([['approved'], ['rejected'], ['sent'], ['over']])(
		'on a plan that is %s changes nothing',
		(state) => {
			const plan = planIn(state);
			expect(holderOf(plan).decidePlan(APPROVE)).toEqual({ plan, whyNotDecided: state });
		},
	);

	test('on another plan, or without a plan, changes nothing', () => {
		expect(holderOf(planIn('waiting')).decidePlan({ ...APPROVE, planId: 'p2' }).whyNotDecided).toBe(
			'otherPlan',
		);
		expect(holderOf(undefined).decidePlan(APPROVE)).toEqual({ plan: undefined, whyNotDecided: 'none' });
	});

	test.each<[PlanState]>([['approved'], ['rejected'], ['sent'], ['over']])(
		'on another plan, if the current one is %s, does not say that one is waiting',
		(state) => {
			const plan = planIn(state);
			expect(holderOf(plan).decidePlan({ ...APPROVE, planId: 'p2' })).toEqual({
				plan,
				whyNotDecided: 'none',
			});
		},
	);
});

describe('A stopped run', () => {
	test.each<[PlanState, PlanState]>([
		['waiting', 'waiting'],
		['rejected', 'rejected'],
		['approved', 'approved'],
		['sent', 'waiting'],
		['over', 'waiting'],
	])('with the same plan that is %s leaves it %s', (before, after) => {
		expect(holderOf(planIn(before)).proposePlan({ ...PROPOSED, atMs: 9 }).plan?.state).toBe(after);
	});

	test.each<[title: string, plan: KeptPlan, isTold: boolean]>([
		['that was rejected reports the rejection in its message', planIn('rejected'), true],
		['whose rejection was reported does not report it again', { ...planIn('rejected'), isTold: true }, true],
		['that is still waiting has no rejection to report', planIn('waiting'), false],
	])('with the same plan %s', (_title, plan, isTold) => {
		expect(holderOf(plan).proposePlan(PROPOSED).plan?.isTold === true).toBe(isTold);
	});

	test('without an earlier plan asks for approval', () => {
		expect(holderOf(undefined).proposePlan(PROPOSED).plan).toEqual(planIn('waiting'));
	});

	test('with another plan asks for approval again', () => {
		const { plan, approvedPlanId } = holderOf(planIn('approved')).proposePlan({ ...PROPOSED, planId: 'p2' });
		expect([plan?.planId, plan?.state, approvedPlanId]).toEqual(['p2', 'waiting', '']);
	});
});

describe('A run that is not stopped', () => {
	test.each<[PlanState, string, PlanState]>([
		['approved', 'p1', 'sent'],
		['approved', '', 'over'],
		['waiting', '', 'over'],
		['rejected', '', 'over'],
		['sent', '', 'sent'],
		['over', '', 'over'],
		['rejected', 'p1', 'over'],
	])('turns a plan that was %s into one that is, if it passed by plan ID %j, %s', (before, passed, after) => {
		expect(holderOf(planIn(before)).closeOncePassed(passed).plan?.state).toBe(after);
	});

	test('deletes the lines of the plan, because they name customers and are not shown any more', () => {
		const { plan } = holderOf(planIn('approved')).closeOncePassed('p1');
		expect([plan?.english, plan?.chinese, plan?.by]).toEqual([[], [], planIn('approved')?.by]);
	});

	test('leaves no plan if there was none', () => {
		expect(holderOf(undefined).closeOncePassed('').plan).toBeUndefined();
		expect(holderOf(undefined).approvedPlanId).toBe('');
	});
});

describe('Once names of customers are switched off, a plan', () => {
	const withoutLines = { english: [], chinese: [] };

	test.each<[title: string, plan: KeptPlan | undefined, after: KeptPlan | undefined]>([
		['loses lines that may name customers', planIn('approved'), { ...planIn('approved'), ...withoutLines }],
		[
			'keeps lines that name no customer',
			{ ...planIn('waiting'), isNameless: true },
			{ ...planIn('waiting'), isNameless: true },
		],
		['is none if there was none', undefined, undefined],
	])('%s', (_title, plan, after) => {
		expect(holderOf(plan).withoutNames().plan).toEqual(after);
	});
});

describe('A plan is read', () => {
	const whole: KeptPlan = { ...planIn('approved'), by: 'Li', decidedMs: 7, isTold: true };

	test.each<[KeptPlan]>([[planIn('waiting')], [planIn('over')], [whole]])('as it was written: %j', (plan) => {
		expect(PlanHolder.read(JSON.parse(JSON.stringify(plan))).plan).toEqual(plan);
	});

	test.each<[value: unknown]>([
		[undefined],
		[null],
		[5],
		[{}],
		[{ planId: 'p1' }],
		[{ ...whole, state: 'sold' }],
		[{ ...whole, planId: '' }],
		[{ ...whole, planId: 5 }],
		[{ ...whole, atMs: 'yesterday' }],
	])('as none if an edit made it impossible to decide: %j', (value) => {
		expect(PlanHolder.read(value).plan).toBeUndefined();
	});

	test.each<[edited: object, read: Partial<KeptPlan>]>([
		[{ requests: undefined }, { requests: 0 }],
		[{ requests: '150' }, { requests: 150 }],
		[
			{ english: undefined, chinese: 'text' },
			{ english: [], chinese: [] },
		],
		[{ english: [1, '2'] }, { english: ['2'] }],
		[{ decidedMs: undefined }, { decidedMs: 1 }],
	])('without its edited values: %j', (edited, read) => {
		expect(PlanHolder.read({ ...whole, ...edited }).plan).toEqual({ ...whole, ...read });
	});

	test('as decided by nobody if the name is not a text, and as not reported unless that is true', () => {
		expect(PlanHolder.read({ ...whole, by: 5, isTold: 'yes' }).plan).toEqual(planIn('approved'));
	});
});
