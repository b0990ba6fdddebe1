import { describe, test } from '@jest/globals';
import { withoutProxies } from '../../support/environment.mts';
import { faultRows } from '../../faults/faultRows.mts';
import { expectOutcome } from '../../faults/run.mts';

withoutProxies();

describe('A push that may be repeated says what is proven, and is tried twice where that helps, when it meets', () => {
	test.each(faultRows)('$fault.', async (row) => await expectOutcome(row, true));
});

describe('A push that must not be repeated is sent once wherever it may have been applied, when it meets', () => {
	test.each(faultRows)('$fault.', async (row) => await expectOutcome(row, false));
});
