import type { IncomingRequest, ServiceContext, Verdict } from './carryOut.mts';
import { carryOut, refuse } from './carryOut.mts';
import type { Fault } from './faults.mts';
import { FaultPlan } from './faults.mts';
import type { ServiceClock, SimulatorOptions } from './options.mts';
import type { Habits } from './habits.mts';
import { RateLimiter } from './rateLimit.mts';
import type { Reaction } from './reaction.mts';
import { reactionTo, tooManyRequests } from './reaction.mts';
import type { ReceivedBody } from './receivedBody.mts';
import { readBody } from './receivedBody.mts';
import { ReplayGuard } from './replayGuard.mts';
import type { RequestRecord } from './requestRecord.mts';
import { factsOf } from './requestRecord.mts';
import { ServiceState } from './serviceState.mts';
import type { Settings } from './settings.mts';
import { changeSettings, defaultSettings } from './settings.mts';
import { verifySignature } from './verifySignature.mts';

const OUTAGE: Fault = { kind: 'reset' };

const machineClock: ServiceClock = { nowMs: () => Date.now(), elapsedMs: () => performance.now() };

/** The service without its HTTP server: takes bytes, returns reactions, and records both. */
export class Service {
	readonly state: ServiceState;
	readonly requests: RequestRecord[] = [];
	readonly appKey: string;
	readonly appSecret: string;
	readonly #clock: ServiceClock;
	readonly #clockSkewMs: number;
	readonly #keepBodies: boolean;
	readonly #faults: FaultPlan;
	readonly habits: Habits;
	readonly #replayGuard = new ReplayGuard();
	#rateLimiter: RateLimiter | undefined;
	#settings = defaultSettings;

	constructor(options: SimulatorOptions) {
		this.appKey = options.appKey ?? 'ServiceAppKey';
		this.appSecret = options.appSecret ?? 'ServiceAppSecret';
		this.#clock = options.clock ?? machineClock;
		this.#clockSkewMs = (options.clockSkewSeconds ?? 0) * 1000;
		this.#keepBodies = options.keepBodies ?? false;
		this.#faults = new FaultPlan(options.faults ?? []);
		this.habits = options.habits ?? {};
		const {
			bindMode = 'replace',
			ownership = 'shared',
			customers = [],
			devices = [],
			models = {},
			scrolls = false,
		} = options;
		const { orders = [], bindings = {} } = options;
		this.state = new ServiceState(
			{ bindMode, ownership },
			{ customers, devices, models, orders, bindings, scrolls },
		);
	}

	get settings(): Settings {
		return this.#settings;
	}

	/**
	 * Changes settings from now on.
	 *
	 * @throws OptionError when `data` does not have the form of ChangeableOptions; nothing is changed then
	 */
	change(data: unknown): void {
		const before = this.#settings.rateLimit;
		this.#settings = changeSettings(this.#settings, data);
		if (this.#settings.rateLimit !== before) {
			this.#startRateLimiter();
		}
	}

	/** Forgets all requests, bindings, nonces and used-up faults; settings stay. */
	reset(): void {
		this.requests.length = 0;
		this.state.clear();
		this.#replayGuard.clear();
		this.#faults.reset();
		this.#startRateLimiter();
	}

	/** Unix time in milliseconds by the service's clock. */
	nowMs(): number {
		return this.#clock.nowMs() + this.#clockSkewMs;
	}

	/** Handles one request; when this returns, it has been carried out or refused. */
	receive(bytes: Buffer, contentType: string | undefined): Reaction {
		const receivedAtMs = this.#clock.nowMs();
		const body = readBody(bytes, contentType);
		const facts = factsOf(body.parameters);
		const index = this.requests.length;
		const request = {
			body,
			signatureValid: this.#isSigned(body),
			requestId: facts.RequestId ?? '',
		};
		const fault = this.#settings.outage
			? OUTAGE
			: this.#faults.faultFor({ index, parameters: body.parameters, ...facts });
		const { outcome, applied, reaction } = this.#decide(index, request, fault);
		this.requests.push({
			index,
			receivedAtMs,
			...facts,
			signatureValid: request.signatureValid,
			outcome,
			applied,
			body: this.#keepBodies ? body.text : undefined,
		});
		return reaction;
	}

	#decide(index: number, request: IncomingRequest, fault: Fault | undefined): Verdict {
		if (!fault) {
			return this.#serve(index, request);
		}
		if (fault.kind === 'late') {
			const verdict = this.#serve(index, request);
			return { ...verdict, reaction: { ...verdict.reaction, until: fault.until } };
		}
		const applies = fault.kind === 'applyThenReset' || fault.applyFirst === true;
		return {
			outcome: `fault:${fault.kind}`,
			applied: applies && this.#serve(index, request).applied,
			reaction: reactionTo(fault, this.#settings.envelope, request.requestId),
		};
	}

	#serve(index: number, request: IncomingRequest): Verdict {
		const context: ServiceContext = {
			appKey: this.appKey,
			nowSeconds: Math.floor(this.nowMs() / 1000),
			replayGuard: this.#replayGuard,
			state: this.state,
			settings: this.#settings,
			habits: this.habits,
		};
		if (!this.#rateLimiter || this.#rateLimiter.admits(index, this.#clock.elapsedMs())) {
			return carryOut(request, context);
		}
		const verdict = refuse(request, context, {
			Code: 'RequestLimitExceeded',
			Message: '请求的次数超过了频率限制',
		});
		const { limit } = this.#rateLimiter;
		return limit.answer === 'http429' ? { ...verdict, reaction: tooManyRequests(limit) } : verdict;
	}

	#startRateLimiter(): void {
		const { rateLimit } = this.#settings;
		this.#rateLimiter = rateLimit ? new RateLimiter(rateLimit) : undefined;
	}

	#isSigned({ text, parameters }: ReceivedBody): boolean {
		const signature = parameters.get('Signature');
		if (typeof signature !== 'string') {
			return false;
		}
		try {
			const { nestedRule: rule } = this.#settings;
			const hasList = [...parameters.values()].some((value) => typeof value === 'object' && value !== null);
			if (hasList && this.habits.refusesLists) {
				return false;
			}
			return verifySignature({ bodyText: text, signature, secret: this.appSecret, rule });
		} catch (error) {
			// A value that the rule cannot write cannot have been signed with it.
			if (error instanceof RangeError || error instanceof TypeError) {
				return false;
			}
			throw error;
		}
	}
}
