import { STARTS, testOverlaps } from './twoRuns.mts';

testOverlaps(STARTS[0]);
