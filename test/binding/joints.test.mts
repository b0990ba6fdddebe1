import { testJoints } from './joints.mts';

testJoints(1_000);
