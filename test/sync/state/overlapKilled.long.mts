import { STARTS, testOverlaps } from './twoRuns.mts';

// Runs that take over after a killed one do so much that two steps take a quarter of an hour.
testOverlaps(STARTS[2], { between: 1 });
