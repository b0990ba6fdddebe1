import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { e2eFolder } from './folders.mts';
import { CannotStart } from './stopMessage.mts';

/** A Node that every line of n8n accepts. */
export interface Node24 {
	/** The program. */
	readonly program: string;
	/** The environment in which its folder is first on the PATH, and node-gyp finds its headers. */
	readonly env: NodeJS.ProcessEnv;
}

/** The Node 24 that is installed in test/e2e, or else the Node that runs this process. */
export function findNode24(): Node24 {
	const folder = join(e2eFolder, 'node_modules', `node-${process.platform}-${process.arch}`);
	const installed = join(folder, 'bin', 'node');
	if (existsSync(installed)) {
		return { program: installed, env: environment(dirname(installed), folder) };
	}
	if (Number(process.versions.node.split('.')[0]) < 24) {
		throw new CannotStart(
			`n8n 2.x needs Node 24, and this is Node ${process.versions.node}: install Node 24.`,
		);
	}
	return { program: process.execPath, env: environment(dirname(process.execPath), undefined) };
}

function environment(binFolder: string, headersFolder: string | undefined): NodeJS.ProcessEnv {
	const env = withoutNpmRun(process.env);
	env.PATH = `${binFolder}:${env.PATH ?? ''}`;
	if (headersFolder !== undefined) {
		env.npm_config_nodedir = headersFolder;
	}
	return env;
}

/**
 * Removes the variables with which `npm run` describes its package: an npm started below would use them for
 * another one.
 */
export function withoutNpmRun(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const isOfNpmRun = (name: string) =>
		/^npm_(package|lifecycle)_|^npm_config_(local_)?prefix$|^npm_command$/.test(name);
	return Object.fromEntries(Object.entries(env).filter(([name]) => !isOfNpmRun(name)));
}
