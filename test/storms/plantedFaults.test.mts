import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { plant, PLANTED_FAULTS } from './plantedFaults.mts';

const SOURCES = join(__dirname, '../../nodes/TencentCloudIot');

// test:long plants each of them and checks that a storm finds it; `npm run soak -- --planted` names the storm.
test.each(PLANTED_FAULTS)('The source still has the text that a planted fault edits: $what', (fault) => {
	const source = readFileSync(join(SOURCES, fault.file), 'utf8');
	expect(plant(fault, source)).not.toBe(source);
});
