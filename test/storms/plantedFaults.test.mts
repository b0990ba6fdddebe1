import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { plant, PLANTED_FAULTS } from './plantedFaults.mts';

const SOURCES = join(__dirname, '../../nodes/TencentCloudIot');

// `npm run soak -- --planted` plants each of them, and says which storm finds it.
test.each(PLANTED_FAULTS)('A fault still has its place in the source: $what', (fault) => {
	const source = readFileSync(join(SOURCES, fault.file), 'utf8');
	expect(plant(fault, source)).not.toBe(source);
});
