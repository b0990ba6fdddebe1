import { describe, test } from '@jest/globals';
import { withoutProxies } from '../../support/environment.mts';
import { faultRows } from '../../faults/faultRows.mts';
import { expectOutcome } from '../../faults/run.mts';

withoutProxies();

describe('A push that is idempotent reports what is proven, and is retried where that helps, when it meets', () => {
	test.each(faultRows)('$fault.', async (row) => await expectOutcome(row, true));
});

describe('A push that is non-idempotent is sent once wherever it may have been applied, when it meets', () => {
	test.each(faultRows)('$fault.', async (row) => await expectOutcome(row, false));
});
