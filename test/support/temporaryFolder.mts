import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

const ofTestFile = mkdtempSync(join(tmpdir(), 'test-'));

afterAll(() => rmSync(ofTestFile, { recursive: true, force: true }));

/** A new empty folder that is gone when the test file ends. */
export function temporaryFolder(): string {
	return mkdtempSync(join(ofTestFile, 'folder-'));
}
