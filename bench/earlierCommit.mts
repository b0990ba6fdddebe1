import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Build } from '../embedded/builtNode.mts';
import { rootFolder } from '../test/e2e/setup/folders.mts';
import { buildAndPack } from '../test/e2e/setup/packedPackage.mts';
import { runOrThrow } from '../test/e2e/setup/runCommand.mts';

/** A checkout of an earlier commit, and its package, built with today's libraries. */
export interface EarlierCommit {
	readonly root: string;
	readonly tarball: string;
}

/** Checks out a commit in a folder, and builds and packs it. */
export async function packCommit(commit: string, build: Build, folder: string): Promise<EarlierCommit> {
	const root = join(folder, commit);
	await runOrThrow('git', ['clone', '--quiet', '--shared', '--no-checkout', rootFolder, root], {
		cwd: folder,
	});
	await runOrThrow('git', ['checkout', '--quiet', commit], { cwd: root });
	await symlink(join(rootFolder, 'node_modules'), join(root, 'node_modules'));
	return { root, tarball: await buildAndPack(build, join(folder, `packed-${commit}`), root) };
}
