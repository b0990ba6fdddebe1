import { testCleanWorlds } from './cleanWorlds.mts';

testCleanWorlds(2_000);
