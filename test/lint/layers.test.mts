import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { LAYERS } from './layers.mts';
import type { LintedText } from './lintTexts.mts';

const NODE = 'nodes/TencentCloudIot';
const DOWN_ONLY = 'Imports between layers go down only.';
const SAME_ROW = 'Layers in the same row must not import each other.';
const ONLY_OPENER = 'Only openTransport.ts knows how requests travel.';
const PROTOCOL_ONLY = 'A credential knows the protocol only.';
const CONTRACT = 'resources/operation/ must not depend on a single operation.';
const NO_N8N = 'Pass what you need of n8n in through an interface.';
const ONLY_SHOWN = 'Only shown.ts gives n8n a text to show: it takes markup out.';
const PUSHED = 'Push to the list of a Map: a copy for each entry takes the square of the time.';
const NOT_SHIPPED = 'Shipped code must not import code that is not shipped.';

/** A case for each rule of layers.mts and for each form of import. */
const REFUSED: ReadonlyArray<[path: string, text: string, message: string]> = [
	[`${NODE}/run/x.ts`, "import { TencentCloudIot } from '../TencentCloudIot.node';", DOWN_ONLY],
	[`${NODE}/resources/operation/x.ts`, "import type { RunOptions } from '../runOptions';", DOWN_ONLY],
	[`${NODE}/resources/operation/x.ts`, "import { readRow } from '../../binding/row';", CONTRACT],
	[`${NODE}/resources/device/x.ts`, "import type { Run } from '../../run/run';", DOWN_ONLY],
	[`${NODE}/service/x.ts`, "export { readRow } from '../binding/row';", DOWN_ONLY],
	[`${NODE}/service/x.ts`, "const row = await import('../binding/row');", DOWN_ONLY],
	[`${NODE}/service/transport/host/x.ts`, "import { poolErrorKind } from '../pool/poolTransport';", SAME_ROW],
	[
		`${NODE}/service/delivery/x.ts`,
		"import { openHostTransport } from '../transport/host/hostTransport';",
		ONLY_OPENER,
	],
	['credentials/x.ts', "import { readRow } from '../nodes/TencentCloudIot/binding/row';", PROTOCOL_ONLY],
	[`${NODE}/service/x.ts`, "import type { IDataObject } from 'n8n-workflow';", NO_N8N],
	[`${NODE}/binding/x.ts`, "import { BaseError } from '@n8n/errors';", NO_N8N],
	[`${NODE}/run/x.ts`, "import { startSimulator } from '../../../simulator/simulator.mts';", NOT_SHIPPED],
	['credentials/x.ts', "import { runNode } from '../embedded/embeddedEngine.mts';", NOT_SHIPPED],
	[
		'simulator/x.mts',
		"import { signRequest } from '../nodes/TencentCloudIot/service/signing/signature';",
		'The simulator must not share code, and so bugs, with what it tests.',
	],
	[
		`${NODE}/service/x.ts`,
		"export type Row = import('../binding/row').Row;",
		'Import a type where the other imports stand.',
	],
	[`${NODE}/binding/x.ts`, 'byId.set(id, [...(byId.get(id) ?? []), row]);', PUSHED],
	['test/binding/x.mts', 'byId.set(id, { rows: [...byId.get(id)!.rows, row] });', PUSHED],
	['simulator/x.mts', 'byId.set(id, (byId.get(id) ?? []).concat(row));', PUSHED],
	[`${NODE}/run/x.ts`, "context.addExecutionHints({ message: 'x' });", ONLY_SHOWN],
	[`${NODE}/editor/x.ts`, "throw new NodeOperationError(context.getNode(), 'x');", ONLY_SHOWN],
	[`${NODE}/run/x.ts`, "throw new NodeApiError(context.getNode(), { message: 'x' });", ONLY_SHOWN],
];

const TAKEN: ReadonlyArray<[path: string, text: string]> = [
	[`${NODE}/x.node.ts`, "import { runOperation } from './run/runOperation';"],
	[`${NODE}/run/x.ts`, "import { sleep } from 'n8n-workflow';"],
	[`${NODE}/binding/x.ts`, 'byId.set(id, [...rows, found.get(id)]);'],
	[
		`${NODE}/service/delivery/openTransport.ts`,
		"import { openHostTransport } from '../transport/host/hostTransport';",
	],
	[
		`${NODE}/service/transport/pool/x.ts`,
		"import { Deadlines } from '../clock'; import { Pool } from 'undici';",
	],
	['credentials/x.ts', "import { signRequest } from '../nodes/TencentCloudIot/service/signing/signature';"],
	['simulator/x.mts', "import { refusal } from './refusal.mts'; export { refusal };"],
];

/** The lint messages for each text, in the order of the texts. */
async function lint(texts: readonly LintedText[]): Promise<string[][]> {
	const run = promisify(execFile)(process.execPath, ['test/lint/lintTexts.mts']);
	run.child.stdin?.end(JSON.stringify(texts));
	return JSON.parse((await run).stdout) as string[][];
}

describe('the lint of the layers', () => {
	let found: string[][];

	beforeAll(async () => {
		found = await lint([...REFUSED, ...TAKEN].map(([path, text]) => ({ path, text })));
	});

	test.each(REFUSED.map(([path, text, message], index) => ({ path, text, message, index })))(
		'in $path it refuses $text',
		({ message, index }) => expect(found[index]).toContainEqual(expect.stringContaining(message)),
	);

	test.each(TAKEN.map(([path, text], index) => ({ path, text, index: REFUSED.length + index })))(
		'in $path it accepts $text',
		({ index }) => expect(found[index]).toEqual([]),
	);

	test('has exactly one layer for each shipped file', () => {
		const files = globSync('{nodes,credentials}/**/*.ts').sort();
		const layered = LAYERS.flat().flatMap((layer) => globSync(layer).filter((file) => file.endsWith('.ts')));
		expect(layered.sort()).toEqual(files);
	});
});
