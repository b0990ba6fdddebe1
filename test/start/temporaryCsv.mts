import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

const folder = mkdtempSync(join(tmpdir(), 'crm-rows-'));
let files = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Path of a file with this content that is gone when the test file ends. */
export function temporaryCsv(content: string | Uint8Array): string {
	const path = join(folder, `rows-${++files}.csv`);
	writeFileSync(path, content);
	return path;
}
