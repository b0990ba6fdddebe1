import { LONGEST_ID } from '../input/placeholder';
import { columnsOfRow } from '../input/rowColumns';
import { LONGEST_CELL, LONGEST_TEXT } from '../input/text';
import { because, type Why } from '../messages/findings';
import type { DeviceCells } from './devices';
import { DEEPEST_NESTING } from './readings';

/** The most devices that a row may list. A row is read without a pause: one with this many devices blocks n8n's event loop for some 50 ms. */
const MOST_DEVICES_OF_ROW = 10_000;

/** The most characters that the members of a list may have together: enough for `MOST_DEVICES_OF_ROW` ids of 100 characters each. */
const MOST_LIST_CHARACTERS = MOST_DEVICES_OF_ROW * 100;

/** The most characters that are read of each field's cell: `cutCell` cuts off the rest. */
const MOST_CHARACTERS_BY_FIELD: Readonly<Record<keyof DeviceCells | 'CustomerId', number>> = {
	CustomerId: LONGEST_ID,
	CustomerDeviceNo: LONGEST_CELL,
	DeviceId: LONGEST_CELL,
	ProductName: LONGEST_TEXT,
};

/** What is read of a long cell. */
interface CutCell {
	/** The beginning of the cell. If only the blanks around its text make the cell too long: the whole text without them. */
	keptPart: unknown;
	/** Why the rest was cut off; undefined if only blanks were. */
	why: Why | undefined;
}

/**
 * Cuts a cell that is longer than what is read of its field. Without this limit the cells of a webhook request of 128 kB could take n8n
 * down.
 * @returns undefined for a cell that is short enough to be read whole
 */
export function cutCell(field: keyof typeof MOST_CHARACTERS_BY_FIELD, cell: unknown): CutCell | undefined {
	const mostCharacters = MOST_CHARACTERS_BY_FIELD[field];
	if (typeof cell === 'string') {
		return cell.length > mostCharacters ? cutText(cell, mostCharacters) : undefined;
	}
	if (typeof cell !== 'object' || cell === null) {
		return undefined;
	}
	if (field === 'CustomerId') {
		return cutNestedMembers(cell, mostCharacters);
	}
	return Array.isArray(cell) ? cutDeviceArray(cell) : undefined;
}

/**
 * Removes the blanks around a text, with which databases pad cells, and cuts the text after `mostCharacters`. If the blanks stayed, 16 MB
 * of line breaks would be split into as many entries of a list.
 */
function cutText(cell: string, mostCharacters: number): CutCell {
	const text = cell.trim();
	if (text.length <= mostCharacters) {
		return { keptPart: text, why: undefined };
	}
	return { keptPart: text.slice(0, mostCharacters), why: because('tooLong', { most: mostCharacters }) };
}

/** Cuts the array of a row that lists its devices in arrays, one for each field: e.g. the DeviceIds of all its devices. */
function cutDeviceArray(cell: readonly unknown[]): CutCell | undefined {
	let charactersLeft = MOST_LIST_CHARACTERS;
	const firstCutIndex = cell.findIndex((member, index) => {
		charactersLeft -= typeof member === 'string' ? member.length : 0;
		return charactersLeft < 0 || index === MOST_DEVICES_OF_ROW;
	});
	if (firstCutIndex === -1) {
		return undefined;
	}
	const why =
		charactersLeft < 0
			? because('tooLong', { most: MOST_LIST_CHARACTERS })
			: because('tooMany', { most: MOST_DEVICES_OF_ROW });
	return { keptPart: cell.slice(0, firstCutIndex), why };
}

/**
 * Flattens the list or object in the cell of a CustomerId, down to `DEEPEST_NESTING`, and cuts it after `most` characters. Each member counts one
 * character more than it has, so that a million empty members are cut, too.
 */
function cutNestedMembers(cell: object, most: number): CutCell | undefined {
	const members: unknown[] = [];
	let charactersLeft = most;
	const addMember = (value: unknown, depth: number): void => {
		if (typeof value !== 'object' || value === null) {
			const text = String(value);
			members.push(text.length > charactersLeft ? text.slice(0, charactersLeft) : value);
			charactersLeft -= text.length;
			return;
		}
		if (depth === DEEPEST_NESTING) {
			return;
		}
		for (const member of membersOf(value)) {
			if (charactersLeft <= 0) {
				return;
			}
			charactersLeft -= 1;
			addMember(member, depth + 1);
		}
	};
	addMember(cell, 0);
	return charactersLeft <= 0 ? { keptPart: members, why: because('tooLong', { most }) } : undefined;
}

/** Yields members one by one, because few are read: to list a million of them first would take a second. */
function* membersOf(value: object): Iterable<unknown> {
	if (Array.isArray(value)) {
		yield* value as readonly unknown[];
		return;
	}
	for (const name of columnsOfRow(value)) {
		yield (value as Readonly<Record<string, unknown>>)[name];
	}
}
