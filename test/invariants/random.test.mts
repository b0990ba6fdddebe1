import { testedBuild } from '../support/testedBuild.mts';
import { testSeeds } from './seeds.mts';

testSeeds(1, testedBuild === 'pool' ? 50 : 25);
