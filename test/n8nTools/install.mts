import { pathToFileURL } from 'node:url';
import { installPackages } from '../e2e/setup/packageInstallation.mts';

/** Installs n8n's tools beside this file, unless they are there. */
export async function installN8nTools(): Promise<void> {
	await installPackages({
		folder: import.meta.dirname,
		name: "n8n's tools for community nodes",
		neededGb: 0.8,
	});
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	await installN8nTools();
}
