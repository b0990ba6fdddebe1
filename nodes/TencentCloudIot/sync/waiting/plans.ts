/**
 * The plan of a run that a safety check stopped. It waits in `last` of the lock row until somebody decides, it is sent, or the check does
 * not stop the rows any more.
 *
 *     waiting  ── approve ──▶ approved ── a run passes exactly this plan ──▶ sent
 *        │                       │
 *        │                       └── the rows pass by themselves ─────────▶ over
 *        ├── reject ──▶ rejected ── the rows pass by themselves ───────────▶ over
 *        ├── the rows pass by themselves ──────────────────────────────────▶ over
 *        └── a run is stopped with another plan: that one waits in its place
 */
import { entriesOf, isText, readMembers } from '../edited';

type PlanState = 'waiting' | 'approved' | 'rejected' | 'sent' | 'over';

export interface WaitingPlan {
	/** The digest of what would be sent. */
	planId: string;
	state: PlanState;
	/** When a run was first stopped with it, Unix milliseconds. */
	atMs: number;
	/** The name of the person who decided. */
	by?: string;
	/** When that person decided, Unix milliseconds. */
	decidedMs?: number;
	/** Whether a message has said that the plan was rejected. */
	isTold?: boolean | undefined;
	/** How many requests it takes. */
	requests: number;
	/** What it would do, for whoever decides. */
	english: readonly string[];
	chinese: readonly string[];
}

/** What a stopped run would have sent. */
type ProposedPlan = Pick<WaitingPlan, 'planId' | 'atMs' | 'requests' | 'english' | 'chinese'>;

/**
 * To be called when a run was stopped. The same plan stays waiting, rejected or approved. If it was sent or is over it waits again, and so
 * does any other plan, in the place of the one before.
 */
export function proposePlan(before: WaitingPlan | undefined, proposed: ProposedPlan): WaitingPlan {
	const isSame = before?.planId === proposed.planId;
	if (isSame && (before.state === 'waiting' || before.state === 'rejected' || before.state === 'approved')) {
		return before;
	}
	return { ...proposed, state: 'waiting' };
}

/** To be called when a run was not stopped: it has sent the approved plan, or its rows have passed the checks by themselves. */
export function settlePlan(before: WaitingPlan | undefined, passedPlan: string): WaitingPlan | undefined {
	if (before === undefined || before.state === 'sent' || before.state === 'over') {
		return before;
	}
	const isSent = before.state === 'approved' && before.planId === passedPlan;
	return { ...before, state: isSent ? 'sent' : 'over' };
}

/** The plan that the next run may send; '' for none. */
export function approvedPlan(plan: WaitingPlan | undefined): string {
	return plan?.state === 'approved' ? plan.planId : '';
}

/**
 * Why a decision changes nothing.
 * - `none`: no run was stopped yet
 * - `otherPlan`: the rows have changed, and another plan waits
 * - `approved`, `rejected`, `sent`, `over`: somebody was faster, or nothing waits any more
 */
type WhyNotDecided = 'none' | 'otherPlan' | Exclude<PlanState, 'waiting'>;

interface Decision {
	plan: WaitingPlan | undefined;
	/** Undefined where the decision counts. */
	whyNot?: WhyNotDecided;
}

/** Approves or rejects a plan for somebody. Only a plan that waits can be decided, and only once. */
export function decidePlan(
	plan: WaitingPlan | undefined,
	{ planId, isApproved, by, atMs }: { planId: string; isApproved: boolean; by: string; atMs: number },
): Decision {
	if (plan === undefined) {
		return { plan, whyNot: 'none' };
	}
	if (plan.planId !== planId) {
		return { plan, whyNot: 'otherPlan' };
	}
	if (plan.state !== 'waiting') {
		return { plan, whyNot: plan.state };
	}
	return { plan: { ...plan, state: isApproved ? 'approved' : 'rejected', by, decidedMs: atMs } };
}

const STATES: readonly PlanState[] = ['waiting', 'approved', 'rejected', 'sent', 'over'];

/** Reads the member `plan` of `last`; undefined where there is none, or somebody has edited it. */
export function readPlan(value: unknown): WaitingPlan | undefined {
	const plan = readMembers<WaitingPlan>(value);
	const { planId, atMs, requests, english, chinese, by, decidedMs } = plan;
	const state = STATES.find((name) => name === plan.state);
	if (!isText(planId) || planId === '' || state === undefined || !Number.isFinite(atMs)) {
		return undefined;
	}
	const read: WaitingPlan = {
		planId,
		state,
		atMs: Number(atMs),
		requests: Number(requests ?? 0),
		english: entriesOf(english, isText),
		chinese: entriesOf(chinese, isText),
		isTold: plan.isTold === true || undefined,
	};
	return isText(by) ? { ...read, by, decidedMs: Number(decidedMs ?? atMs) } : read;
}
