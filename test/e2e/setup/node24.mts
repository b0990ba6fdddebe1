import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { e2eFolder } from './folders.mts';
import { CannotStart } from './stopMessage.mts';

/** A Node that every line of n8n accepts. */
export interface Node24 {
	/** The program. */
	readonly program: string;
	/** The environment with which its folder comes first on the PATH, and its headers are found by node-gyp. */
	readonly env: NodeJS.ProcessEnv;
}

/** The Node 24 that was installed here, or else the one that runs this. */
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

/** `npm run` tells its children about the package it ran for, which another npm inside would take for its own. */
export function withoutNpmRun(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const isOfNpmRun = (name: string) =>
		/^npm_(package|lifecycle)_|^npm_config_(local_)?prefix$|^npm_command$/.test(name);
	return Object.fromEntries(Object.entries(env).filter(([name]) => !isOfNpmRun(name)));
}
