import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporaryFolder.mts';

const folder = temporaryFolder();
let files = 0;

/** The path of a file with this content, which is removed after the test file. */
export function temporaryCsv(content: string | Uint8Array): string {
	files++;
	const path = join(folder, `rows-${files}.csv`);
	writeFileSync(path, content);
	return path;
}
