/**
 * The plan of a run that a safety check stopped. It waits in the cell `last` of the lock row until a person decides, a run has sent it, or
 * the rows pass the checks without an approval.
 *
 *     waiting  ── approve ──▶ approved ── a run passes exactly this plan ──▶ sent
 *        │                       │
 *        │                       └── the rows pass by themselves ─────────▶ over
 *        ├── reject ──▶ rejected ── the rows pass by themselves ───────────▶ over
 *        ├── the rows pass by themselves ──────────────────────────────────▶ over
 *        └── a run is stopped with another plan: that one waits in its place
 */
import { entriesOf, isMoment, isText, readMembers } from '../edited';
import type { WaitingLines } from './news';

/** The state of a plan: see the head of this file. */
type PlanState = 'waiting' | 'approved' | 'rejected' | 'sent' | 'over';

/** A stopped run's plan, as the cell `last` keeps it in its member `plan`. */
export interface KeptPlan extends WaitingLines {
	/** The plan ID, from `planIds.make`. */
	planId: string;
	state: PlanState;
	/** When a run was first stopped with this plan, Unix milliseconds. */
	atMs: number;
	/** The name of the person who approved or rejected the plan. */
	by?: string;
	/** When the person approved or rejected the plan, Unix milliseconds. */
	decidedMs?: number;
	/** Whether a message has said that the plan was rejected. */
	isTold?: boolean | undefined;
	/** How many requests the plan takes. */
	requests: number;
}

/** The plan of a run that was stopped just now. */
type ProposedPlan = Pick<KeptPlan, 'planId' | 'atMs' | 'requests' | keyof WaitingLines>;

/**
 * Why a person's decision about a plan has no effect.
 * - `none`: no plan waits for a decision, and the node no longer keeps the plan that the person decided, or never had it
 * - `otherPlan`: the rows have changed since the person saw the plan, and another plan waits for a decision
 * - `approved`, `rejected`, `sent`, `over`: the plan that the person decided is in this state already
 */
type WhyNotDecided = 'none' | 'otherPlan' | Exclude<PlanState, 'waiting'>;

interface Decision {
	/** The plan that the node keeps after the decision, whether or not the decision took effect; undefined if the node keeps none. */
	plan: KeptPlan | undefined;
	/** Why the decision has no effect; undefined if the decision took effect. */
	whyNotDecided?: WhyNotDecided;
}

/** Holds the one plan that a node keeps: the member `plan` of the cell `last`. A new plan replaces the one before. */
export class PlanHolder {
	/** The plan of the run that was stopped last; undefined if none was stopped yet. */
	readonly plan: KeptPlan | undefined;

	private constructor(plan: KeptPlan | undefined) {
		this.plan = plan;
	}

	/** Reads the member `plan` of the cell `last`. If somebody has edited the member so that it cannot be read, the holder has no plan. */
	static read(value: unknown): PlanHolder {
		return new PlanHolder(readPlan(value));
	}

	/** The plan, unless it is closed: a run has sent it, or the rows have passed without its approval. */
	get #openPlan(): KeptPlan | undefined {
		const isClosed = this.plan?.state === 'sent' || this.plan?.state === 'over';
		return isClosed ? undefined : this.plan;
	}

	/** The ID of the plan that the next run may send; '' for none. */
	get approvedPlanId(): string {
		return this.plan?.state === 'approved' ? this.plan.planId : '';
	}

	/** Drops the lines of the plan if they may name customers. */
	withoutNames(): PlanHolder {
		const { plan } = this;
		return plan === undefined || plan.isNameless
			? this
			: new PlanHolder({ ...plan, english: [], chinese: [] });
	}

	/**
	 * Keeps the plan of a run that a safety check has just stopped. If it is the plan that was kept before, and that plan is not closed, its state
	 * stays: waiting, approved or rejected. Any other plan replaces the one before, and waits for a decision.
	 */
	proposePlan(proposed: ProposedPlan): PlanHolder {
		const planBefore = this.#openPlan;
		if (planBefore?.planId !== proposed.planId) {
			return new PlanHolder({ ...proposed, state: 'waiting' });
		}
		const { atMs, state } = planBefore;
		// The message of this stopped run says that the plan was rejected. With `isTold`, no later run sends a message only to say so again.
		const isTold = state === 'rejected' || planBefore.isTold;
		return new PlanHolder({ ...planBefore, ...proposed, atMs, isTold });
	}

	/**
	 * Closes the plan after a run that has passed the safety checks: as `sent` if the run passed with this plan's approval, else as `over`. A closed
	 * plan is shown to nobody, so its lines, which may name customers, are dropped.
	 * @param passedPlanId the ID of the plan that let the run pass; '' if its rows passed without an approval
	 */
	closeOncePassed(passedPlanId: string): PlanHolder {
		const planBefore = this.#openPlan;
		if (planBefore === undefined) {
			return this;
		}
		const isSent = planBefore.state === 'approved' && planBefore.planId === passedPlanId;
		return new PlanHolder({ ...planBefore, english: [], chinese: [], state: isSent ? 'sent' : 'over' });
	}

	/** Approves or rejects the plan in the name of a person. Only a waiting plan can be decided: a second person cannot reverse the first. */
	decidePlan({
		planId,
		isApproved,
		by,
		atMs,
	}: {
		planId: string;
		isApproved: boolean;
		by: string;
		atMs: number;
	}): Decision {
		const { plan } = this;
		const isSamePlan = plan?.planId === planId;
		if (plan?.state !== 'waiting') {
			return { plan, whyNotDecided: isSamePlan ? plan.state : 'none' };
		}
		if (!isSamePlan) {
			return { plan, whyNotDecided: 'otherPlan' };
		}
		return { plan: { ...plan, state: isApproved ? 'approved' : 'rejected', by, decidedMs: atMs } };
	}
}

const PLAN_STATES: readonly PlanState[] = ['waiting', 'approved', 'rejected', 'sent', 'over'];

function readPlan(value: unknown): KeptPlan | undefined {
	const plan = readMembers<KeptPlan>(value);
	const { planId, atMs, requests, english, chinese, by, decidedMs } = plan;
	const state = PLAN_STATES.find((name) => name === plan.state);
	const hasPlanId = isText(planId) && planId !== '';
	if (!hasPlanId || state === undefined || !isMoment(atMs)) {
		return undefined;
	}
	const keptPlan: KeptPlan = {
		planId,
		state,
		atMs,
		requests: Number(requests) || 0,
		english: entriesOf(english, isText),
		chinese: entriesOf(chinese, isText),
		isTold: plan.isTold === true || undefined,
		isNameless: plan.isNameless === true || undefined,
	};
	if (!isText(by)) {
		return keptPlan;
	}
	return { ...keptPlan, by, decidedMs: isMoment(decidedMs) ? decidedMs : atMs };
}
