import { testJoints } from './joints.mts';

testJoints(20_000);
