import type { OutcomeName } from '../../../nodes/TencentCloudIot/service/outcome';
import { NO_CHECKS } from './syncRuns.mts';
import { Shop, type Rows } from './shop.mts';

const CUSTOMERS = 12;
const DEVICES = 24;

/** Random integers from 0 to `count - 1`, the same ones for the same seed. */
export function randomOf(seed: number): (count: number) => number {
	let state = seed >>> 0;
	return (count) => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
	};
}

/** A service whose pushes only add devices: a customer keeps every device that was ever accepted for it. */
class AddingService {
	readonly #holders = new Map<string, Set<string>>();

	accept(customerId: string, devices: readonly string[]): void {
		for (const device of devices) {
			const holders = this.#holders.get(device) ?? new Set();
			this.#holders.set(device, holders.add(customerId));
		}
	}

	/** The former owners that still hold a device because its move was not reported yet, as `P/1: a > b`. */
	unreportedMoves(device: string, owner: string): string[] {
		const holders = [...(this.#holders.get(device) ?? [])];
		const formerOwners = holders.filter((holder) => holder !== owner);
		return formerOwners.map((holder) => `${device}: ${holder} > ${owner}`);
	}

	/** The customers that hold a device. */
	holdersOf(device: string): string[] {
		return [...(this.#holders.get(device) ?? [])];
	}

	/** Somebody read the report of the move and removed the device from its former owners. */
	noteReport(device: string, owner: string): void {
		this.#holders.set(device, new Set([owner]));
	}
}

/** The minutes since 1970 between which something happened. */
interface Minutes {
	earliest: number;
	latest: number;
}

/** When the rows of the customers that hold a device first lacked it, as far as a run may know. */
class LossTimes {
	/** By device and holder: the first run whose rows lacked the device, and the first such run that was not killed. Minutes since 1970. */
	readonly #losses = new Map<string, { earliest: number; latest: number | undefined }>();

	/** Notes what a run sees. @param isAccepted whether Tencent has, or may have, the devices in the rows of a customer after this run */
	note(
		{ customers, withheld }: Rows,
		service: AddingService,
		{
			began,
			isKilled,
			isAccepted,
		}: { began: Minutes; isKilled: boolean; isAccepted: (id: string) => boolean },
	): void {
		for (const key of this.#losses.keys()) {
			const [device = '', holder = ''] = key.split(' ');
			if (!service.holdersOf(device).includes(holder)) {
				this.#losses.delete(key);
			}
		}
		for (let index = 0; index < DEVICES; index++) {
			const device = `P/${index}`;
			for (const holder of service.holdersOf(device)) {
				const key = `${device} ${holder}`;
				const loss = this.#losses.get(key);
				if (withheld?.has(holder) === true) {
					continue;
				}
				if (customers.get(holder)?.includes(device) !== true) {
					// While a row that cannot be read names a device, a customer that no row names may be withheld.
					const isCertain = !isKilled && (withheld?.size ?? 0) === 0;
					const latest = loss?.latest ?? (isCertain ? began.latest : undefined);
					this.#losses.set(key, { earliest: loss?.earliest ?? began.earliest, latest });
				} else if (isAccepted(holder)) {
					this.#losses.delete(key);
				} else if (loss !== undefined) {
					this.#losses.set(key, { ...loss, latest: undefined });
				}
			}
		}
	}

	/** Whether a report may say that the rows of a customer lack a device since this minute. */
	isRight(device: string, holder: string, sinceMinute: number, began: Minutes): boolean {
		const { earliest = began.earliest, latest = began.latest } =
			this.#losses.get(`${device} ${holder}`) ?? {};
		return sinceMinute >= earliest && sinceMinute <= latest;
	}
}

export interface MovesFound {
	/** How many moves were reported. */
	reportedCount: number;
	/** Moves that were reported wrongly, or not at all. */
	wrong: string[];
}

/** Moves devices between customers at random, run after run, some of them killed, and compares the reports with what a service that only adds would hold. */
export async function moveAtRandom(seed: number, runs: number): Promise<MovesFound> {
	const random = randomOf(seed);
	const shop = new Shop();
	shop.settings = { checks: NO_CHECKS };
	const service = new AddingService();
	const owners = new Map<string, string | undefined>();
	for (let index = 0; index < DEVICES; index++) {
		owners.set(`P/${index}`, `c${random(CUSTOMERS / 2)}`);
	}
	const lossTimes = new LossTimes();
	const found: MovesFound = { reportedCount: 0, wrong: [] };
	const minuteNow = () => Math.floor(shop.node.clock.nowMs() / 60_000);
	for (let run = 0; run < runs; run++) {
		for (let change = random(4); change > 0; change--) {
			moveOne(owners, random);
		}
		// A device in the rows of two customers withholds both.
		const shared = random(6) === 0 ? `P/${random(DEVICES)}` : undefined;
		const { rows, inRows } = rowsOf(owners, { shared, random });
		const outcomes = new Map<string, OutcomeName | undefined>();
		const outcomeOf = (id: string) => {
			const outcome = ([...Array<OutcomeName>(8).fill('OK'), 'REFUSED', 'UNKNOWN', undefined] as const)[
				random(11)
			];
			outcomes.set(id, outcome);
			return outcome;
		};
		const isManual = random(5) === 0;
		const isLast = run === runs - 1;
		if (random(8) === 0 && !isLast) {
			// It names all its customers before it sends the first one, so each of them may have been applied.
			const killedMinute = minuteNow();
			const killedIds = await shop.runKilled(rows, random(CUSTOMERS));
			const began = { earliest: killedMinute, latest: killedMinute };
			lossTimes.note(rows, service, { began, isKilled: true, isAccepted: (id) => killedIds.includes(id) });
			for (const id of killedIds) {
				service.accept(id, rows.customers.get(id) ?? []);
			}
			shop.wait(15 + random(60));
			continue;
		}
		const earliest = minuteNow();
		const { report, sent, news } = await shop.run(rows, {
			outcomeOf: isLast ? () => 'OK' : outcomeOf,
			isManual: isManual && !isLast,
		});
		// A run that finds a killed one waits before it begins.
		const began = { earliest, latest: minuteNow() };
		const outcomeAfter = (id: string) => (outcomes.has(id) ? outcomes.get(id) : 'UNCHANGED');
		const isUpToDate = (id: string) => !['REFUSED', undefined].includes(outcomeAfter(id));
		lossTimes.note(rows, service, { began, isKilled: false, isAccepted: isUpToDate });
		for (const id of sent) {
			if (isLast || outcomes.get(id) === 'OK' || outcomes.get(id) === 'UNKNOWN') {
				service.accept(id, rows.customers.get(id) ?? []);
			}
		}
		const holdersBefore = new Map(
			Array.from({ length: DEVICES }, (_, index) => [`P/${index}`, service.holdersOf(`P/${index}`)]),
		);
		// While customers fail there is one message an hour; it reports everything since the last one.
		const isReported = news || (isManual && !isLast);
		const expected: string[] = [];
		for (const [id, devices] of rows.customers) {
			const outcome = outcomeAfter(id);
			if (!isReported || outcome === undefined || outcome === 'REFUSED') {
				continue;
			}
			for (const device of devices) {
				expected.push(...service.unreportedMoves(device, id));
				if (news) {
					service.noteReport(device, id);
				}
			}
		}
		if (isLast) {
			found.wrong.push(
				...unreportedMovesIn(rows, service).map((move) => `seed ${seed}: ${move} is never reported`),
			);
		}
		const { Moved = 0, MovedExamples = [] } = report;
		if (Moved !== expected.length) {
			found.wrong.push(`seed ${seed}, run ${run}: ${Moved} reported, expected ${expected.join(', ')}`);
		}
		for (const { DeviceId, From, To, Since } of MovedExamples) {
			const since = Date.parse(Since ?? '') / 60_000;
			const formerOwners = From === null ? holdersBefore.get(DeviceId)! : [From];
			if (!formerOwners.some((owner) => lossTimes.isRight(DeviceId, owner, since, began))) {
				found.wrong.push(`seed ${seed}, run ${run}: ${DeviceId}: ${From} > ${To} since ${Since} is wrong`);
			}
			const isRight = expected.some((move) =>
				From === null
					? move.startsWith(`${DeviceId}: `) && move.endsWith(` > ${To}`)
					: move === `${DeviceId}: ${From} > ${To}`,
			);
			if (
				!isRight ||
				(From !== null && !inRows.has(From)) ||
				(From === null && expected.every((move) => inRows.has(move.split(/: | > /)[1]!)))
			) {
				found.wrong.push(`seed ${seed}, run ${run}: ${DeviceId}: ${From} > ${To} is reported wrongly`);
			}
		}
		found.reportedCount += news ? expected.length : 0;
		shop.wait(run === runs - 2 ? 60 : 15 + random(60));
	}
	return found;
}

function unreportedMovesIn({ customers }: Rows, service: AddingService): string[] {
	return [...customers].flatMap(([id, devices]) =>
		devices.flatMap((device) => service.unreportedMoves(device, id)),
	);
}

/** Moves a device to a known, new or gone customer, to nobody or back, or swaps two devices. */
function moveOne(owners: Map<string, string | undefined>, random: (count: number) => number): void {
	const device = `P/${random(DEVICES)}`;
	if (random(4) === 0) {
		const other = `P/${random(DEVICES)}`;
		const owner = owners.get(device);
		owners.set(device, owners.get(other));
		owners.set(other, owner);
		return;
	}
	if (random(8) === 0) {
		const leavingOwner = owners.get(device);
		for (const [each, owner] of owners) {
			if (owner === leavingOwner) {
				owners.set(each, undefined);
			}
		}
		return;
	}
	owners.set(device, random(5) === 0 ? undefined : `c${random(CUSTOMERS)}`);
}

function rowsOf(
	owners: ReadonlyMap<string, string | undefined>,
	{ shared, random }: { shared: string | undefined; random: (count: number) => number },
): { rows: Rows; inRows: Set<string> } {
	const customers = new Map<string, string[]>();
	for (const [device, owner] of owners) {
		if (owner !== undefined) {
			const devices = customers.get(owner) ?? [];
			devices.push(device);
			customers.set(owner, devices);
		}
	}
	const withheld = new Map<string, string[]>();
	const owner = shared === undefined ? undefined : owners.get(shared);
	const other = `c${random(CUSTOMERS)}`;
	if (shared !== undefined && owner !== undefined && other !== owner) {
		for (const id of [owner, other]) {
			const devices = customers.get(id) ?? [];
			withheld.set(id, devices.concat(shared));
			customers.delete(id);
		}
	}
	// Some customers without a device keep their row.
	const leftOut = Array.from({ length: CUSTOMERS }, (_, index) => `c${index}`).filter(
		(id) => !customers.has(id) && !withheld.has(id) && random(2) === 0,
	);
	return {
		rows: { customers, withheld, leftOut },
		inRows: new Set([...customers.keys(), ...withheld.keys(), ...leftOut]),
	};
}
