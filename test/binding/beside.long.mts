import { testBeside } from './beside.mts';

testBeside(20_000);
