import { describe, test } from '@jest/globals';
import { withoutProxies } from '../support/environment.mts';
import { answerRows } from './answerRows.mts';
import { connectionRows } from './connectionRows.mts';
import { pathRows } from './pathRows.mts';
import { expectOutcome } from './run.mts';
import { statusRows } from './statusRows.mts';

withoutProxies();

const rows = [...connectionRows, ...answerRows, ...pathRows, ...statusRows];

describe('A push that may be repeated says what is proven, and is tried twice where that helps, when it meets', () => {
	test.each(rows)('$fault.', async (row) => await expectOutcome(row, true));
});

describe('A push that must not be repeated is sent once wherever it may have been applied, when it meets', () => {
	test.each(rows)('$fault.', async (row) => await expectOutcome(row, false));
});
