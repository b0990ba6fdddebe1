import { testCleanNights } from './cleanNights.mts';

testCleanNights(0, 8);
