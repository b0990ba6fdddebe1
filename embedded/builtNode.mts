import type { ICredentialType, INodeType } from 'n8n-workflow';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package has two builds: one with its own connection pool, one that uses n8n's request function. */
export type Build = 'pool' | 'verified';

const folderOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export const BUILD_FOLDERS: Readonly<Record<Build, string>> = {
	verified: folderOf('../dist'),
	pool: folderOf('../build/pool/dist'),
};

/** The package as users install it, with new instances on every call. Throws when it has not been built. */
export function loadBuiltNode(folder = BUILD_FOLDERS.pool): {
	nodeType: INodeType;
	credentialType: ICredentialType;
} {
	const require = createRequire(import.meta.url);
	const load = (file: string): unknown => {
		const path = join(folder, file);
		if (!existsSync(path)) {
			throw new Error(`The package is not built: ${path} is missing. Build it first.`);
		}
		return require(path);
	};
	const { TencentCloudIot } = load('nodes/TencentCloudIot/TencentCloudIot.node.js') as {
		TencentCloudIot: new () => INodeType;
	};
	const { TencentCloudIotApi } = load('credentials/TencentCloudIotApi.credentials.js') as {
		TencentCloudIotApi: new () => ICredentialType;
	};
	return { nodeType: new TencentCloudIot(), credentialType: new TencentCloudIotApi() };
}
