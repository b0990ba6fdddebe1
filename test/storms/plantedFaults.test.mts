import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { plant, PLANTED_FAULTS } from './plantedFaults.mts';

const SOURCES = join(__dirname, '../../nodes/TencentCloudIot');

// test:long plants each of them and sees that a storm finds it; `npm run soak -- --planted` says which one.
test.each(PLANTED_FAULTS)('A fault still has its place in the source: $what', (fault) => {
	const source = readFileSync(join(SOURCES, fault.file), 'utf8');
	expect(plant(fault, source)).not.toBe(source);
});
