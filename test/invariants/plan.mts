import type { IDataObject, OnError } from 'n8n-workflow';
import type { SimulatorOptions } from '../../simulator/simulator.mts';
import { signatureSchemes } from '../../simulator/verifySignature.mts';
import { Dice, seedFor } from './dice.mts';
import { randomFaults } from './randomFaults.mts';
import { NO_IDS, randomRows } from './randomRows.mts';

/** Everything that a random run is made of. */
export interface Plan {
	rows: IDataObject[];
	operation: 'push' | 'sync';
	simulator: SimulatorOptions;
	onError: OnError;
	/** Attempts of the whole node: 1 without Retry On Fail. */
	maxTries: number;
	options: IDataObject & {
		concurrency: number;
		maxAttempts: number;
		outputItemPer: 'request' | 'row' | 'run';
	};
	rowHandling: IDataObject;
	/** How the user set 'Nested Value Signing'. */
	nestedRule: string;
	/** When the execution is cancelled, milliseconds after its start. */
	cancelAfterMs: number | undefined;
	/** The workflow's own timeout. */
	timeoutSeconds: number | undefined;
}

export function planOf(seed: number): Plan {
	const dice = new Dice(seedFor(seed, 'plan'));
	const nestedRule = dice.pick(signatureSchemes);
	const unusualCustomerIds = dice.pick(['refuse', 'refuse', 'allow'] as const);
	const rows = randomRows(dice, unusualCustomerIds);
	const ids = new Set(rows.flatMap(({ CustomerId: id }) => (typeof id === 'string' ? [id.trim()] : [])));
	const before = held([...ids].sort(), new Dice(seedFor(seed, 'held')));
	return {
		operation: new Dice(seedFor(seed, 'operation')).pick(['push', 'push', 'sync']),
		rows,
		onError: dice.pick<OnError>(['stopWorkflow', 'continueErrorOutput', 'continueRegularOutput']),
		maxTries: dice.happens(0.3) ? dice.integer(2, 3) : 1,
		options: randomOptions(dice),
		rowHandling: { ...randomRowHandling(dice), unusualCustomerIds },
		nestedRule: dice.happens(0.7) ? nestedRule : 'automatic',
		cancelAfterMs: dice.happens(0.15) ? dice.integer(0, 60) : undefined,
		timeoutSeconds: dice.happens(0.05) ? dice.integer(5, 60) / 1000 : undefined,
		simulator: { ...randomSimulator(dice, seed, nestedRule), ...before },
	};
}

/** What the service has before the run, and whether a push adds to it or replaces it. */
function held(ids: readonly string[], dice: Dice): Pick<SimulatorOptions, 'bindMode' | 'bindings'> {
	const device = { CustomerDeviceNo: 'SN-0', DeviceId: 'P/before', ProductName: 'Smart Lock' };
	const customers = ids.filter((id) => dice.happens(0.5) && !NO_IDS.includes(id));
	return {
		bindMode: dice.pick(['replace', 'add']),
		bindings: Object.fromEntries(customers.map((id) => [id, [device]])),
	};
}

function randomOptions(dice: Dice): Plan['options'] {
	return {
		concurrency: dice.pick([1, 2, 5, 10, 64]),
		maxAttempts: dice.pick([1, 2, 3, 3, 3, 5]),
		requestsPerSecond: dice.happens(0.05) ? 200 : 0,
		outputItemPer: dice.pick(['request', 'row', 'run']),
		includeDevices: dice.happens(0.2),
	};
}

function randomRowHandling(dice: Dice): IDataObject {
	return {
		invalidRows: dice.pick(['withhold', 'withhold', 'sendValid']),
		sharedDevices: dice.pick(['refuse', 'refuse', 'allow']),
	};
}

function randomSimulator(
	dice: Dice,
	seed: number,
	nestedRule: (typeof signatureSchemes)[number],
): SimulatorOptions {
	return {
		keepBodies: true,
		nestedRule,
		envelope: dice.pick(['response', 'response', 'outer', 'bare']),
		latencyMs: dice.pick([0, 0, 1, { min: 0, max: 8 }]),
		clockSkewSeconds: dice.pick([0, 0, 0, 200, -200, 900, -86_400]),
		// Waits for a limit take real time, so only a few runs have one.
		rateLimit: dice.happens(0.02) ? { perSecond: 40, answer: dice.pick(['code', 'http429']) } : null,
		faults: randomFaults(seed, {
			passing: dice.pick([0, 0.05, 0.3]),
			staying: dice.pick([0, 0, 0.1]),
			ending: dice.pick([0, 0, 0, 0.03]),
		}),
	};
}
