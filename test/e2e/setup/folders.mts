import { fileURLToPath } from 'node:url';
import type { Build } from '../../../embedded/builtNode.mts';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The checkout. */
export const rootFolder = folder('../../..');
/** Where the browser driver and Node 24 are installed. */
export const e2eFolder = folder('..');
export const exampleFolder = folder('../../../examples/workflows');
export const imageFolder = folder('../../../docs/images');

/** The lines of n8n that the package is tested with, newest first; each is also the name of a folder in test/e2e. */
export const n8nLines = ['n8n-2', 'n8n-2.15'] as const;
export type N8nLine = (typeof n8nLines)[number];

/** The build that each line is tested with: newer n8n accepts verified packages, older self-hosted n8n accepts any. */
export const buildFor: Readonly<Record<N8nLine, Build>> = {
	'n8n-2': 'verified',
	'n8n-2.15': 'pool',
};

/** Where one line of n8n is installed. */
export const n8nFolder = (line: N8nLine): string => folder(`../${line}`);
