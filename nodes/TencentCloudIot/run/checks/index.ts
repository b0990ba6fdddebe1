import { settledEarlier } from '../attempts/settledEarlier';
import type { Check } from './check';
import { executeOnce } from './executeOnce';
import { invalidRows } from './invalidRows';
import { liveOrders } from './liveOrders';
import { lostRuns } from './lostRuns';
import { otherCustomers } from './otherCustomers';
import { partialSets } from './partialSets';

/** In this order: what an earlier attempt has settled is known before invalid rows end the run. */
export const CHECKS: readonly Check[] = [
	executeOnce,
	liveOrders,
	lostRuns,
	otherCustomers,
	partialSets,
	settledEarlier,
	invalidRows,
];
