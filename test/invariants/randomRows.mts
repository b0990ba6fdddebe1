import type { IDataObject } from 'n8n-workflow';
import type { Dice } from './dice.mts';

/** Values that no field takes. */
const UNUSABLE: readonly unknown[] = [
	'',
	'  ',
	null,
	true,
	['P/D1'],
	{ id: 'P/D1' },
	1.5,
	2 ** 60,
	'a\u200bb',
	'a\u0007b',
	'\ud800',
	'\u202eP/D1',
];

const NOT_DEVICE_IDS: readonly unknown[] = ['D1', 'P/', '/D1', 'P/D/1', 'Ｐ／Ｄ', 7];

/** Ids that would harm code which takes them for something else than text. */
const ODD_IDS = [
	'__proto__',
	'constructor',
	'toString',
	'007',
	'张伟',
	'a&b=c',
	"o'neil",
	'${x}',
	'x'.repeat(200),
];

/** Rows as they come out of a CRM: mostly good, in any order, with everything that users get wrong. */
export function randomRows(dice: Dice): IDataObject[] {
	const rows: IDataObject[] = [];
	const customers = dice.happens(0.1) ? dice.integer(30, 60) : dice.integer(1, 16);
	const badRowChance = dice.pick([0, 0, 0.02, 0.2]);
	for (let customer = 0; customer < customers; customer++) {
		const CustomerId = dice.happens(0.1) ? dice.pick(ODD_IDS) : `user_${customer}`;
		for (let device = dice.integer(1, 4); device > 0; device--) {
			rows.push(randomRow(dice, CustomerId, `P${customer}/D${device}`, badRowChance));
			if (dice.happens(0.04)) rows.push({ ...rows.at(-1)! });
		}
	}
	if (rows.length > 1 && dice.happens(0.1)) dice.pick(rows).DeviceId = dice.pick(rows).DeviceId;
	return dice.happens(0.5) ? shuffled(dice, rows) : rows;
}

function randomRow(dice: Dice, CustomerId: string, DeviceId: string, badRowChance: number): IDataObject {
	const row: IDataObject = {
		CustomerId: dice.happens(0.05) ? ` ${CustomerId}\u00a0` : CustomerId,
		CustomerDeviceNo: dice.happens(0.2) ? dice.integer(1, 999) : `SN-${DeviceId}`,
		DeviceId,
		ProductName: dice.pick(['Smart Lock', '烟感', 'Lock "Pro" & Co']),
		...(dice.happens(0.1) && { error: 'a column of the CRM', Status: 'FAIL' }),
	};
	if (!dice.happens(badRowChance)) return row;
	const field = dice.pick(['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName']);
	if (field === 'DeviceId' && dice.happens(0.5)) row[field] = dice.pick(NOT_DEVICE_IDS) as string;
	else if (dice.happens(0.1)) delete row[field];
	else row[field] = dice.pick(UNUSABLE) as string;
	return row;
}

function shuffled<T>(dice: Dice, list: readonly T[]): T[] {
	const keys = new Map(list.map((entry) => [entry, dice.next()]));
	return list.toSorted((a, b) => keys.get(a)! - keys.get(b)!);
}
