import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { list } from 'tar';

/** A tarball's entry for one of its files. */
interface Entry {
	readonly type: string;
	readonly mode: number | undefined;
	readonly content: Buffer;
}

/**
 * What is different first in a package from a rebuilt one, as a sentence, or undefined when both are the same bytes.
 *
 * @param tarball the path of the package, a .tgz
 * @param rebuilt the path of the one that this checkout builds
 */
export async function firstDifference(tarball: string, rebuilt: string): Promise<string | undefined> {
	const [archive, ownArchive] = await Promise.all([readFile(tarball), readFile(rebuilt)]);
	if (archive.equals(ownArchive)) return undefined;
	const [files, own] = await Promise.all([readEntries(tarball), readEntries(rebuilt)]);
	for (const file of [...new Set([...files.keys(), ...own.keys()])].sort()) {
		const [theirs, ours] = [files.get(file), own.get(file)];
		if (ours === undefined) return `${file} is in the package, and this checkout does not build it.`;
		if (theirs === undefined) return `${file} is not in the package, and this checkout builds it.`;
		if (!theirs.content.equals(ours.content)) return `${file} has another content than this checkout builds.`;
		if (theirs.type !== ours.type || theirs.mode !== ours.mode) {
			return `${file} has the same content, and another type or mode than this checkout builds.`;
		}
	}
	return 'All files are the same, and the archive around them is not: another version of npm or Node.js packed it, or somebody changed it.';
}

/** The files of a tarball by their paths. A file that stands in it twice is kept, as npm never packs one twice. */
export async function readEntries(tarball: string): Promise<Map<string, Entry>> {
	const entries = new Map<string, Entry>();
	const reading: Array<Promise<void>> = [];
	await list({
		file: tarball,
		strict: true,
		onReadEntry: (entry) => {
			const read = async () => {
				const path = entry.path.replace(/^package\//, '');
				const content = await entry.concat();
				const name = entries.has(path) ? `${path} (again)` : path;
				entries.set(name, { type: entry.type, mode: entry.mode, content });
			};
			reading.push(read());
		},
	});
	await Promise.all(reading);
	return entries;
}

/**
 * The value of N8N_COMMUNITY_PACKAGES by which n8n installs this package from a registry, and no other bytes:
 * `[{"name":"n8n-nodes-tencent-iot","version":"0.1.0","checksum":"sha512-…"}]`. The checksum is what
 * `npm view n8n-nodes-tencent-iot@0.1.0 dist.integrity` shows.
 */
export async function communityPackages(tarball: string): Promise<string> {
	const manifest = (await readEntries(tarball)).get('package.json')?.content.toString() ?? '';
	const { name, version } = JSON.parse(manifest) as { name: string; version: string };
	const hash = createHash('sha512').update(await readFile(tarball));
	return JSON.stringify([{ name, version, checksum: `sha512-${hash.digest('base64')}` }]);
}
