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
		'of one that is %s changes nothing',
		(state) => {
			const plan = planIn(state);
			expect(holderOf(plan).decidePlan(APPROVE)).toEqual({ plan, whyNotDecided: state });
		},
	);

	test('of another plan, or of none, changes nothing', () => {
		expect(holderOf(planIn('waiting')).decidePlan({ ...APPROVE, planId: 'p2' }).whyNotDecided).toBe(
			'otherPlan',
		);
		expect(holderOf(undefined).decidePlan(APPROVE)).toEqual({ plan: undefined, whyNotDecided: 'none' });
	});

	test.each<[PlanState]>([['approved'], ['rejected'], ['sent'], ['over']])(
		'of another plan, where the one of today is %s, does not say that one is waiting',
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
		['that was rejected has its rejection told by the message of this run', planIn('rejected'), true],
		['whose rejection was told is not told anew', { ...planIn('rejected'), isTold: true }, true],
		['that is still waiting has no rejection to tell', planIn('waiting'), false],
	])('with the same plan %s', (_title, plan, isTold) => {
		expect(holderOf(plan).proposePlan(PROPOSED).plan?.isTold === true).toBe(isTold);
	});

	test('that is the first one asks', () => {
		expect(holderOf(undefined).proposePlan(PROPOSED).plan).toEqual(planIn('waiting'));
	});

	test('with another plan asks again', () => {
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
	])('leaves one that was %s, where it passed by %j, as %s', (before, passed, after) => {
		expect(holderOf(planIn(before)).closeOncePassed(passed).plan?.state).toBe(after);
	});

	test('leaves one without its lines, which name customers: nobody is shown them any more', () => {
		const { plan } = holderOf(planIn('approved')).closeOncePassed('p1');
		expect([plan?.english, plan?.chinese, plan?.by]).toEqual([[], [], planIn('approved')?.by]);
	});

	test('leaves none where none waited', () => {
		expect(holderOf(undefined).closeOncePassed('').plan).toBeUndefined();
		expect(holderOf(undefined).approvedPlanId).toBe('');
	});
});

describe('Once names of customers are switched off, a plan', () => {
	const wordless = { english: [], chinese: [] };

	test.each<[title: string, plan: KeptPlan | undefined, after: KeptPlan | undefined]>([
		['loses lines that may name some', planIn('approved'), { ...planIn('approved'), ...wordless }],
		[
			'keeps those that name nobody',
			{ ...planIn('waiting'), isNameless: true },
			{ ...planIn('waiting'), isNameless: true },
		],
		['is none where none waits', undefined, undefined],
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
	])('as none where somebody has edited it so that nobody can decide it: %j', (value) => {
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
	])('without what somebody has edited: %j', (edited, read) => {
		expect(PlanHolder.read({ ...whole, ...edited }).plan).toEqual({ ...whole, ...read });
	});

	test('as decided by nobody, where the name is none, and as not told, where that is not true', () => {
		expect(PlanHolder.read({ ...whole, by: 5, isTold: 'yes' }).plan).toEqual(planIn('approved'));
	});
});
