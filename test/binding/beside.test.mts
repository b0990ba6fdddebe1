import { testBeside } from './beside.mts';

testBeside(1_000);
