import type { DeviceEvent, PastValue, SimulatedDevice } from '../devices.mts';
import { products } from './products.mts';
import type { Define, Event, ThingModel } from './thingModel.mts';

const hourMs = 3_600_000;
const historyHours = 7 * 24;

/** A device, without what follows from its product. */
export interface DeviceOutline {
	readonly ProductId: string;
	readonly DeviceName: string;
	readonly Status: number;
}

/**
 * A device of one of the products, with a value for each property, hourly measured values of the last seven days, and
 * each event once a day, most recently within the last hours.
 *
 * @param seed makes its values differ from those of the next device
 * @param nowMs Unix milliseconds
 */
export function deviceOf(outline: DeviceOutline, seed: number, nowMs: number): SimulatedDevice {
	const { properties, events }: ThingModel = products.get(outline.ProductId)!.model;
	const measured = properties.filter(({ define, mode }) => mode === 'r' && isNumber(define));
	return {
		...outline,
		data: Object.fromEntries(properties.map(({ id, define }) => [id, valueOf(define, seed, 0)])),
		history: Object.fromEntries(measured.map(({ id, define }) => [id, pastOf(define, seed, nowMs)])),
		events: events.flatMap((event, index) => pastEventsOf(event, index, seed, nowMs)).sort(byTime),
	};
}

function pastOf(define: Define, seed: number, nowMs: number): PastValue[] {
	return Array.from({ length: historyHours }, (_, index) => {
		const hoursAgo = historyHours - 1 - index;
		return { Time: nowMs - hoursAgo * hourMs, Value: valueOf(define, seed, hoursAgo) };
	});
}

function pastEventsOf(
	{ id, type, params }: Event,
	index: number,
	seed: number,
	nowMs: number,
): DeviceEvent[] {
	return Array.from({ length: historyHours / 24 }, (_, day) => {
		const hoursAgo = 24 * day + 1 + 2 * index;
		const values = params.map((param) => [param.id, valueOf(param.define, seed, hoursAgo)]);
		return {
			TimeStamp: Math.floor((nowMs - hoursAgo * hourMs) / 1000),
			EventId: id,
			Type: type,
			Data: JSON.stringify(Object.fromEntries(values)),
		};
	});
}

function byTime(a: DeviceEvent, b: DeviceEvent): number {
	return a.TimeStamp - b.TimeStamp;
}

function isNumber({ type }: Define): boolean {
	return type === 'int' || type === 'float';
}

/** A value within its limits that rises and falls once a day around its usual value. */
function valueOf(define: Define, seed: number, hoursAgo: number): number | string {
	if (define.type === 'string') {
		return `No. ${seed}`;
	}
	if ('mapping' in define) {
		return (seed + hoursAgo) % Object.keys(define.mapping).length;
	}
	const min = Number(define.min);
	const max = Number(define.max);
	const start = Number(define.start);
	const wave = Math.sin((hoursAgo / 24) * 2 * Math.PI + seed) * 0.05 * (max - min);
	const value = Math.min(max, Math.max(min, start + wave));
	return Number(value.toFixed(define.type === 'int' ? 0 : 1));
}
