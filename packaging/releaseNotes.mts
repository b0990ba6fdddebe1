import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The section of a changelog about one version: the text below `## 1.2.3`, up to the next version.
 *
 * @throws when the version has no section, or an empty one
 */
export function releaseNotes(changelog: string, version: string): string {
	const sections = changelog.split(/^## /m).slice(1);
	const section = sections.find((each) => /^\S+/.exec(each)?.[0] === version);
	const notes = section?.slice(section.indexOf('\n')).trim() ?? '';
	if (notes === '') throw new Error(`CHANGELOG.md says nothing about ${version}.`);
	return notes;
}

// `node packaging/releaseNotes.mts` prints those of the version of package.json.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	const read = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8');
	const { version } = JSON.parse(read('package.json')) as { version: string };
	process.stdout.write(`${releaseNotes(read('CHANGELOG.md'), version)}\n`);
}
