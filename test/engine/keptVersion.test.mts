import { describe, expect, test } from '@jest/globals';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { loadTestedNode } from '../support/testedBuild.mts';
import { KEPT_FOLDER, openAndStore, readKept, stateOf, syncOn } from './keptVersion.mts';
import { errorOf } from './pushRun.mts';

const FILES = globSync(join(KEPT_FOLDER, '*.json')).sort();
/** States of formats that no version reads any more. */
const OTHER_FORMATS = globSync(join(KEPT_FOLDER, 'otherFormats/*.json')).sort();

test('What this version leaves in n8n is kept (npm run keep)', () => {
	expect(FILES.map((file) => basename(file, '.json'))).toContain(manifest.version);
});

describe.each(FILES.map((file) => [basename(file, '.json'), readKept(file)] as const))(
	'What version %s left in n8n',
	(_, kept) => {
		const { rows, nodes } = kept;

		test('is a sync state by which the same rows need no request, and are no news', async () => {
			const { success } = await syncOn(await stateOf(kept), kept, rows);
			expect(success[0]?.json).toMatchObject({
				Health: 'degraded',
				News: false,
				Requests: 0,
				Customers: 30,
				Unchanged: 29,
				Withheld: 1,
			});
		});

		test('is a sync state that all safety checks judge by', async () => {
			const wrong = rows.map((row) => ({ ...row, ProductName: String(row['CustomerDeviceNo']) }));
			const codeOf = async (changed: typeof rows, isLost = false) => {
				const state = await stateOf(kept);
				if (isLost) await state.delete('workflow n:node');
				const { error } = await syncOn(state, kept, changed);
				return error.map((item) => errorOf(item)?.code)[0];
			};
			expect(await codeOf(wrong)).toBe('TOO_MANY_CHANGES');
			expect(await codeOf(rows.filter((_, index) => index % 2 === 0))).toBe('TOO_FEW_DEVICES');
			expect(await codeOf(rows, true)).toBe('STATE_LOST');
		});

		test.each(nodes.map((node) => [`${node.workflow}: ${node.name}`, node] as const))(
			'is stored and opened as ever: %s',
			(__, { typeVersion, credentials, stored, opened }) => {
				const { nodeType, credentialType } = loadTestedNode();
				expect([nodeType.description.version].flat()).toContain(typeVersion);
				expect(credentials.filter((name) => name !== credentialType.name)).toEqual([]);
				const now = openAndStore(stored, typeVersion);
				// Later versions may have more parameters, each with a default.
				expect(now).toMatchObject({ opened, issues: null });
				expect(now.stored).toEqual(stored);
			},
		);
	},
);

test.each(OTHER_FORMATS.map((file) => [basename(file, '.json'), readKept(file)] as const))(
	'The state that %s left in another format is called that of another version, and stays until its plan is approved',
	async (_, kept) => {
		const state = await stateOf(kept);
		const { error } = await syncOn(state, kept, kept.rows);
		const { code, planId } = errorOf(error[0]!)!;
		expect(code).toBe('OTHER_VERSION');
		expect((await state.find('workflow n:node'))!.data).toEqual(kept.state['workflow n:node']!.data);
		const approved = await syncOn(state, kept, kept.rows, { safetyChecks: { approvedPlan: String(planId) } });
		expect(approved.error.map((item) => errorOf(item)?.code)).not.toContain('OTHER_VERSION');
	},
);
