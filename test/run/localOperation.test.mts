import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { Execution } from '../../nodes/TencentCloudIot/host/execution';
import { systemClock } from '../../nodes/TencentCloudIot/host/systemClock';
import { text } from '../../nodes/TencentCloudIot/input/fields/fields';
import { NodeInput } from '../../nodes/TencentCloudIot/input/nodeInput';
import {
	type LocalEnvironment,
	localOperation,
} from '../../nodes/TencentCloudIot/resources/operation/localOperation';
import { ours } from '../../nodes/TencentCloudIot/messages/text';
import type { RunEnvironment } from '../../nodes/TencentCloudIot/run/run';
import { runLocalOperation } from '../../nodes/TencentCloudIot/run/runLocalOperation';
import { NotSendable, notSent } from '../../nodes/TencentCloudIot/service/outcome';
import { TableUnusable } from '../../nodes/TencentCloudIot/tables/dataTables';
import { MemoryTables } from '../sync/log/memoryTables.mts';
import { attempt, newExecutionData } from './attempt.mts';

afterEach(() => void jest.restoreAllMocks());

/** The facts that a test sets about a run: its rows, whose cells are the texts of the field, and the settings of the node. */
interface Scene {
	rows?: IDataObject[];
	continuesOnFail?: boolean;
	isTool?: boolean;
	isForModels?: boolean;
	/** What the operation does for an item. Default: it outputs the text of the field. */
	act?: (word: string, environment: LocalEnvironment) => Promise<IDataObject[]>;
}

const tables = new MemoryTables();

/** Runs an operation with one field, whose value is in the column `word` of each row. */
async function run(scene: Scene = {}) {
	const { rows = [{ word: 'a' }], continuesOnFail = false, isTool = false, isForModels = false } = scene;
	const { act = async (word) => await Promise.resolve([{ word }]) } = scene;
	const type = isTool ? 'tencentCloudIotTool' : 'tencentCloudIot';
	const node = { id: 'n', name: 'Node', type, parameters: { word: '={{ $json.word }}' } };
	const context = {
		...attempt(newExecutionData()),
		getNode: () => node,
		continueOnFail: () => continuesOnFail,
		getExecuteData: () => ({ node, source: {}, data: { main: [[]] } }),
	} as unknown as IExecuteFunctions;
	const items = rows.map((json) => ({ json }));
	const execution = new Execution(context);
	const environment = {
		execution,
		input: new NodeInput(context, items, execution),
		ports: { openTables: () => tables, credential: { accountHash: async () => await Promise.resolve('h') } },
	} as unknown as RunEnvironment;
	const word = text({ displayName: 'Word', description: 'A word' });
	const operation = localOperation({
		value: 'say',
		option: { name: 'Say', action: 'Say', description: 'Says a word' },
		isForModels,
		fields: { word },
		run: async (values, localEnvironment) => await act(values.word, localEnvironment),
	});
	return await runLocalOperation(environment, operation, items);
}

describe('A local operation', () => {
	test('outputs its results for each item, linked to the item', async () => {
		const act = async (word: string) => await Promise.resolve([...word].map((letter) => ({ letter })));
		expect(await run({ rows: [{ word: 'ab' }, { word: 'c' }], act })).toEqual([
			{ json: { letter: 'a' }, pairedItem: { item: 0 } },
			{ json: { letter: 'b' }, pairedItem: { item: 0 } },
			{ json: { letter: 'c' }, pairedItem: { item: 1 } },
		]);
	});

	test('gets the tables, the item, and facts about the run', async () => {
		jest.spyOn(systemClock, 'nowMs').mockReturnValue(5);
		const environments: LocalEnvironment[] = [];
		const act = async (_: string, localEnvironment: LocalEnvironment) => {
			environments.push(localEnvironment);
			return await Promise.resolve([{ account: await localEnvironment.accountHash() }]);
		};
		const rows = [{ word: 'a' }, { word: 'b', more: 1 }];
		expect(await run({ rows, act })).toMatchObject([{ json: { account: 'h' } }, { json: { account: 'h' } }]);
		const facts = { timezone: 'UTC', nowMs: 5, workflowId: 'w', executionId: '7' };
		expect(environments).toMatchObject([
			{ ...facts, input: rows[0] },
			{ ...facts, input: rows[1] },
		]);
		expect(environments.every((localEnvironment) => localEnvironment.tables === tables)).toBe(true);
	});
});

const REFUSED = new NotSendable(notSent('INVALID_OPTION', { wrong: ours("'Day' is not a day") }));

/** An operation that fails for the second of three items. */
const failing: Scene = {
	rows: [{ word: 'a' }, { word: 'b' }, { word: 'c' }],
	act: async (word) => await (word === 'b' ? Promise.reject(REFUSED) : Promise.resolve([{ word }])),
};

describe('If a local operation fails for an item,', () => {
	test('it stops the workflow with reason and advice, and no list of reasons', async () => {
		expect(await run(failing)).toEqual({
			message: expect.stringMatching(
				/^An option cannot be used: 'Day' is not a day\. Correct the option or its expression/,
			),
			reasons: [],
		});
	});

	test('it continues if the node continues on failures, and the failure comes after the output of the other items', async () => {
		expect(await run({ ...failing, continuesOnFail: true })).toEqual([
			{ json: { word: 'a' }, pairedItem: { item: 0 } },
			{ json: { word: 'c' }, pairedItem: { item: 2 } },
			{
				json: {
					error: expect.objectContaining({
						message: expect.stringMatching(/^An option cannot be used/),
						code: 'INVALID_OPTION',
						rows: [2],
					}),
				},
				pairedItem: { item: 1 },
			},
		]);
	});

	test('its message does not say that nothing was sent, because it makes no request', async () => {
		const [, , item] = (await run({ ...failing, continuesOnFail: true })) as Array<{ json: IDataObject }>;
		expect(JSON.stringify(item)).not.toContain('sent');
	});

	test('an unusable value is named, and the operation does not run for it', async () => {
		const words: string[] = [];
		const act = async (word: string) => {
			words.push(word);
			return await Promise.resolve([]);
		};
		const items = await run({ rows: [{ word: '' }, { word: 'b' }], act, continuesOnFail: true });
		expect(words).toEqual(['b']);
		const message = expect.stringContaining("An option cannot be used: 'Word' is empty");
		expect(items).toMatchObject([{ json: { error: { message, code: 'INVALID_OPTION', rows: [1] } } }]);
	});

	test.each<[scene: string, cause: Error, message: string]>([
		['does not respond', new Error('SQLITE_BUSY'), "n8n's Data Tables did not respond"],
		['is full', new TableUnusable('full'), "n8n's Data Tables are full"],
		['was deleted', new TableUnusable('notFound'), 'The Data Table of the sync state was deleted or renamed'],
	])('its message says that the table %s', async (_, cause, message) => {
		const act = async () => await Promise.reject(cause);
		expect(await run({ act })).toMatchObject({ message: expect.stringContaining(message) });
		const error = { message: expect.stringContaining(message), code: 'TABLES_NOT_USABLE' };
		expect(await run({ act, continuesOnFail: true })).toMatchObject([{ json: { error } }]);
	});
});

describe('Decisions are for people:', () => {
	const rows = [{ word: 'a' }, { word: 'b' }];
	test('a model may not call the operation', async () => {
		expect(await run({ rows, isTool: true })).toMatchObject({
			message: expect.stringContaining('A model may not call this operation'),
		});
	});

	test('each item says so if the node continues on failures', async () => {
		const code = 'NOT_FOR_MODELS';
		expect(await run({ rows, isTool: true, continuesOnFail: true })).toMatchObject([
			{ json: { error: { code, rows: [1] } }, pairedItem: { item: 0 } },
			{ json: { error: { code, rows: [2] } }, pairedItem: { item: 1 } },
		]);
	});

	test('a model may call an operation that only shows something', async () => {
		expect(await run({ rows, isTool: true, isForModels: true })).toMatchObject([
			{ json: { word: 'a' } },
			{ json: { word: 'b' } },
		]);
	});
});
