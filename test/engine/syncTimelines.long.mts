import { testTimelines } from '../timelines/batches.mts';

testTimelines(3, 30);
