import { accessSync, constants, linkSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ProcessedDataTable } from '../embedded/processedData.mts';
import { createProcessedData, openProcessedData } from '../embedded/processedData.mts';
import type { Settings } from './commandLine.mts';
import { InputError } from './inputError.mts';

const OPEN_FAILURES: Readonly<Partial<Record<string, string>>> = {
	EEXIST: 'it is a file and must be a folder',
	ENOTDIR: 'a part of its path is a file',
	EACCES: 'you are not allowed to read and write there',
	ENOENT: 'nothing can be written there',
	EPERM: 'nothing can be written there, or the file system has no hard links',
	EROFS: 'nothing can be written there',
	ENOSPC: 'the disk is full',
};

/**
 * The memory of Sync: one that ends with the command, or a folder, made if it is not there; undefined for a push.
 *
 * @throws InputError when nothing can be kept in the folder
 */
export function openMemory(sync: Settings['sync']): ProcessedDataTable | undefined {
	if (sync === undefined) return undefined;
	return sync === 'thrice' ? createProcessedData() : openFolder(sync.memoryFolder);
}

function openFolder(folder: string): ProcessedDataTable {
	try {
		const table = openProcessedData(folder);
		accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
		writeProbe(join(folder, `${randomUUID()}.tmp`));
		return table;
	} catch (cause) {
		const { code = '' } = cause as NodeJS.ErrnoException;
		throw new InputError(`Cannot keep the memory in ${folder}: ${OPEN_FAILURES[code] ?? code}.`, { cause });
	}
}

/** Does once what each run does: permissions alone do not show whether a file can be written and linked. */
function writeProbe(path: string): void {
	const linked = `${path}.link`;
	try {
		writeFileSync(path, '');
		linkSync(path, linked);
	} finally {
		for (const file of [path, linked]) rmSync(file, { force: true });
	}
}
