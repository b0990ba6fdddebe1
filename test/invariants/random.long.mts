import { testedBuild } from '../support/testedBuild.mts';
import { testSeeds } from './seeds.mts';

if (testedBuild === 'pool') {
	testSeeds(101, 1_000);
} else {
	testSeeds(51, 500);
}
