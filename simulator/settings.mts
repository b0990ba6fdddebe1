import type { ChangeableOptions } from './options.mts';
import { readChangeableOptions } from './options.mts';

/** The changeable options with nothing left open. */
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
 * The settings after a change; what the change leaves out stays as it was.
 *
 * @throws OptionError
 */
export function changeSettings(settings: Settings, data: unknown): Settings {
	const changes = readChangeableOptions(data);
	return {
		nestedRule: changes.nestedRule ?? settings.nestedRule,
		envelope: changes.envelope ?? settings.envelope,
		latencyMs: changes.latencyMs ?? settings.latencyMs,
		rateLimit: changes.rateLimit === undefined ? settings.rateLimit : changes.rateLimit,
		refuseCustomers: changes.refuseCustomers ?? settings.refuseCustomers,
		outage: changes.outage ?? settings.outage,
	};
}

/** The delay of the next response, in milliseconds. */
export function nextLatencyMs({ latencyMs }: Settings): number {
	if (typeof latencyMs === 'number') return latencyMs;
	return latencyMs.min + Math.random() * (latencyMs.max - latencyMs.min);
}
