import fc from 'fast-check';
import type { SyncSettings } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { NO_CHECKS, Node, STOP_ABOVE_50, type Contents } from './syncRuns.mts';

const DAY_MS = 86_400_000;
const DAYS = 21;

/** The share of all devices and of all customers that may change in a day. */
const MOST_CHANGED = 0.02;

const CHECKS = { ...STOP_ABOVE_50, stopWhenDevicesDropPercent: 3 };

/** What happens in a CRM and to the runs of one day. */
interface Day {
	/** Changes of devices. `at` says which customer: 0 is the first of them, 0.5 the middle one. */
	devices: Array<{ at: number; change: 'remove' | 'add' | 'replace' }>;
	/** Customers that leave or are new; `at` as above. */
	customers: Array<{ at: number; change: 'leave' | 'come' }>;
	/** Which customers cannot be sent that day, as above. */
	withheld: number[];
	/** What becomes of the run. If it is missing, the next run also has the changes of this day. */
	run: 'ends' | 'ends' | 'dies' | 'is cut short' | 'is missing';
}

export interface Timeline {
	customers: number;
	products: number;
	days: Day[];
}

const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Three weeks of a CRM in which at most 2 % change in a day. */
export const timelines: fc.Arbitrary<Timeline> = fc.record({
	customers: fc.integer({ min: 20, max: 400 }),
	products: fc.integer({ min: 1, max: 20 }),
	days: fc.array(
		fc.record({
			devices: fc.array(
				fc.record({ at: part, change: fc.constantFrom('remove', 'add', 'replace', 'replace') }),
				{ maxLength: 40 },
			),
			customers: fc.array(fc.record({ at: part, change: fc.constantFrom('leave', 'come', 'come') }), {
				maxLength: 8,
			}),
			withheld: fc.array(part, { maxLength: 3 }),
			run: fc.constantFrom('ends', 'ends', 'ends', 'dies', 'is cut short', 'is missing'),
		}),
		{ minLength: DAYS, maxLength: DAYS },
	),
}) as fc.Arbitrary<Timeline>;

interface Device {
	id: number;
	ProductName: string;
}

/** A CRM of customers with one to six devices each. */
class Crm {
	readonly customers = new Map<string, Device[]>();
	readonly #products: number;
	#ids = 0;

	constructor({ customers, products }: Timeline) {
		this.#products = products;
		for (let index = 0; index < customers; index++) {
			this.come();
		}
	}

	come(): void {
		const id = `user_${this.#ids}`;
		this.#ids++;
		this.customers.set(
			id,
			Array.from({ length: 1 + (this.#ids % 6) }, () => this.#device()),
		);
	}

	/** Makes the changes of a day, but no more than 2 %. */
	change({ devices, customers }: Day): void {
		const ids = [...this.customers.keys()];
		const at = (where: number) => ids[Math.floor(where * ids.length)]!;
		for (const { at: where, change } of devices.slice(0, Math.floor(MOST_CHANGED * this.devices))) {
			const customerDevices = this.customers.get(at(where))!;
			if (change === 'add') {
				customerDevices.push(this.#device());
			} else if (change === 'replace') {
				customerDevices[0] = this.#device();
			} else if (customerDevices.length > 1) {
				customerDevices.pop();
			}
		}
		for (const { at: where, change } of customers.slice(0, Math.floor(MOST_CHANGED * ids.length))) {
			if (change === 'come') {
				this.come();
			} else {
				this.customers.delete(at(where));
			}
		}
	}

	get devices(): number {
		return [...this.customers.values()].reduce((sum, { length }) => sum + length, 0);
	}

	get productCounts(): Map<string, number> {
		const counts = new Map<string, number>();
		for (const { ProductName } of [...this.customers.values()].flat()) {
			counts.set(ProductName, (counts.get(ProductName) ?? 0) + 1);
		}
		return counts;
	}

	#device(): Device {
		const id = this.#ids;
		this.#ids++;
		return { id, ProductName: `Product ${id % this.#products}` };
	}
}

/**
 * Runs a timeline and returns the codes of all checks that stopped a run: in an ordinary timeline there are none. If no run has
 * ended for days, more devices may be gone than the limit allows, so the next run is not checked, as if somebody had approved it.
 */
export async function stopsOf(timeline: Timeline): Promise<string[]> {
	const crm = new Crm(timeline);
	const node = new Node();
	const stops: string[] = [];
	let devicesBefore = 0;
	for (const day of timeline.days) {
		node.clock.startMs += DAY_MS;
		crm.change(day);
		if (day.run === 'is missing') {
			continue;
		}
		const ids = [...crm.customers.keys()];
		const isWithheld = new Set(day.withheld.map((where) => ids[Math.floor(where * ids.length)]!));
		const sendable = [...crm.customers].filter(([id]) => !isWithheld.has(id));
		const contents: Contents = Object.fromEntries(
			sendable.map(([id, devices]) => [id, JSON.stringify(devices)]),
		);
		const isGone = 100 * (devicesBefore - crm.devices) > CHECKS.stopWhenDevicesDropPercent * devicesBefore;
		const settings: Partial<SyncSettings> = {
			withheldIds: [...isWithheld],
			namedDevices: {
				deviceCount: crm.devices,
				deviceCountByProduct: crm.productCounts,
			},
			checks: isGone ? NO_CHECKS : CHECKS,
			pushAgainAfterDays: 7,
		};
		if (day.run === 'dies') {
			await node.die(contents, settings);
			continue;
		}
		const outcomeOf = (id: string) => (day.run === 'is cut short' && id.endsWith('7') ? undefined : 'OK');
		const { whyStopped } = await node.run(contents, { settings, outcomeOf });
		if (whyStopped !== undefined) {
			stops.push(whyStopped.code);
		}
		devicesBefore = crm.devices;
	}
	return stops;
}
