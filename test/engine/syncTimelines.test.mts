import { testTimelines } from '../timelines/batches.mts';

testTimelines(1, 2);
