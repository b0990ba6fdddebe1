import type { Judge, JudgedRun } from './judge.mts';
import type { Delay, Steps } from './steps.mts';
import type { ServicePlan } from './storm.mts';
import type { VirtualTime } from './virtualTime.mts';

export type Response = 'accepted' | 'refused' | 'none';

/** A request whose response is lost fails after this time, when the connection breaks. Milliseconds. */
const BROKEN_AFTER_MS = 2000;
/** A late request is accepted this long after its start, while the client still waits, for 30 s. Milliseconds. */
const LATE_MS = { min: 15_000, max: 29_000 };

/** A request of a run. */
export interface Request {
	run: JudgedRun;
	customer: string;
	devices: string;
	/** Whether the request may fail. */
	isFaulty: boolean;
}

/** Tencent's service: it stores the devices of each request that is neither refused nor lost. */
export class Service {
	requests = 0;
	readonly #time: VirtualTime;
	readonly #plan: ServicePlan;
	readonly #trouble: (untilMs: number) => void;

	constructor(time: VirtualTime, plan: ServicePlan, trouble: (untilMs: number) => void) {
		this.#time = time;
		this.#plan = plan;
		this.#trouble = trouble;
	}

	send(
		steps: Steps,
		judge: Judge,
		request: Request,
		delay: Delay,
		respond: (response: Response) => void,
	): void {
		const { chance, worker } = steps;
		const { run, customer, devices, isFaulty } = request;
		const { refused, responseLost, requestLost, late, slower } = this.#plan;
		const startMs = this.#time.nowMs;
		const isSlower = slower !== undefined && startMs >= slower.fromMs;
		const { requestMs } = isSlower ? slower : this.#plan;
		this.requests += 1;
		const isLate = isFaulty && chance.is(late);
		const wholeMs = isLate
			? chance.integer(LATE_MS.min, LATE_MS.max)
			: chance.integer(requestMs.min, requestMs.max);
		const share = isLate ? 1 : chance.share();
		const stalledMs = Math.min(delay.toEffectMs + delay.toResponseMs, LATE_MS.max);
		const appliedMs = startMs + share * wholeMs + Math.min(delay.toEffectMs, LATE_MS.max);
		const fate = chance.share();
		let response: Response = 'accepted';
		let isApplied = true;
		if (isFaulty && fate < refused) {
			response = 'refused';
			isApplied = false;
		} else if (isFaulty && fate < refused + responseLost + requestLost) {
			response = 'none';
			isApplied = fate < refused + responseLost;
		}
		const endMs = startMs + stalledMs + (response === 'none' ? Math.max(BROKEN_AFTER_MS, wholeMs) : wholeMs);
		if (response !== 'accepted' || isLate || stalledMs > 0) {
			this.#trouble(endMs);
		}
		const appliedNote = isApplied ? '' : ', and the service does not apply it';
		steps.log(
			`sends ${customer} (${devices}): response ${response}${appliedNote}, within ${Math.round(endMs - startMs)} ms`,
		);
		if (isApplied) {
			this.#time.at(appliedMs, () => judge.serviceApplies(customer, devices));
		}
		worker.deliver(endMs, () => {
			judge.requestEnds(run, customer, response === 'accepted');
			respond(response);
		});
	}
}
