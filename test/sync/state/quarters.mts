import { Dice, seedFor } from '../../invariants/dice.mts';
import { Shop, type Rows, type FinishedRun } from './shop.mts';

/**
 * Random quarters of shops as they look in a CRM: opening days, holidays, month ends, a seasonal trade, a merger, customers
 * that come and go, mistyped rows, requests that are refused now and then. Most quarters end with an accident:
 *
 *     frozen     from some run on the source does not change any more
 *     creeping   each run has 15 % fewer customers than the one before
 *     flapping   a customer fails in every second one of 12 runs
 *     failing    in each of 12 runs one more customer fails
 *     ordinary   nothing
 */
export const ACCIDENTS = ['frozen', 'creeping', 'flapping', 'failing', 'ordinary'] as const;
type Accident = (typeof ACCIDENTS)[number];

/** The result of a quarter, taken from the reports of its runs. */
export interface Quarter {
	seed: number;
	accident: Accident;
	/** The checks that stopped a run before the accident. */
	falseStops: string[];
	/** How often a standstill was reported although the source was changing. */
	falseStandstills: number;
	/** What was wrong with the reports of the accident; empty if they were correct. */
	wrong: string[];
	runs: number;
	/** After how many days the frozen source was reported. */
	foundAfterDays: number | undefined;
}

const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * HOUR_MINUTES;
const DAY_MS = DAY_MINUTES * 60_000;
const QUARTER_DAYS = 92;

/** The checks of a new node. */
const CHECKS = { stopAbovePercent: 20, stopWhenDevicesDropPercent: 3, approvedPlan: '' };

/** When the people of a trade change the CRM. A trade that is open every day also sells online, so it is never closed for long. */
interface Trade {
	closedOn: readonly number[];
	opens: number;
	closes: number;
	longestHolidayDays: number;
}

const SUNDAY = 0;
const SATURDAY = 6;
const TRADES: readonly Trade[] = [
	{ closedOn: [SATURDAY, SUNDAY], opens: 9, closes: 18, longestHolidayDays: 9 },
	{ closedOn: [SUNDAY], opens: 10, closes: 20, longestHolidayDays: 8 },
	{ closedOn: [], opens: 8, closes: 22, longestHolidayDays: 2 },
];

/** Minutes between two runs. */
const SCHEDULES = [DAY_MINUTES, DAY_MINUTES, 6 * HOUR_MINUTES, 6 * HOUR_MINUTES, HOUR_MINUTES];

interface Holiday {
	firstDay: number;
	days: number;
}

/**
 * The most that changes in a CRM in a day: the share of customers that are new or changed, and the share of devices that are gone
 * or replaced. The checks of a new node stop at 20 % and 3 %.
 */
const MOST_CHANGED = 0.12;
const MOST_DEVICES_GONE = 0.02;

/** What happens in a shop from hour to hour. */
class Crm {
	readonly customers = new Map<string, string[]>();
	/** Customers whose rows are mistyped, and until which minute. */
	readonly mistyped = new Map<string, number>();
	readonly #numbers = new Map<string, string>();
	readonly #dice: Dice;
	readonly #trade: Trade;
	readonly #firstDay: number;
	readonly #holidays: Holiday[] = [];
	/** The share of customers that change in a day, in the middle of the quarter. */
	readonly #dailyShare: number;
	/** The changes per day at the end of the quarter, divided by those at its beginning. */
	readonly #season: number;
	/** The shares of customers whose contract is renewed, begins or ends at the end of a month. */
	readonly #renewedShare: number;
	readonly #newShare: number;
	readonly #endedShare: number;
	readonly #mergerDay: number | undefined;
	readonly #mergedCount: number;
	#count = 0;
	/** Customers that have changed today, and devices that are gone. */
	#changed = new Set<string>();
	#devicesGone = 0;

	constructor(dice: Dice, firstDay: number) {
		this.#dice = dice;
		this.#firstDay = firstDay;
		this.#trade = dice.pick(TRADES);
		this.#dailyShare = dice.pick([0.002, 0.005, 0.01, 0.02, 0.04]);
		this.#season = dice.pick([1, 1, 0.1, 0.3, 3, 10]);
		this.#renewedShare = dice.pick([0, 0.02, 0.05, 0.1]);
		this.#newShare = dice.pick([0, 0.02, 0.04]);
		this.#endedShare = dice.pick([0, 0.01]);
		this.#mergerDay = dice.happens(0.25) ? dice.integer(5, QUARTER_DAYS - 5) : undefined;
		const customers = dice.integer(30, 300);
		this.#mergedCount = Math.floor(customers * (0.03 + 0.09 * dice.next()));
		for (let count = dice.integer(0, 3); count > 0; count--) {
			const firstDayOff = dice.integer(0, QUARTER_DAYS - 1);
			this.#holidays.push({ firstDay: firstDayOff, days: dice.integer(1, this.#trade.longestHolidayDays) });
		}
		for (let index = 0; index < customers; index++) {
			this.#come();
		}
	}

	/**
	 * Lets an hour of the quarter pass.
	 * @param isQuiet whether to leave out everything that would be news by itself
	 */
	passHour(hour: number, isQuiet: boolean): void {
		const day = Math.floor(hour / 24);
		const hourOfDay = hour % 24;
		if (hourOfDay === 0) {
			this.#changed = new Set();
			this.#devicesGone = 0;
		}
		for (const [id, until] of this.mistyped) {
			if (hour * HOUR_MINUTES >= until) {
				this.mistyped.delete(id);
			}
		}
		const { opens, closes } = this.#trade;
		if (!this.#isOpen(day, hourOfDay)) {
			return;
		}
		const progress = Math.min(1, day / QUARTER_DAYS) - 0.5;
		const rate = (this.#dailyShare * this.customers.size * this.#season ** progress) / (closes - opens);
		for (let changes = this.#countOf(rate); changes > 0; changes--) {
			this.#change(isQuiet);
		}
		const isLastHour = hourOfDay === closes - 1;
		if (isLastHour && this.#isLastOfMonth(day) && !isQuiet) {
			this.#endMonth();
		}
		if (isLastHour && day === this.#mergerDay) {
			for (let count = this.#mergedCount; count > 0; count--) {
				this.#come();
			}
		}
		if (!isQuiet && this.#dice.happens(0.004)) {
			this.mistyped.set(this.#pick(), (hour + this.#dice.integer(1, 72)) * HOUR_MINUTES);
		}
	}

	rows(): Rows {
		const customers = new Map(Array.from(this.customers, ([id, devices]) => [id, [...devices]] as const));
		const withheld = new Map<string, readonly string[]>();
		for (const id of this.mistyped.keys()) {
			if (customers.delete(id)) {
				withheld.set(id, []);
			}
		}
		return { customers, withheld, numbers: new Map(this.#numbers) };
	}

	/** Gives a device of a customer another number. */
	renumber(id: string): void {
		const [device = ''] = this.customers.get(id) ?? [];
		this.#count++;
		this.#numbers.set(device, `N${this.#count}`);
		this.#changed.add(id);
	}

	#isOpen(day: number, hourOfDay: number): boolean {
		const { closedOn, opens, closes } = this.#trade;
		const isHoliday = this.#holidays.some(({ firstDay, days }) => day >= firstDay && day < firstDay + days);
		const isOpenDay = !isHoliday && !closedOn.includes(this.#dateOf(day).getUTCDay());
		return isOpenDay && hourOfDay >= opens && hourOfDay < closes;
	}

	#isLastOfMonth(day: number): boolean {
		return this.#dateOf(day + 1).getUTCDate() === 1;
	}

	#dateOf(day: number): Date {
		return new Date((this.#firstDay + day) * DAY_MS);
	}

	/** How many rare events happen if this is their average number (a Poisson distribution). */
	#countOf(average: number): number {
		const least = Math.exp(-average);
		let count = 0;
		for (let product = this.#dice.next(); product > least; product *= this.#dice.next()) {
			count++;
		}
		return count;
	}

	#change(isQuiet: boolean): void {
		if (!this.#mayChange()) {
			return;
		}
		const id = this.#pick();
		const devices = this.customers.get(id) ?? [];
		const kind = this.#dice.next();
		if (kind < 0.3 || isQuiet) {
			this.renumber(id);
		} else if (kind < 0.45 && this.#mayLose(1)) {
			this.#devicesGone++;
			this.#changed.add(id);
			this.customers.set(id, [this.#device(), ...devices.slice(1)]);
		} else if (kind < 0.7) {
			this.#changed.add(id);
			this.customers.set(id, [...devices, this.#device()]);
		} else if (kind < 0.9) {
			this.#come();
		} else if (kind < 0.95) {
			this.#leave(id);
		} else if (devices.length > 1) {
			this.#move(id, devices);
		}
	}

	#mayChange(): boolean {
		return this.#changed.size + 2 <= MOST_CHANGED * this.customers.size;
	}

	#mayLose(devices: number): boolean {
		let count = 0;
		for (const { length } of this.customers.values()) {
			count += length;
		}
		return this.#devicesGone + devices <= Math.max(10, MOST_DEVICES_GONE * count);
	}

	#come(): void {
		this.#count++;
		const id = `c${this.#count}`;
		const devices = Array.from({ length: this.#dice.integer(1, 4) }, () => this.#device());
		this.customers.set(id, devices);
		this.#changed.add(id);
	}

	#leave(id: string): void {
		const { length } = this.customers.get(id) ?? [];
		if (this.#mayLose(length) && this.customers.size > 25) {
			this.#devicesGone += length;
			this.customers.delete(id);
		}
	}

	/** A lock is sold to another customer. */
	#move(id: string, [first = '', ...kept]: readonly string[]): void {
		const to = this.#pick();
		if (to === id) {
			return;
		}
		this.customers.set(id, kept);
		this.customers.get(to)?.push(first);
		this.#changed.add(id);
		this.#changed.add(to);
	}

	/** Contracts end, begin, and are renewed with other numbers. */
	#endMonth(): void {
		for (const id of [...this.customers.keys()]) {
			if (this.#dice.happens(this.#endedShare)) {
				this.#leave(id);
			} else if (this.#mayChange() && this.#dice.happens(this.#renewedShare)) {
				this.renumber(id);
			} else if (this.#mayChange() && this.#dice.happens(this.#newShare)) {
				this.#come();
			}
		}
	}

	#pick(): string {
		return this.#dice.pick([...this.customers.keys()]);
	}

	#device(): string {
		this.#count++;
		return `P/D${this.#count}`;
	}
}

/** The documented rule for reporting a standstill, implemented independently of the product. */
class Standstills {
	#previous = '';
	/** The minutes of all runs whose rows differed from those of the run before. */
	readonly #changes: number[] = [];

	/** Records the rows of a run. */
	note(rows: Rows, minute: number): void {
		const { customers, withheld = new Map<string, unknown>(), numbers = new Map<string, string>() } = rows;
		const text = JSON.stringify([[...customers], [...withheld.keys()].sort(), [...numbers]]);
		if (text !== this.#previous) {
			this.#changes.push(minute);
		}
		this.#previous = text;
	}

	get lastChange(): number {
		return this.#changes.at(-1) ?? 0;
	}

	/** A standstill is reported after this minute: five times the longest gap of the last ten changes and of four weeks, at least three days, after the last change; never before ten changes. */
	get standstillMinute(): number {
		if (this.#changes.length < 10) {
			return Infinity;
		}
		let longest = 0;
		for (let index = 1; index < this.#changes.length; index++) {
			const end = this.#changes[index] ?? 0;
			const gap = end - (this.#changes[index - 1] ?? 0);
			const isOfLastTen = index > this.#changes.length - 10;
			const isOfFourWeeks = gap >= DAY_MINUTES && end >= this.lastChange - 28 * DAY_MINUTES;
			if (isOfLastTen || isOfFourWeeks) {
				longest = Math.max(longest, gap);
			}
		}
		return this.lastChange + Math.max(3 * DAY_MINUTES, 5 * longest);
	}
}

/** Plays a quarter of a shop. */
export async function playQuarter(seed: number): Promise<Quarter> {
	const accident = ACCIDENTS[seed % ACCIDENTS.length] ?? 'ordinary';
	return await new Play(seed, accident).play();
}

class Play {
	readonly #accident: Accident;
	readonly #dice: Dice;
	readonly #shop = new Shop();
	readonly #crm: Crm;
	readonly #everyMinutes: number;
	readonly #standstills = new Standstills();
	readonly #quarter: Quarter;
	/** Since the beginning of the quarter. */
	#minute = 0;

	constructor(seed: number, accident: Accident) {
		this.#accident = accident;
		this.#dice = new Dice(seedFor(seed, 'quarter'));
		// Any day of four years.
		const firstDay = 19_723 + this.#dice.integer(0, 4 * 365);
		this.#crm = new Crm(this.#dice, firstDay);
		this.#everyMinutes = this.#dice.pick(SCHEDULES);
		this.#shop.node.clock.startMs = firstDay * DAY_MS;
		this.#shop.settings = { checks: CHECKS };
		this.#quarter = {
			seed,
			accident,
			falseStops: [],
			falseStandstills: 0,
			wrong: [],
			runs: 0,
			foundAfterDays: undefined,
		};
	}

	async play(): Promise<Quarter> {
		const days = this.#accident === 'ordinary' ? QUARTER_DAYS : this.#dice.integer(30, 85);
		// Before ten changes no standstill is reported.
		const mustContinue = () => this.#accident === 'frozen' && this.#standstills.standstillMinute === Infinity;
		while (this.#minute < days * DAY_MINUTES || mustContinue()) {
			this.#pass(this.#everyMinutes);
			await this.#runAsUsual();
		}
		switch (this.#accident) {
			case 'frozen':
				await this.#freeze();
				break;
			case 'creeping':
				await this.#creep();
				break;
			case 'flapping':
				await this.#flap();
				break;
			case 'failing':
				await this.#failMore();
				break;
			case 'ordinary':
				break;
		}
		return this.#quarter;
	}

	/** Lets time pass in the CRM until the next run. */
	#pass(minutes: number, isQuiet = false): void {
		const firstHour = Math.floor(this.#minute / HOUR_MINUTES);
		this.#minute += minutes;
		this.#shop.wait(minutes);
		for (let hour = firstHour; hour < Math.floor(this.#minute / HOUR_MINUTES); hour++) {
			this.#crm.passHour(hour, isQuiet);
		}
	}

	async #run(rows: Rows, refused: ReadonlySet<string> = new Set()): Promise<FinishedRun> {
		this.#standstills.note(rows, this.#minute);
		this.#quarter.runs++;
		return await this.#shop.run(rows, { outcomeOf: (id) => (refused.has(id) ? 'REFUSED' : 'OK') });
	}

	/** A run before the accident. */
	async #runAsUsual(): Promise<void> {
		const isRefusing = this.#dice.happens(0.02);
		const refused = new Set(isRefusing ? [...this.#crm.customers.keys()].slice(0, 3) : []);
		const { blocked, text, news } = await this.#run(this.#crm.rows(), refused);
		if (blocked !== undefined) {
			this.#quarter.falseStops.push(blocked.code);
		}
		if (news && text.includes('STALE_SOURCE')) {
			this.#quarter.falseStandstills++;
		}
	}

	/** Exactly one message reports the standstill: that of the first run after the minute of the rule, or up to an hour later, because messages may wait that long. */
	async #freeze(): Promise<void> {
		// From now on nobody corrects mistyped rows.
		const rows = this.#crm.rows();
		const reportedAt: number[] = [];
		await this.#run(rows);
		const { standstillMinute, lastChange } = this.#standstills;
		const endMinute = standstillMinute + 3 * DAY_MINUTES;
		while (this.#minute < endMinute) {
			this.#minute += this.#everyMinutes;
			this.#shop.wait(this.#everyMinutes);
			const { news, text, report } = await this.#run(rows);
			if (news && text.includes('STALE_SOURCE: no row has changed for')) {
				reportedAt.push(this.#minute);
			}
			const isLate = this.#minute > standstillMinute;
			if ((report.Warning === 'STALE_SOURCE') !== isLate) {
				this.#quarter.wrong.push(
					`Warning is '${report.Warning}' ${this.#minute - standstillMinute} minutes after`,
				);
			}
		}
		const [first = Infinity] = reportedAt;
		const isFound = first > standstillMinute && first <= standstillMinute + this.#everyMinutes + HOUR_MINUTES;
		if (reportedAt.length !== 1 || !isFound) {
			this.#quarter.wrong.push(`reported at ${reportedAt.join()}, expected after ${standstillMinute}`);
		}
		this.#quarter.foundAfterDays = (first - lastChange) / DAY_MINUTES;
	}

	/** The second run of the loss is stopped, and so are the runs after it. */
	async #creep(): Promise<void> {
		const rows = this.#crm.rows();
		let customers = [...rows.customers];
		const stops: Array<string | undefined> = [];
		for (let run = 0; run < 4; run++) {
			customers = customers.slice(Math.ceil(0.15 * customers.length));
			this.#minute += this.#everyMinutes;
			this.#shop.wait(this.#everyMinutes);
			const { blocked } = await this.#run({ ...rows, customers: new Map(customers) });
			stops.push(blocked?.code);
		}
		if (stops.slice(1).some((code) => code === undefined)) {
			this.#quarter.wrong.push(`stopped by ${stops.map((code) => code ?? 'nothing').join()}`);
		}
	}

	/** Twelve runs within a day send at most two messages about the customer. */
	async #flap(): Promise<void> {
		await this.#settle();
		const every = this.#dice.pick([5, 15, HOUR_MINUTES, 2 * HOUR_MINUTES]);
		const id = this.#dice.pick([...this.#crm.rows().customers.keys()]);
		const isMistyped = this.#dice.happens(0.5);
		let messages = 0;
		for (let run = 0; run < 12; run++) {
			this.#pass(every, true);
			const isFailing = run % 2 === 0;
			const rows = this.#crm.rows();
			let refused = new Set<string>();
			if (isFailing && isMistyped) {
				const customers = new Map(rows.customers);
				customers.delete(id);
				const { news } = await this.#run({ ...rows, customers, withheld: new Map([[id, []]]) });
				messages += news ? 1 : 0;
				continue;
			}
			if (!isMistyped) {
				this.#crm.renumber(id);
				refused = new Set(isFailing ? [id] : []);
			}
			const { news } = await this.#run(this.#crm.rows(), refused);
			messages += news ? 1 : 0;
		}
		if (messages > 2 || messages === 0) {
			this.#quarter.wrong.push(`${messages} messages for 12 flaps every ${every} minutes`);
		}
	}

	/** Twelve customers fail, one more in each run: no hour has more than three messages, and each customer is named once. */
	async #failMore(): Promise<void> {
		await this.#settle();
		const every = this.#dice.pick([5, 15, 30, HOUR_MINUTES]);
		const ids = [...this.#crm.rows().customers.keys()].slice(0, 12);
		const messages: number[] = [];
		const namedIds: string[] = [];
		let newlyFailedCount = 0;
		for (let run = 1; run <= 12 + Math.ceil((2 * HOUR_MINUTES) / every); run++) {
			this.#pass(every, true);
			const failing = ids.slice(0, run);
			const newest = run <= ids.length ? failing.at(-1) : undefined;
			if (newest !== undefined) {
				this.#crm.renumber(newest);
			}
			// Another customer is accepted, so the service counts as working.
			this.#crm.renumber([...this.#crm.customers.keys()].at(-1) ?? '');
			const { news, report } = await this.#run(this.#crm.rows(), new Set(failing));
			if (news) {
				messages.push(this.#minute);
				newlyFailedCount += report.NewlyFailed ?? 0;
				namedIds.push(...(report.NewlyFailedIds ?? []));
			}
		}
		const most = Math.max(
			...messages.map((begin) => messages.filter((at) => at >= begin && at < begin + HOUR_MINUTES).length),
		);
		if (most > 3) {
			this.#quarter.wrong.push(`${most} messages in an hour, with runs every ${every} minutes`);
		}
		// A report names at most ten of the customers that it counts.
		const isEachOnce = new Set(namedIds).size === namedIds.length && namedIds.every((id) => ids.includes(id));
		if (newlyFailedCount !== ids.length || !isEachOnce) {
			this.#quarter.wrong.push(
				`counted ${newlyFailedCount} failures and named ${namedIds.join()}, expected ${ids.join()}`,
			);
		}
	}

	/** Corrects all rows, and runs until nothing is left to report. */
	async #settle(): Promise<void> {
		this.#crm.mistyped.clear();
		for (let run = 0; run < 3; run++) {
			this.#pass(25 * HOUR_MINUTES, true);
			await this.#run(this.#crm.rows());
		}
	}
}

/** The results of several quarters. */
export interface Quarters {
	quarters: number;
	runs: number;
	falseStops: string[];
	falseStandstills: number;
	wrong: string[];
	frozen: number;
	longestDays: number;
}

/** Plays the quarters of these seeds. */
export async function playQuarters(first: number, count: number): Promise<Quarters> {
	const sum: Quarters = {
		quarters: count,
		runs: 0,
		falseStops: [],
		falseStandstills: 0,
		wrong: [],
		frozen: 0,
		longestDays: 0,
	};
	for (let seed = first; seed < first + count; seed++) {
		const { accident, runs, falseStops, falseStandstills, wrong, foundAfterDays } = await playQuarter(seed);
		const about = `quarter ${seed}, ${accident}`;
		sum.runs += runs;
		sum.falseStops.push(...falseStops.map((code) => `${about}: ${code}`));
		sum.falseStandstills += falseStandstills;
		sum.wrong.push(...wrong.map((text) => `${about}: ${text}`));
		if (accident === 'frozen') {
			sum.frozen++;
			sum.longestDays = Math.max(sum.longestDays, foundAfterDays ?? Infinity);
		}
	}
	return sum;
}
