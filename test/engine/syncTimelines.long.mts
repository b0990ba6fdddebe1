import { testTimelines } from '../timelines/batches.mts';

testTimelines(4, 30);
