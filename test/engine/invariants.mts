import { expect } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { secretViolations } from '../invariants/secretViolations.mts';
import { violationsOf, type Witness } from '../invariants/violations.mts';
import type { Simulator } from '../../simulator/simulator.mts';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';

/** What must hold after every push, whatever happened on the way: the invariants of `test/invariants`. */
export function expectNothingLost(
	result: NodeResult,
	rows: readonly IDataObject[],
	simulator: Simulator,
	facts: Witness['facts'] = {},
): void {
	expect(violationsOf({ result, rows, simulator, facts })).toEqual([]);
}

/** Neither the App Secret nor any Signature stands in items, errors, hints or logs. */
export function expectNoSecrets(result: NodeResult, simulator: Simulator): void {
	expect(secretViolations({ result, rows: [], simulator })).toEqual([]);
}
