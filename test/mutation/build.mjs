/** Builds the node from a copy of the sources with all mutants. Stryker links node_modules only afterwards. */
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

symlinkSync(join(import.meta.dirname, '../../node_modules'), 'node_modules');
execFileSync('node_modules/.bin/gulp', ['build:pool', '--silent'], { stdio: 'inherit' });
rmSync('node_modules');
