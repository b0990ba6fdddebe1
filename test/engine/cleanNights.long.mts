import { testCleanNights } from './cleanNights.mts';

testCleanNights(100, 100);
