import { LONGEST_ID } from '../input/placeholder';
import { columnsOfRow } from '../input/rowColumns';
import { LONGEST_CELL, LONGEST_TEXT } from '../input/text';
import { because, type Why } from '../messages/findings';
import type { DeviceCells } from './devices';
import { DEEPEST } from './readings';

/** The most devices of one row. A row is read without a turn of the event loop: this many take some 50 ms. */
const MOST_DEVICES = 10_000;

/** The most characters of all members of a list together: enough for the most devices, with ids of 100 characters. */
const LONGEST_MEMBERS = MOST_DEVICES * 100;

/** The most characters of each field's cell. */
const LONGEST: Readonly<Record<keyof DeviceCells | 'CustomerId', number>> = {
	CustomerId: LONGEST_ID,
	CustomerDeviceNo: LONGEST_CELL,
	DeviceId: LONGEST_CELL,
	ProductName: LONGEST_TEXT,
};

/** A cell as it is read: its beginning, and why it is cut there, or all of it without the blanks around. */
interface CutCell {
	value: unknown;
	why: Why | undefined;
}

/**
 * Cuts a cell of a field at the longest length that anything reads for ids, names or lists. Without that a webhook request of 128 kB could
 * take n8n down.
 * @returns undefined for a cell that is short enough to be read whole
 */
export function cutCell(field: keyof typeof LONGEST, cell: unknown): CutCell | undefined {
	const most = LONGEST[field];
	if (typeof cell === 'string') {
		return cell.length > most ? cutText(cell, most) : undefined;
	}
	if (typeof cell !== 'object' || cell === null) {
		return undefined;
	}
	if (field === 'CustomerId') {
		return cutMembers(cell, most);
	}
	return Array.isArray(cell) ? cutDevices(cell) : undefined;
}

/** A database pads its cells with blanks, which do not count, and which nobody reads: 16 MB of them are as many lines of a list. */
function cutText(cell: string, most: number): CutCell {
	const text = cell.trim();
	if (text.length <= most) {
		return { value: text, why: undefined };
	}
	return { value: text.slice(0, most), why: because('tooLong', { most }) };
}

/** Cuts an array of devices, or of values of one field, a value for each device. */
function cutDevices(cell: readonly unknown[]): CutCell | undefined {
	let left = LONGEST_MEMBERS;
	const end = cell.findIndex((member, index) => {
		left -= typeof member === 'string' ? member.length : 0;
		return left < 0 || index === MOST_DEVICES;
	});
	if (end === -1) {
		return undefined;
	}
	const why =
		left < 0 ? because('tooLong', { most: LONGEST_MEMBERS }) : because('tooMany', { most: MOST_DEVICES });
	return { value: cell.slice(0, end), why };
}

/** The members of a list or an object, as deep as ids are searched for in it, as one list. Each counts as a character more. */
function cutMembers(cell: object, most: number): CutCell | undefined {
	const members: unknown[] = [];
	let left = most;
	const addMember = (value: unknown, depth: number): void => {
		if (typeof value !== 'object' || value === null) {
			const text = String(value);
			members.push(text.length > left ? text.slice(0, left) : value);
			left -= text.length;
			return;
		}
		if (depth === DEEPEST) {
			return;
		}
		for (const member of membersOf(value)) {
			if (left <= 0) {
				return;
			}
			left -= 1;
			addMember(member, depth + 1);
		}
	};
	addMember(cell, 0);
	return left <= 0 ? { value: members, why: because('tooLong', { most }) } : undefined;
}

/** The members of a list or an object one by one: to list a million of them takes a second, and few are read. */
function* membersOf(value: object): Iterable<unknown> {
	if (Array.isArray(value)) {
		yield* value as readonly unknown[];
		return;
	}
	for (const name of columnsOfRow(value)) {
		yield (value as Readonly<Record<string, unknown>>)[name];
	}
}
