import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { InputError } from '../../../start/inputError.mts';
import { runRows } from '../../../start/runRows.mts';
import { lineUnderTest } from './scene.mts';

// Random messy sheets, read as .xlsx and .csv by n8n's own Extract from File node.

type Cell = string | number | { error: '#N/A' };
type Line = Cell[];

const NAMES = ['客户编号', '客户姓名', '设备序列号', '设备ID', '产品名称'];

/** The parts of n8n's installation that read a file. */
function extractFromFile() {
	const load = createRequire(new URL(`../${lineUnderTest()}/package.json`, import.meta.url));
	const base = createRequire(load.resolve('n8n-nodes-base/package.json'));
	const { ExtractFromFile } = load(
		'n8n-nodes-base/dist/nodes/Files/ExtractFromFile/ExtractFromFile.node.js',
	) as {
		ExtractFromFile: new () => { execute: () => Promise<INodeExecutionData[][]> };
	};
	const { utils, write } = base('@e965/xlsx') as {
		utils: Record<'book_new' | 'aoa_to_sheet' | 'book_append_sheet', (...args: unknown[]) => unknown>;
		write: (book: unknown, options: object) => Buffer;
	};
	const fileOf = (lines: Line[], bookType: 'csv' | 'xlsx') => {
		const cells = lines.map((line) =>
			line.map((cell) => (typeof cell === 'object' ? { t: 'e', v: 42, w: cell.error } : cell)),
		);
		const book = utils.book_new();
		utils.book_append_sheet(book, utils.aoa_to_sheet([NAMES, ...cells]), 'Sheet1');
		return write(book, { type: 'buffer', bookType });
	};
	return async (lines: Line[], format: 'csv' | 'xlsx'): Promise<IDataObject[]> => {
		const parameters: Record<string, unknown> = {
			operation: format,
			binaryPropertyName: 'data',
			options: {},
		};
		const binary = { data: fileOf(lines, format).toString('base64'), mimeType: '', fileExtension: format };
		const context = {
			getInputData: () => [{ json: {} }],
			getNodeParameter: (name: string) => parameters[name],
			getNode: () => ({ name: 'Extract from File', typeVersion: 1.1 }),
			continueOnFail: () => false,
			helpers: { assertBinaryData: () => binary },
		};
		const [items = []] = await new ExtractFromFile().execute.call(context);
		return items.map(({ json }) => json);
	};
}

/** What people write next to a CustomerId in the same cell. */
const NOTES = ['张三', ' (VIP)', '，', ' 老客户', '\n备注'];
const customers = fc.uniqueArray(
	fc.record({
		id: fc.oneof(
			fc.integer({ min: 1, max: 40 }).map((number) => `KH${1000 + number}`),
			fc.integer({ min: 13_000_000_000, max: 13_000_000_040 }),
		),
		devices: fc.array(fc.constantFrom('whole', 'whole', 'whole', 'whole', 'error', 'note'), {
			minLength: 1,
			maxLength: 4,
		}),
	}),
	{ selector: ({ id }) => id, minLength: 2, maxLength: 12 },
);

/** The lines of a sheet, the devices of each customer, and the devices whose CustomerId is an error value in the sheet. */
function sheetOf(
	list: ReadonlyArray<{ id: string | number; devices: readonly string[] }>,
	isMerged: boolean,
) {
	const truth: Record<string, string[]> = {};
	const lost = new Set<string>();
	const lines = list.flatMap(({ id, devices }, at) =>
		devices.map((kind, nth): Line => {
			const device = `LOCK01/d${at}_${nth}`;
			truth[String(id)] ??= [];
			truth[String(id)]!.push(device);
			const isEmpty = isMerged && nth > 0;
			if (kind === 'error' && !isEmpty) {
				lost.add(device);
			}
			const idCell = kind === 'note' ? `${id}${NOTES[(at + nth) % NOTES.length]}` : id;
			const filled: Cell = kind === 'error' ? { error: '#N/A' } : idCell;
			const cell: Cell = isEmpty ? '' : filled;
			return [cell, isEmpty ? '' : `姓名${at}`, `SN${at}_${nth}`, device, '门锁'];
		}),
	);
	return { lines, truth, lost };
}

async function sentOf(
	rows: IDataObject[],
	rowHandling: Record<string, string>,
): Promise<Record<string, string[]>> {
	const credentials = { appKey: 'k', appSecret: 's', platform: 'custom', endpoint: 'http://127.0.0.1:9' };
	const columns = { mappingMode: 'autoMapInputData', value: null };
	const run = runRows(rows as never, {
		operation: 'push',
		columns,
		chosen: { rowHandling },
		dryRun: true,
		credentials,
	});
	const { pushed } = await run.catch((cause: unknown) => {
		if (cause instanceof InputError) {
			return { pushed: [] };
		}
		throw cause;
	});
	return Object.fromEntries(
		pushed.map((customer) => [customer.CustomerId, customer.DeviceInfos.map(({ DeviceId }) => DeviceId)]),
	);
}

test("In 500 random sheets Push never sends a customer another customer's device, and leaves out only devices whose CustomerId is an error value.", async () => {
	const read = extractFromFile();
	const seen = { sent: 0, filled: 0 };
	const options = fc.record({
		emptyCustomerId: fc.constantFrom('automatic', 'above'),
		phoneIds: fc.constantFrom('digits', 'refuse'),
		unusualCustomerIds: fc.constantFrom('allow', 'refuse'),
	});
	await fc.assert(
		fc.asyncProperty(
			customers,
			fc.boolean(),
			fc.constantFrom('csv', 'xlsx'),
			options,
			async (list, isMerged, format, rowHandling) => {
				const { lines, truth, lost } = sheetOf(list, isMerged);
				const sent = await sentOf(await read(lines, format), rowHandling);
				for (const [id, devices] of Object.entries(sent)) {
					seen.sent++;
					if (isMerged) {
						seen.filled += devices.length - 1;
					}
					const expected = truth[id] ?? [];
					assert.deepEqual(
						devices.filter((device) => !expected.includes(device)),
						[],
						`${id} of ${JSON.stringify(lines)}`,
					);
					assert.deepEqual(
						expected.filter((device) => !devices.includes(device) && !lost.has(device)),
						[],
						`${id} of ${JSON.stringify(lines)}`,
					);
				}
			},
		),
		{ numRuns: 500 },
	);
	assert.ok(seen.sent > 500 && seen.filled > 50, JSON.stringify(seen));
});
