import { testCleanWorlds } from './cleanWorlds.mts';

testCleanWorlds(200);
