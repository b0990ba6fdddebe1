import { describe, expect, test } from '@jest/globals';
import type { IDataObject, OnError } from 'n8n-workflow';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { push, row, type PushRun } from './pushRun.mts';

/** n8n keeps links and their style in what it shows as HTML: this link would cover the whole editor. */
const LINK = '<a href="https://example.com" style="position:fixed;inset:0">Session expired, log in</a>';
/** The link with characters that end a line or change its direction. */
const HOSTILE = `${LINK}\n\r\u2028\u202e\u2066\u200b<null>`;

/** All texts of a run that n8n shows as HTML: the hints, and the message and description of what was thrown. */
function shownTexts({ hints, failure }: NodeResult): string[] {
	const { message, description, messages } = (failure ?? {}) as Record<string, unknown>;
	const thrown = [message, description, ...((messages as unknown[] | undefined) ?? [])];
	// A hint lists its reasons.
	const parts = hints.flatMap((hint) => hint.message.split(/<ul><li>|<\/li><li>|<\/li><\/ul>$/));
	return [...parts, ...thrown].filter((text) => typeof text === 'string');
}

/** The texts of items that people see elsewhere: on forms, in messages, in the error of a Stop and Error node. */
function passedOn(value: unknown, name = ''): string[] {
	if (typeof value === 'string') {
		return /^(message|advice|text|Summary|SummaryZh|Message)$/.test(name) ? [value] : [];
	}
	if (typeof value !== 'object' || value === null) {
		return [];
	}
	return Object.entries(value).flatMap(([name, member]) => passedOn(member, name));
}

const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: HOSTILE } as const;
const unusual = { unusualCustomerIds: 'allow' };
const columnsWith = (changes: IDataObject): IDataObject => ({
	CustomerId: '={{ $json.CustomerId }}',
	CustomerDeviceNo: '={{ $json.CustomerDeviceNo }}',
	DeviceId: '={{ $json.DeviceId }}',
	ProductName: '={{ $json.ProductName }}',
	...changes,
});

const CASES: ReadonlyArray<[where: string, rows: IDataObject[], run: PushRun]> = [
	['the name of a column', [{ [HOSTILE]: 'a', CustomerId: 'a' }], {}],
	[
		'the name of a mapped column that no row has',
		[row('a', 1)],
		{ columns: columnsWith({ DeviceId: `={{ $json['${LINK}'] }}` }) },
	],
	['the id of a customer whose rows are withheld', [row(LINK, 1), row('a', 1)], { rowHandling: unusual }],
	['the id of a customer that is refused', [row(LINK, 1)], { rowHandling: unusual }],
	['an id that means "no value"', [row('<NA>', 1)], {}],
	['the code and the message of a refusal', [row('a', 1)], {}],
	[
		'what an expression throws',
		[row('a', 1)],
		{
			columns: columnsWith({ DeviceId: `={{ (() => { throw new Error(${JSON.stringify(HOSTILE)}) })() }}` }),
		},
	],
	[
		'what a parameter throws',
		[row('a', 1)],
		{ options: { concurrency: `={{ (() => { throw new Error(${JSON.stringify(HOSTILE)}) })() }}` } },
	],
];

describe('No text that n8n shows as HTML, or that is passed on, has markup or line breaks:', () => {
	describe.each(CASES)('%s', (where, rows, run) => {
		test.each<[OnError, operation: string, outputItemPer: string]>([
			['stopWorkflow', 'push', 'request'],
			['continueRegularOutput', 'push', 'row'],
			['continueErrorOutput', 'sync', 'run'],
		])('%s, %s, one item per %s', async (onError, operation, outputItemPer) => {
			const isRefused = where.includes('refus');
			const simulator = await runSimulator({ faults: () => (isRefused ? refused : undefined) });
			for (const dryRun of [false, true]) {
				const options = { ...run.options, dryRun, outputItemPer };
				const result = await push(rows, simulator, { ...run, operation, onError, options });
				const texts = shownTexts(result);
				expect(texts).not.toEqual([]);
				texts.push(...passedOn([result.success, result.error]));
				for (const text of texts) {
					expect(text).not.toMatch(/[<>\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
				}
			}
		});
	});
});

test('Escaped messages stay readable, and the data of items stays unchanged', async () => {
	const simulator = await runSimulator();
	const stopped = await push([row('<NA>', 1)], simulator);
	expect(stopped.failure?.message).toContain("'CustomerId': '‹NA›' means no value");
	const faults = () => refused;
	const service = await runSimulator({ faults });
	const { error } = await push([row('<NA>', 1), row(LINK, 1)], service, {
		onError: 'continueErrorOutput',
		rowHandling: unusual,
	});
	const text = JSON.stringify(error);
	expect(text).toContain('means no value');
	expect(text).toContain(`"CustomerId":${JSON.stringify(LINK)}`);
});
