import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';

/** An App Secret to look for. */
export const APP_SECRET = 'canary-app-secret+/=ä';

/**
 * Looks for the App Secret, the signatures of requests and other secrets everywhere: in what n8n stores, as JSON, and in all that is in
 * memory, with errors, causes and stacks.
 * @returns all of it
 */
export function expectNoneOf(
	secrets: readonly string[],
	{ success, error, failure, hints, runs, logs, saved }: NodeResult,
	requests: readonly string[],
): string {
	const everything = { success, error, failure, hints, runs, logs, saved };
	const whole = { depth: Infinity, maxArrayLength: null, maxStringLength: null, showHidden: true };
	const shown = `${JSON.stringify(everything)}\n${inspect(everything, whole)}`;
	const signatures = requests.map((request) => /"Signature":"([^"]+)"/.exec(request)?.[1] ?? 'no signature');
	const all = [
		...secrets,
		...signatures,
		APP_SECRET,
		encodeURIComponent(APP_SECRET),
		'Signature=',
		'AppKey=',
	];
	expect(all.filter((secret) => shown.includes(secret))).toEqual([]);
	return shown;
}
