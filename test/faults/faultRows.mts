import { responseRows } from './responseRows.mts';
import { connectionRows } from './connectionRows.mts';
import type { FaultRow } from './faultRow.mts';
import { pathRows } from './pathRows.mts';
import { statusRows } from './statusRows.mts';

/** Every fault that a run must survive. */
export const faultRows: readonly FaultRow[] = [
	...connectionRows,
	...responseRows,
	...pathRows,
	...statusRows,
];
