import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { codeOfSummary } from '../../examples/partitionedTexts.mts';

test.each([true, false])(
	'The message of the example in partitions names customers while nameCustomers is on: %s.',
	(nameCustomers) => {
		const id = '13800138010';
		const parts = ['degraded', 'silent'].map((state, index) => ({
			...{ part: index + 1, state, has_news: true, started: '2026-01-01 00:00', has_begun: true },
			...{ summary: `1 newly failed ('${id}').`, summary_zh: `（${id}）`, failure: `${id}: refused` },
		}));
		const of = (items: IDataObject[]) => {
			const all = items.map((json) => ({ json }));
			return { all: () => all, first: () => all[0] };
		};
		const settings = { partitions: 2, requestsPerSecond: 20, nameCustomers };
		const $ = (name: string) => of(name === 'Settings' ? [settings] : parts);
		const code = new Function('$', '$input', '$workflow', '$execution', codeOfSummary) as (
			...inputs: unknown[]
		) => Array<{ json: IDataObject }>;
		const [summary] = code(
			$,
			of([{}, {}]),
			{ id: 'w', name: 'Sync' },
			{ id: '7', resumeUrl: 'https://n8n/webhook-waiting/7' },
		);
		const text = String(summary?.json.text);
		expect(text.includes(id)).toBe(nameCustomers);
		expect(text).toContain('1 degraded');
		expect(text).toMatch(/Sync, 执行 \/ execution 7: https:\/\/n8n\/workflow\/w\/executions\/7$/);
		expect(text).toMatch(/Partition 2: no report .*Partition 1: /s);
	},
);
