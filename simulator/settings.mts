import type { ChangeableOptions } from './options.mts';
import { readChangeableOptions } from './options.mts';

/** The changeable options, all with a value. */
export type Settings = {
	readonly [K in keyof ChangeableOptions]-?: Exclude<ChangeableOptions[K], undefined>;
};

export const defaultSettings: Settings = {
	nestedRule: 'json',
	envelope: 'response',
	latencyMs: 0,
	rateLimit: null,
	refuseCustomers: {},
	outage: false,
};

/**
 * The settings after a change; options that the change leaves out keep their value.
 *
 * @throws OptionError
 */
export function changeSettings(settings: Settings, data: unknown): Settings {
	const changes = Object.entries(readChangeableOptions(data)).filter(([, value]) => value !== undefined);
	return { ...settings, ...Object.fromEntries(changes) };
}

/** The delay of the next response, in milliseconds. */
export function nextLatencyMs({ latencyMs }: Settings): number {
	if (typeof latencyMs === 'number') {
		return latencyMs;
	}
	return latencyMs.min + Math.random() * (latencyMs.max - latencyMs.min);
}
