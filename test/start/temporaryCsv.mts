import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporaryFolder.mts';

const folder = temporaryFolder();
let files = 0;

/** Path of a file with this content that is gone when the test file ends. */
export function temporaryCsv(content: string | Uint8Array): string {
	files++;
	const path = join(folder, `rows-${files}.csv`);
	writeFileSync(path, content);
	return path;
}
