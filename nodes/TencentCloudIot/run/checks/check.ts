import type { Plan } from '../planRun';
import type { Run } from '../run';

/**
 * Decides before anything is sent what of a plan is withheld, or why all of it is blocked.
 * @returns what of the plan is to change
 * @throws NotSendable when that cannot be decided, e.g. without a usable credential
 */
export type Check = (plan: Plan, run: Run) => Partial<Plan> | Promise<Partial<Plan>>;
