import { expect, test } from '@jest/globals';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { openReader, readItems } from '../../nodes/TencentCloudIot/input/itemReader';
import { NodeInput } from '../../nodes/TencentCloudIot/input/nodeInput';
import { cleanRows } from '../../nodes/TencentCloudIot/resources/deviceBinding/cleanRows';
import { syncOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/sync.operation';
import type { Call, Calls } from '../../nodes/TencentCloudIot/resources/operation/operation';
import { readRunOptions } from '../../nodes/TencentCloudIot/resources/runOptions';
import { NotSendable } from '../../nodes/TencentCloudIot/service/outcome';
import { Dice, seedFor } from '../invariants/dice.mts';

/**
 * Random worlds: the rows of a night, how they are mapped and handled, and the same of the next night, in which often nothing and sometimes
 * something has changed.
 */
interface Night {
	rows: IDataObject[];
	/** The columns of the fields as expressions; undefined for *Map Automatically*. */
	values: IDataObject | undefined;
	rowHandling: IDataObject;
	account: string;
}

const FIELDS = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'] as const;

const NEIGHBOURS = [
	['CustomerId', 'CustomerDeviceNo'],
	['CustomerDeviceNo', 'DeviceId'],
	['DeviceId', 'ProductName'],
] as const;

/** Each chosen by the options of 'Row Handling', or left out. */
const HANDLING: Readonly<Record<string, readonly string[]>> = {
	emptyCustomerId: ['automatic', 'nobody', 'above'],
	emptyProductName: ['refuse', 'sameProduct'],
	invalidRows: ['withhold', 'sendValid'],
	phoneIds: ['refuse', 'digits'],
	rowsWithoutDevice: ['refuse', 'leaveOut'],
	sharedDevices: ['refuse', 'allow'],
	severalDevices: ['refuse', 'split'],
	unusualCustomerIds: ['refuse', 'allow'],
};

/** Cells that mean something else, or nothing, or the same in another way. */
const ODD_CELLS: readonly unknown[] = [
	'',
	null,
	' ',
	'同上',
	'合计',
	'CustomerId',
	'DeviceId',
	'user 1',
	'user_1 ',
	'USER_1',
	'user_1_2',
	'+86 137-1234-5678',
	'13712345678',
	'p/d1',
	'P/d1,d2',
	'P/d1\nP/d2',
	'P/D1',
	'undefined',
	'a\uFFFD',
	'a\ud83d',
	1,
	'1',
	-0,
	1.5,
	true,
	['P/d1', 'P/d2'],
	['SN-1', 'SN-2'],
	['P/d1', ['P/d2']],
	{ id: 'user_1' },
	new Date(0),
];

function drawNight(dice: Dice): Night {
	const isOdd = dice.happens(0.4);
	const rows: IDataObject[] = [];
	const customers = dice.integer(1, 6);
	const ids = Array.from({ length: customers }, (_, index) => drawId(dice, index));
	let device = 0;
	for (const id of ids) {
		const count = dice.integer(1, 4);
		if (dice.happens(0.15)) {
			const numbers = Array.from({ length: count }, (_, index) => device + index);
			rows.push({
				CustomerId: id,
				CustomerDeviceNo: numbers.map((number) => `SN-${number}`),
				DeviceId: numbers.map((number) => `P/d${number}`),
				ProductName: 'Lock',
			});
			device += count;
			continue;
		}
		for (let index = 0; index < count; index++) {
			rows.push({
				CustomerId: id,
				CustomerDeviceNo: dice.happens(0.2) ? 1000 + device : `SN-${device}`,
				DeviceId: `P/d${device}`,
				ProductName: dice.happens(0.1) ? '智能锁 😀' : 'Lock',
				note: dice.pick(['', 'VIP', '合计', 3]),
			});
			if (dice.happens(0.05)) {
				rows.push({ ...rows.at(-1) });
			}
			device++;
		}
	}
	const night: Night = {
		rows: dice.happens(0.3) ? shuffled(dice, rows) : rows,
		values: dice.happens(0.5) ? plainValues(dice) : undefined,
		rowHandling: {},
		account: 'account',
	};
	for (const [name, choices] of Object.entries(HANDLING)) {
		if (dice.happens(0.5)) {
			night.rowHandling[name] = dice.pick(choices);
		}
	}
	return isOdd ? changed(dice, night) : night;
}

function shuffled<Entry>(dice: Dice, entries: readonly Entry[]): Entry[] {
	const places = new Map(entries.map((entry) => [entry, dice.next()]));
	return entries.toSorted((a, b) => places.get(a)! - places.get(b)!);
}

function drawId(dice: Dice, index: number): string | number {
	return dice.pick([
		`user_${index}`,
		`user_${index}`,
		`user_${index}`,
		index,
		`1371234567${index}`,
		`+86 137 1234 567${index}`,
		`Kunde-${index}`,
		` user_${index} `,
	]);
}

function plainValues(dice: Dice): IDataObject {
	const values = Object.fromEntries(FIELDS.map((field) => [field, `={{ $json.${field} }}`]));
	if (dice.happens(0.2)) {
		values['ProductName'] = dice.pick(['Lock', '={{ $json.ProductName }} 2', '={{ $json.note }}']);
	}
	return values;
}

/** The same night with one thing changed. */
function changed(dice: Dice, night: Night): Night {
	const rows = night.rows.map((row) => ({ ...row }));
	const at = dice.integer(0, rows.length - 1);
	const field = dice.pick([...FIELDS, 'note']);
	const [name, choices] = dice.pick(Object.entries(HANDLING));
	const changes: Array<() => Night> = [
		() => {
			rows[at]![field] = dice.pick(ODD_CELLS) as IDataObject[string];
			return { ...night, rows };
		},
		() => {
			rows[at]![field] = rows[dice.integer(0, rows.length - 1)]![field];
			return { ...night, rows };
		},
		() => {
			// The cells of the row are other ones, and read one after the other they are the same.
			const [from, to] = dice.pick(NEIGHBOURS);
			const text = String(rows[at]![from]);
			Object.assign(rows[at]!, { [from]: text.slice(0, -1), [to]: text.slice(-1) + String(rows[at]![to]) });
			return { ...night, rows };
		},
		() => ({ ...night, rows: rows.toSpliced(at, 1) }),
		() => ({ ...night, rows: rows.toSpliced(at, 0, dice.pick(rows)) }),
		() => ({ ...night, rows: shuffled(dice, rows) }),
		() => ({ ...night, rows: rows.map(({ note: _, ...row }) => row) }),
		() => ({ ...night, rowHandling: { ...night.rowHandling, [name]: dice.pick(choices) } }),
		() => ({ ...night, values: plainValues(dice) }),
		() => ({ ...night, account: 'another' }),
	];
	return dice.pick(changes)();
}

/** Rows as n8n hands them over in another execution: other objects with the same values. */
function read(night: Night): Night {
	return { ...night, rows: structuredClone(night.rows), rowHandling: { ...night.rowHandling } };
}

/** What the node makes of a night. */
async function planOf({ rows, values, rowHandling, account }: Night) {
	const columns = values
		? { mappingMode: 'defineBelow', value: values }
		: { mappingMode: 'autoMapInputData', value: null };
	const node = { name: 'Sync', type: 'tencentCloudIot', parameters: { columns } };
	const context = {
		getNode: () => node,
		getExecuteData: () => ({ node }),
		getTimezone: () => 'UTC',
		getExecutionId: () => '1',
	} as unknown as IExecuteFunctions;
	const items = rows.map((json) => ({ json }));
	const { options } = readRunOptions(syncOperation, (group) => ({ rowHandling })[group]);
	const input = new NodeInput(context, items, { timezone: 'UTC', isTool: false, isToolCall: false });
	const reader = await openReader(input, syncOperation.customers!.columns(options));
	const readRow = syncOperation.inputReader(options);
	return {
		digest: await cleanRows.digest(reader, options, account),
		judge: async () => await syncOperation.toCalls(readItems(reader, readRow), options),
		take: async () => await cleanRows.toCalls(reader, options, readRow),
	};
}

/** All that a call has, in a form that can be compared: those of rows that were not judged make it when they are asked. */
function shown({ parameters, itemIndexes, customer, ownParameters }: Call): unknown {
	const { id, devices } = customer!;
	return { parameters, itemIndexes, id, devices, byRow: [...(ownParameters?.() ?? [])] };
}

/** How the second night of a world is planned: judged anew, or taken from the first one. */
interface Compared {
	/** Whether it was the same, so that it was not judged. */
	isTaken: boolean;
	judged: unknown;
	taken: unknown;
	/** The plan of the first night, of which hashes are remembered; that of the second one where it was judged. */
	remembered: unknown;
}

/** Plays a world. @returns undefined where its columns cannot be found, or too many ids are broken */
async function playWorld(seed: number): Promise<Compared | undefined> {
	const dice = new Dice(seedFor(seed, 'clean'));
	const first = drawNight(dice);
	const second = read(dice.happens(0.5) ? first : changed(dice, first));
	try {
		const before = await planOf(first);
		const now = await planOf(second);
		const judgedBefore = await before.judge();
		const isClean = before.digest !== undefined && judgedBefore.isClean === true;
		const judged = plain(await now.judge());
		if (!isClean || now.digest !== before.digest) {
			return { isTaken: false, judged, taken: judged, remembered: judged };
		}
		const taken = plain({ calls: await now.take(), withheld: [], isClean: true });
		return { isTaken: true, judged, taken, remembered: plain(judgedBefore) };
	} catch (cause) {
		if (cause instanceof NotSendable) {
			return undefined;
		}
		throw cause;
	}
}

function plain({ calls, withheld, leftOut, remarks = [], isClean }: Calls): unknown {
	return { calls: calls.map(shown), withheld, leftOut: [...(leftOut ?? [])], remarks, isClean };
}

/** @param count of worlds; in a fifth of them at least nothing is judged again, so that the test can fail */
export function testCleanWorlds(count: number): void {
	test(`Clean rows that are not judged again give the calls of rows that are, in ${count} worlds`, async () => {
		let taken = 0;
		for (let seed = 0; seed < count; seed++) {
			const played = await playWorld(seed);
			if (played === undefined) {
				continue;
			}
			expect({ seed, plan: played.taken }).toEqual({ seed, plan: played.judged });
			expect({ seed, plan: played.remembered }).toEqual({ seed, plan: played.judged });
			taken += played.isTaken ? 1 : 0;
		}
		expect(taken).toBeGreaterThan(count / 5);
	});
}
