import { testVariants, VARIANTS } from './probeVariants.mts';

testVariants(VARIANTS);
