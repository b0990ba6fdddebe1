import type { IDataObject } from 'n8n-workflow';
import type { Dice } from './dice.mts';

/** Values that no field accepts. */
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

/** Texts that mean no customer, in any spelling of ids. */
export const NO_IDS: readonly string[] = [
	'C_undefined',
	'[object Object]',
	'NaN',
	'null',
	'-',
	'无',
	'#N/A',
	'#REF!',
	'n/a',
];

/** Damages an id so that it is still visible, even with unusual ids allowed. */
const DAMAGES: ReadonlyArray<(id: string, dice: Dice) => unknown> = [
	(id, dice) => inserted(id, dice, dice.pick(['\u0007', '\n', '\u200b', '\uFFFD', '\udfff'])),
	(id, dice) => inserted(id, dice, dice.pick(['\uFFFD', '\uFFFD\uFFFD']), 1),
	(id) => `="${id}"`,
	(id) => `"${id}"`,
	(id) => `'${id}`,
	(id) => [id],
];

/** More damages for runs that refuse unusual ids. */
const UNUSUAL_DAMAGES: typeof DAMAGES = [
	(id) => id.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0)),
	(id) => `（${id}）`,
	(id) => `${id},`,
];

/** Damages that a spreadsheet does to an id of many digits. */
const DAMAGES_OF_DIGITS: typeof DAMAGES = [
	(id) => Number(id),
	(id) => Number(id).toExponential(5).toUpperCase(),
	(id) => `${id}.0`,
];

const NOT_DEVICE_IDS: readonly unknown[] = ['D1', 'P/', '/D1', 'P/D/1', 'Ｐ／Ｄ', 7];

/** Ids that would break code which does not treat them as plain text. */
const ODD_IDS = [
	'__proto__',
	'constructor',
	'toString',
	'007',
	'张伟',
	'a&b=c',
	"o'neil",
	'$(x)',
	'x'.repeat(200),
];

/**
 * Rows as they come out of a CRM: mostly good, in any order, with everything that users get wrong.
 * @param unusualIds whether ids other than the documented ones are allowed
 */
export function randomRows(dice: Dice, unusualIds: 'allow' | 'refuse'): IDataObject[] {
	const rows: IDataObject[] = [];
	const customers = dice.happens(0.1) ? dice.integer(30, 60) : dice.integer(1, 16);
	const badRowChance = dice.pick([0, 0, 0.02, 0.2]);
	for (let customer = 0; customer < customers; customer++) {
		const usual = dice.happens(0.1) ? `1234567890123456${customer + 10}` : `user_${customer}`;
		const CustomerId = dice.happens(0.1) ? dice.pick(ODD_IDS) : usual;
		for (let device = dice.integer(1, 4); device > 0; device--) {
			const row = randomRow(dice, CustomerId, `P${customer}/D${device}`, badRowChance);
			rows.push(dice.happens(badRowChance / 4) ? damaged(dice, row, unusualIds) : row);
			if (dice.happens(0.04)) {
				rows.push({ ...rows.at(-1)! });
			}
		}
	}
	if (rows.length > 1 && dice.happens(0.1)) {
		dice.pick(rows).DeviceId = dice.pick(rows).DeviceId;
	}
	return dice.happens(0.5) ? shuffled(dice, rows) : rows;
}

function randomRow(dice: Dice, CustomerId: string, DeviceId: string, badRowChance: number): IDataObject {
	const row: IDataObject = {
		CustomerId: dice.happens(0.05) ? ` ${CustomerId}\u00a0` : CustomerId,
		CustomerDeviceNo: dice.happens(0.2) ? dice.integer(1, 999) : `SN-${DeviceId}`,
		DeviceId,
		ProductName: dice.pick(['Smart Lock', '烟感', 'Lock "Pro" & Co']),
	};
	if (dice.happens(0.1)) {
		Object.assign(row, { error: 'a column of the CRM', Status: 'FAIL' });
	}
	if (!dice.happens(badRowChance)) {
		return row;
	}
	const field = dice.pick(['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName']);
	if (field === 'CustomerId' && dice.happens(0.5)) {
		row[field] = dice.pick(NO_IDS);
	} else if (field === 'DeviceId' && dice.happens(0.5)) {
		row[field] = dice.pick(NOT_DEVICE_IDS) as string;
	} else if (dice.happens(0.1)) {
		delete row[field];
	} else {
		row[field] = dice.pick(UNUSABLE) as string;
	}
	return row;
}

/** A row with a damaged id and its true customer in a separate column. */
function damaged(dice: Dice, row: IDataObject, unusualIds: 'allow' | 'refuse'): IDataObject {
	const { CustomerId } = row;
	if (typeof CustomerId !== 'string' || !/[\p{L}\p{N}]{2}/u.test(CustomerId)) {
		return row;
	}
	const id = CustomerId.trim();
	const damages = unusualIds === 'refuse' ? [...DAMAGES, ...UNUSUAL_DAMAGES] : DAMAGES;
	const damage = dice.pick(/^\d{16,}$/.test(id) ? DAMAGES_OF_DIGITS : damages);
	return { ...row, CustomerId: damage(id, dice) as string, meantFor: id };
}

/** @param replaced how many characters are replaced */
function inserted(id: string, dice: Dice, text: string, replaced = 0): string {
	const at = dice.integer(0, id.length - replaced);
	return id.slice(0, at) + text + id.slice(at + replaced);
}

function shuffled<T>(dice: Dice, list: readonly T[]): T[] {
	const keys = new Map(list.map((entry) => [entry, dice.next()]));
	return list.toSorted((a, b) => keys.get(a)! - keys.get(b)!);
}
