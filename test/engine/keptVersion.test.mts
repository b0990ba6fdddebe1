import { describe, expect, test } from '@jest/globals';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { dataTablesBeside } from '../../embedded/embeddedEngine.mts';
import manifest from '../../package.json' with { type: 'json' };
import { loadTestedNode } from '../support/testedBuild.mts';
import { KEPT_FOLDER, openAndStore, readForeign, readKept, stateOf, syncOn } from './keptVersion.mts';
import { errorOf, row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

const FILES = globSync(join(KEPT_FOLDER, '*.json')).sort();

test('What this version stores in n8n is kept in a file (npm run keep)', () => {
	expect(FILES.map((file) => basename(file, '.json'))).toContain(manifest.version);
});

test.each(Object.entries(readForeign()))(
	'Sync does not take the unreadable state of %s for a first run: it waits for one approval.',
	async (_, state) => {
		const { sync, processedData } = await syncTimeline();
		for (const [key, data] of Object.entries(state)) {
			await processedData.insert(key, { mode: 'entries', data: data.split(' ') });
		}
		const rows = Array.from({ length: 20 }, (__, index) => row(`c${index}`, index));
		const stopped = await sync(rows);
		const { code, planId } = errorOf(stopped.error[0]!)!;
		expect([stopped.sent, code]).toEqual([[], 'OTHER_VERSION']);
		for (const [key, data] of Object.entries(state)) {
			expect((await processedData.find(key))!.data.join(' ')).toBe(data);
		}
		const approved = { safetyChecks: { approvedPlan: String(planId) } };
		expect((await sync(rows, {}, approved)).sent).toHaveLength(20);
		const wrongJoin = rows.map((wholeRow, index) => ({ ...wholeRow, CustomerId: `c${(index + 1) % 20}` }));
		expect((await sync(wrongJoin, {}, approved)).sent).toEqual([]);
		expect((await sync(rows)).sent).toEqual([]);
	},
);

describe.each(FILES.map((file) => [basename(file, '.json'), readKept(file)] as const))(
	'What version %s stored in n8n',
	(_, kept) => {
		const { rows, nodes } = kept;

		test('is a sync state with which the same rows need no request and are not news', async () => {
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

		test('is a sync state that all safety checks compare with', async () => {
			const wrong = rows.map((row) => ({ ...row, ProductName: String(row['CustomerDeviceNo']) }));
			const codeOf = async (changed: typeof rows, isLost = false) => {
				const state = await stateOf(kept);
				if (isLost) {
					dataTablesBeside(state).clear();
				}
				const { error } = await syncOn(state, kept, changed);
				return error.map((item) => errorOf(item)?.code)[0];
			};
			expect(await codeOf(wrong)).toBe('TOO_MANY_CHANGES');
			expect(await codeOf(rows.filter((_, index) => index % 2 === 0))).toBe('TOO_FEW_DEVICES');
			expect(await codeOf(rows, true)).toBe('STATE_LOST');
		});

		test.each(nodes.map((node) => [`${node.workflow}: ${node.name}`, node] as const))(
			'is stored and opened unchanged: %s',
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
