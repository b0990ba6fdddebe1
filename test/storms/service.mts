import type { Judge } from './judge.mts';
import type { Steps } from './steps.mts';
import type { Storm } from './storm.mts';
import type { VirtualTime } from './virtualTime.mts';

export type Response = 'accepted' | 'refused' | 'none';

/** A client that waits for a response gives up after this time, milliseconds. */
const TIMEOUT_MS = 2000;

/** Tencent's service: it holds the devices of each request, unless that is refused or lost. */
export class Service {
	readonly #time: VirtualTime;
	readonly #judge: Judge;
	readonly #storm: Pick<Storm, 'service' | 'slowness'>;
	readonly #trouble: (untilMs: number) => void;
	requests = 0;

	constructor(
		time: VirtualTime,
		judge: Judge,
		storm: Pick<Storm, 'service' | 'slowness'>,
		trouble: (untilMs: number) => void,
	) {
		this.#time = time;
		this.#judge = judge;
		this.#storm = storm;
		this.#trouble = trouble;
	}

	/** Gets a request. @param isFaulty whether it may go wrong */
	send(
		steps: Steps,
		customer: string,
		devices: string,
		isFaulty: boolean,
		respond: (response: Response) => void,
	): void {
		const { chance, worker } = steps;
		const startMs = this.#time.nowMs;
		const { service, slowness = 1 } = this.#storm;
		const wholeMs = chance.integer(20, 300) * slowness;
		const acceptedMs = startMs + chance.share() * wholeMs;
		const { refused, responseLost, requestLost } = service;
		const fate = chance.share();
		this.requests++;
		let response: Response = 'accepted';
		if (isFaulty && fate < refused) response = 'refused';
		else if (isFaulty && fate < refused + responseLost + requestLost) response = 'none';
		const isLost = response === 'none' && fate >= refused + responseLost;
		const endMs = startMs + (response === 'none' ? TIMEOUT_MS : wholeMs);
		if (response !== 'accepted') this.#trouble(endMs);
		steps.log(
			`sends ${customer}: ${response === 'none' ? (isLost ? 'request lost' : 'response lost') : response}`,
		);
		if (response !== 'refused' && !isLost) {
			this.#time.at(acceptedMs, () => this.#judge.serviceAccepts(customer, devices));
		}
		worker.deliver(endMs, () => respond(response));
	}
}
