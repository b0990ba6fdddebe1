import { testedBuild } from '../support/testedBuild.mts';
import { testSeeds } from './seeds.mts';

if (testedBuild === 'pool') testSeeds(151, 1_000);
else testSeeds(76, 500);
