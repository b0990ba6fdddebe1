import { expect, test } from '@jest/globals';
import type { AuditFinding } from '../../nodes/TencentCloudIot/messages/audit';
import type { Parameters } from '../../nodes/TencentCloudIot/service/signing/signature';
import { Dice, seedFor } from '../invariants/dice.mts';
import { auditOf, ofCustomer, ofDevice, ofOrder, rowsOf, type Entry } from './standIn.mts';

const MEMBERS = ['Customers', 'Devices', 'Orders'] as const;
type Member = (typeof MEMBERS)[number];

const KEY = { Customers: 'CustomerId', Devices: 'DeviceName', Orders: 'OrderNo' } as const;

/** How the lists of one timeline change. */
interface Weather {
	/** The chance of a change before each page. */
	change: number;
	/** The chance that a removed entry is immediately replaced by another one. */
	pair: number;
	/** The chance that an entry moves within its list. */
	move: number;
	/** The Total of a page may be as old as this many requests. */
	lag: number;
}

/**
 * A list that changes while it is read. `seen` has its ids at each page of the last reading, from the first page on: only that reading
 * counts for findings.
 */
class ChangingList {
	readonly member: Member;
	seen: Array<ReadonlySet<string>> = [];
	hasChanged = false;
	readonly #entries: Entry[];
	readonly #totals: number[] = [];
	readonly #dice: Dice;
	readonly #weather: Weather;
	#made = 0;

	constructor(member: Member, entries: Entry[], dice: Dice, weather: Weather) {
		this.member = member;
		this.#entries = entries;
		this.#dice = dice;
		this.#weather = weather;
	}

	page({ Offset, Limit }: Parameters): Entry {
		if (Offset === 0) {
			this.seen = [];
		}
		if (this.#dice.happens(this.#weather.change)) {
			this.#change();
		}
		this.#totals.push(this.#entries.length);
		this.seen.push(new Set(this.#entries.map((entry) => String(entry[KEY[this.member]]))));
		const lag = this.#dice.integer(0, this.#weather.lag);
		return {
			[this.member]: this.#entries.slice(Number(Offset), Number(Offset) + Number(Limit)),
			Total: this.#totals.at(-1 - lag) ?? this.#totals[0],
		};
	}

	#change(): void {
		this.hasChanged = true;
		const happens = (chance: number) => this.#dice.happens(chance);
		if (happens(this.#weather.move)) {
			this.#put(this.#take());
		} else if (happens(this.#weather.pair)) {
			this.#take();
			this.#put(this.#create());
		} else if (happens(0.5)) {
			this.#put(this.#create());
		} else {
			this.#take();
		}
	}

	#take(): Entry | undefined {
		return this.#entries.splice(this.#dice.integer(0, Math.max(0, this.#entries.length - 1)), 1)[0];
	}

	/** Services insert new entries at the end, at the beginning, or anywhere. */
	#put(entry: Entry | undefined): void {
		if (entry === undefined) {
			return;
		}
		const { length } = this.#entries;
		this.#entries.splice(this.#dice.pick([length, 0, this.#dice.integer(0, length)]), 0, entry);
	}

	#create(): Entry {
		const name = `new_${this.member}_${this.#made}`;
		this.#made++;
		return { Customers: ofCustomer(name), Devices: ofDevice(name), Orders: ofOrder('c1', name) }[this.member];
	}
}

/** Counts over timelines: incomplete lists, lists that are complete although they changed, and findings. */
const NOTHING = { incomplete: 0, completeThoughChanged: 0, findings: 0 };

/** Audits lists while they change. Throws at a finding that was not true at any moment of the reading. */
async function runTimeline(seed: number): Promise<typeof NOTHING> {
	const dice = new Dice(seed);
	const weather: Weather = {
		change: dice.pick([0, 0.03, 0.1, 0.4, 0.8]),
		pair: dice.pick([0, 0.5, 1]),
		move: dice.pick([0, 0, 0.3]),
		lag: dice.pick([0, 0, 1, 3]),
	};
	const size = dice.pick([3, 99, 100, 101, 199, 300, 400, dice.integer(0, 900)]);
	const customers = Array.from({ length: size }, (_, index) => `c${index}`);
	const named = customers.filter(() => dice.happens(0.98));
	const rows = [...named, 'unknown'].map((customer) => ({ customer, device: `P/d_${customer}` }));
	const world = {
		Customers: customers.map((customer) => ofCustomer(customer)),
		Devices: customers.map((customer) => ofDevice(`d_${customer}`, dice.happens(0.02) ? 3 : 1)),
		Orders: customers.filter(() => dice.happens(0.98)).map((customer) => ofOrder(customer, `O_${customer}`)),
	};
	const lists = MEMBERS.map((member) => new ChangingList(member, [...world[member]], dice, weather));
	const pause = async () => {
		const ticks = dice.integer(0, 6);
		for (let tick = 0; tick < ticks; tick++) {
			await Promise.resolve();
		}
	};
	const { result } = await auditOf(
		rowsOf(rows),
		async (parameters) => {
			await pause();
			const list = lists.find(({ member }) => parameters.Action === `ServiceGet${member.slice(0, -1)}List`)!;
			const page = list.page(parameters);
			await pause();
			return page;
		},
		{ compared: [...MEMBERS], concurrency: dice.integer(1, 6) },
	);
	const outcome = { ...NOTHING };
	for (const { member, seen, hasChanged } of lists) {
		const List = member === 'Devices' ? 'Devices P' : member;
		const isRead = result.listsRead.some((list) => list.List === List);
		if (!isRead) {
			outcome.incomplete++;
		} else if (hasChanged) {
			outcome.completeThoughChanged++;
		}
		const wasListed = (id: string) => seen.some((ids) => ids.has(id));
		const wasMissing = (id: string) => seen.some((ids) => !ids.has(id));
		const isStill = !hasChanged && weather.lag === 0;
		if (isStill && !isRead && seen[0]!.size > 0) {
			throw new Error(`${member} were read, and are reported as incomplete`);
		}
		const findingsWith = (code: string) => result.findings.filter((finding) => finding.code === code);
		const check = (
			code: string,
			isTrue: (id: string) => boolean,
			idIn: (finding: AuditFinding) => string,
		) => {
			const ids = findingsWith(code)
				.map(idIn)
				.filter((id) => id !== '');
			outcome.findings += ids.length;
			const wrong = ids.filter((id) => !isRead || !isTrue(id));
			if (wrong.length > 0) {
				throw new Error(`false ${code}: ${wrong.join(', ')}`);
			}
		};
		if (member === 'Customers') {
			check('CUSTOMER_UNKNOWN', wasMissing, ({ CustomerId }) => CustomerId);
			check('CUSTOMER_GONE', wasListed, ({ CustomerId }) => CustomerId);
			if (isStill && isRead) {
				expect(findingsWith('CUSTOMER_UNKNOWN')).toHaveLength(1);
				expect(findingsWith('CUSTOMER_GONE')).toHaveLength(size - named.length);
			}
		} else if (member === 'Devices') {
			check('DEVICE_UNKNOWN', wasMissing, ({ DeviceId }) => DeviceId.slice(2));
			check('DEVICE_UNKNOWN', wasListed, ({ Nearest }) => Nearest.slice(2));
			check('DEVICE_UNOWNED', wasListed, ({ DeviceId }) => DeviceId.slice(2));
			check('DEVICE_NEVER_ONLINE', wasListed, ({ DeviceId }) => DeviceId.slice(2));
		} else {
			check('ORDER_WITHOUT_DEVICES', wasListed, ({ OrderNo }) => OrderNo);
			check('CUSTOMER_WITHOUT_ORDER', wasMissing, ({ CustomerId }) => `O_${CustomerId}`);
		}
	}
	return outcome;
}

/** @param seeds how many timelines are tried, from seed 0 on */
export function testAuditTimelines(seeds: number): void {
	test(`No finding is false in ${seeds} random timelines in which lists change while they are read`, async () => {
		const sum = { ...NOTHING };
		for (let seed = 0; seed < seeds; seed++) {
			const outcome = await runTimeline(seedFor(seed, 'audit')).catch((cause: unknown) => {
				throw new Error(`timeline ${seed}: ${(cause as Error).message}`, { cause });
			});
			for (const name of Object.keys(sum) as Array<keyof typeof sum>) {
				sum[name] += outcome[name];
			}
		}
		// Both kinds occur often: incomplete lists, and lists that changed but were read completely.
		expect(sum.incomplete).toBeGreaterThan(seeds / 10);
		expect(sum.completeThoughChanged).toBeGreaterThan(seeds / 20);
		expect(sum.findings).toBeGreaterThan(seeds);
	}, 600_000);
}
