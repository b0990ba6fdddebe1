import Table from 'cli-table3';

/** The results of a measurement, ready to be shown. */
export interface Section {
	title: string;
	/** What was measured, in one or two sentences. */
	about: string;
	head: string[];
	rows: string[][];
	targets: Target[];
	/** What follows from the figures; printed below them. */
	conclusion?: string;
}

/** The limit of a ratio, or of a figure that does not depend on the machine. */
export interface Target {
	name: string;
	measured: number;
	/** The limit: one of the two. */
	atLeast?: number;
	atMost?: number;
	unit?: string;
}

export function atMost(name: string, measured: number, limit: number, unit = ''): Target {
	return { name, measured, atMost: limit, unit };
}

export function atLeast(name: string, measured: number, limit: number, unit = ''): Target {
	return { name, measured, atLeast: limit, unit };
}

/** Median, minimum and maximum of an odd number of runs. */
export interface Spread {
	median: number;
	min: number;
	max: number;
}

export function spreadOf(values: readonly number[]): Spread {
	const sorted = values.toSorted((a, b) => a - b);
	const at = (index: number) => sorted.at(index) ?? NaN;
	return { median: at(Math.floor(sorted.length / 2)), min: at(0), max: at(-1) };
}

/** e.g. `12.3 (11.9–14.0)` */
export function show({ median, min, max }: Spread, digits = 0): string {
	return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

export function isMet({ measured, atLeast = -Infinity, atMost = Infinity }: Target): boolean {
	return measured >= atLeast && measured <= atMost;
}

/** For the terminal. */
export function printSection({ title, about, head, rows, targets }: Section): void {
	const table = new Table({ head, style: { head: [], border: [] } });
	table.push(...rows);
	console.log(`\n${title}\n${about}\n${table.toString()}`);
	for (const target of targets) {
		console.log(describeTarget(target));
	}
}

/** e.g. `met: load: 8.60 ms (at most 30 ms)` */
export function describeTarget(target: Target): string {
	const { name, measured, atLeast, atMost, unit = '' } = target;
	const limit = atLeast === undefined ? `at most ${atMost}${unit}` : `at least ${atLeast}${unit}`;
	return `${isMet(target) ? 'met' : 'MISSED'}: ${name}: ${round(measured)}${unit} (${limit})`;
}

function round(value: number): string {
	return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
