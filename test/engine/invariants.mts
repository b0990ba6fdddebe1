import { expect } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { secretViolations } from '../invariants/secretViolations.mts';
import { violationsOf, type Witness } from '../invariants/violations.mts';
import type { Simulator } from '../../simulator/simulator.mts';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';

/** Checks the invariants of `test/invariants`, which hold after every push. */
export function expectNothingLost(
	result: NodeResult,
	rows: readonly IDataObject[],
	simulator: Simulator,
	facts: Witness['facts'] = {},
): void {
	expect(violationsOf({ result, rows, simulator, facts })).toEqual([]);
}

/** Checks that neither the App Secret nor any Signature is in items, errors, hints or logs. */
export function expectNoSecrets(result: NodeResult, simulator: Simulator): void {
	expect(secretViolations({ result, rows: [], simulator })).toEqual([]);
}
