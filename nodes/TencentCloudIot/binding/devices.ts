import { isCount, isSummary, whyNotId } from '../input/placeholder';
import { hasLetterOrDigit, INVISIBLE, textOfCell } from '../input/text';
import { because, type CellFinding, type Why, ofPart, quotedCharacter } from '../messages/findings';
import { whyDamaged } from './ids';
import { quotedOfRows, ofCase, ofRows, ours } from '../messages/text';

/**
 * A DeviceName is `[a-zA-Z0-9:_-]{1,48}` (CreateDevice of IoT Hub, cloud.tencent.com/document/api/634/71950). A ProductId is
 * given by Tencent, and letters and digits wherever its pages show one, e.g. EQPOKD5111 (api/634/73646).
 */
const VALID_DEVICE_ID = /^[\w-]+\/[\w:-]{1,48}$/;

/** The DeviceId without blanks around its two parts: databases pad cells with blanks. */
export function normalizeDeviceId(deviceId: string): string {
	if (!/\s/.test(deviceId)) {
		return deviceId;
	}
	const parts = deviceId.split('/').map((part) => part.trim());
	return parts.join('/');
}

/** Why a normalized text is not `ProductId/DeviceName`, or undefined when it is. */
export function checkDeviceId(id: string): Why | undefined {
	const slashIndex = id.indexOf('/');
	const productId = id.slice(0, slashIndex);
	const deviceName = id.slice(slashIndex + 1);
	if (VALID_DEVICE_ID.test(id)) {
		// The characters of `VALID_DEVICE_ID` rule out a list, a third part and the damage of spreadsheets. Only placeholders are left to check.
		return (
			whyNotId(id) ??
			whyOfPart('ProductId', productId, whyNotId(productId)) ??
			whyOfPart('DeviceName', deviceName, whyNotId(deviceName))
		);
	}
	return (
		whyNotId(id) ??
		deviceCellReader.whyList('DeviceId', id) ??
		whyBadForm(id) ??
		whyOfPart('ProductId', productId, whyNotId(productId) ?? whyDamaged(productId)) ??
		whyOfPart('DeviceName', deviceName, whyNotId(deviceName) ?? whyDamaged(deviceName)) ??
		whyBadPart(id)
	);
}

function whyBadForm(deviceId: string): Why | undefined {
	if (/[\uFF01-\uFF5E\u3000]/.test(deviceId)) {
		return because('fullWidth');
	}
	const parts = deviceId.split('/');
	return parts.length !== 2 || parts.includes('') ? because('notDeviceId') : undefined;
}

/** Why a DeviceId of two parts does not match `VALID_DEVICE_ID`: it has another character, or its DeviceName is too long. */
function whyBadPart(deviceId: string): Why {
	const [product = '', part = ''] = deviceId.split('/');
	const [text] = /[^\w:/-]/u.exec(deviceId) ?? /:/.exec(product) ?? [];
	if (text !== undefined) {
		return because('alphabet', { character: quotedCharacter(text) });
	}
	return because('part', {
		name: ours('DeviceName'),
		part: ofRows(part),
		...ofPart(because('tooLong', { most: 48 })),
	});
}

function whyOfPart(partName: string, part: string, why: Why | undefined): Why | undefined {
	return why && because('part', { name: ours(partName), part: ofRows(part), ...ofPart(why) });
}

/** The cells of a row that describe a device, or several. */
export type DeviceCells = Record<'CustomerDeviceNo' | 'DeviceId' | 'ProductName', unknown>;

const SEPARATOR = /[,，、;；\n\r\u2028\u2029]/;

/** If a cell lists several devices, the message about the cell quotes at most this many of them. */
const MOST_QUOTED_ENTRIES = 5;

/** Reads cells that name one device or several. */
export const deviceCellReader = {
	/**
	 * Why the cell of a DeviceId or CustomerDeviceNo cannot be used as it stands: it lists several entries, or has one separator too many.
	 * Undefined for any other cell.
	 */
	whyList(field: keyof DeviceCells | 'CustomerId', cell: unknown): Why | undefined {
		const mayBeList = field === 'DeviceId' || field === 'CustomerDeviceNo';
		if (!mayBeList || !isTextList(cell)) {
			return undefined;
		}
		const entries = entriesOf(cell);
		if (entries.length < 2) {
			return because('separator');
		}
		const values = quotedOfRows(entries.slice(0, MOST_QUOTED_ENTRIES), entries.length > MOST_QUOTED_ENTRIES);
		return because('several', { count: entries.length, values });
	},

	/**
	 * Splits the cells of a row that lists several devices: arrays, as SQL's `json_agg` gives them, and texts if `severalDevices` is `split`.
	 * An entry of a text without a ProductId takes that of the entry before: `LOCK01/c,d` lists `LOCK01/c` and `LOCK01/d`.
	 * @returns the cells of each device; undefined if no cell is a list; a finding if the lists do not fit each other
	 */
	split(cells: DeviceCells, severalDevices: 'refuse' | 'split'): DeviceCells[] | CellFinding | undefined {
		if (Object.values(cells).some(Array.isArray)) {
			return splitArrays(cells);
		}
		const hasTextList = isTextList(cells.DeviceId) || isTextList(cells.CustomerDeviceNo);
		return severalDevices === 'split' && hasTextList ? splitTexts(cells) : undefined;
	},

	/** The DeviceIds that a cell names, each once, even if the cell cannot be used as it stands: `P/1` and `P/2` of `="Ｐ／1"，2`. */
	deviceIdsNamedIn(cell: unknown): string[] {
		if (typeof cell !== 'string') {
			return [];
		}
		const text = cell
			.normalize('NFKC')
			.replace(INVISIBLE, '')
			.replace(/[="'‘’“”`]/g, '');
		const deviceIds = new Set<string>();
		for (const entry of withProductIds(entriesOf(text))) {
			const id = normalizeDeviceId(entry);
			if (!namesDevice(id)) {
				continue;
			}
			deviceIds.add(id);
			// The entry may have a remark beside the DeviceId.
			const [idWithin] = /(?<![\w-])[\w-]+\/[\w:-]+/.exec(id) ?? [];
			if (idWithin !== undefined) {
				deviceIds.add(idWithin);
			}
		}
		return [...deviceIds];
	},

	/** Whether a cell holds usable DeviceIds only. Each ProductId must have a letter: `3/1201` is more likely a building and a flat. */
	holdsDeviceIds(cell: unknown): boolean {
		if (typeof cell !== 'string' || cell.length > LONGEST_CHECKED_CELL) {
			return false;
		}
		const isDeviceId = (entry: string) => {
			const id = normalizeDeviceId(entry);
			return checkDeviceId(id) === undefined && /^[^/]*[A-Za-z]/.test(id);
		};
		const entries = withProductIds(entriesOf(cell));
		return entries.length > 0 && entries.every(isDeviceId);
	},
};

function splitArrays(cells: DeviceCells): DeviceCells[] | CellFinding {
	const entriesOfCell = (cell: unknown): unknown[] => (Array.isArray(cell) ? cell : [cell]);
	const deviceIds = entriesOfCell(cells.DeviceId);
	const deviceNumbers = entriesOfCell(cells.CustomerDeviceNo);
	const productNames = entriesOfCell(cells.ProductName);
	if (deviceIds.length !== deviceNumbers.length || deviceIds.length !== productNames.length) {
		const countsText = `DeviceId ${deviceIds.length}, CustomerDeviceNo ${deviceNumbers.length}, ProductName ${productNames.length}`;
		return { field: 'DeviceId', ...because('uneven', { counts: ofCase(countsText) }) };
	}
	// SQL may give empty arrays for a customer without a device. An empty device in the place of the arrays makes this a row without a device.
	if (deviceIds.length === 0) {
		return [{ DeviceId: undefined, CustomerDeviceNo: undefined, ProductName: undefined }];
	}
	return deviceIds.map((DeviceId, index) => ({
		DeviceId,
		CustomerDeviceNo: deviceNumbers[index],
		ProductName: productNames[index],
	}));
}

function splitTexts({ DeviceId, CustomerDeviceNo, ProductName }: DeviceCells): DeviceCells[] | CellFinding {
	const deviceIds = entriesOf(DeviceId);
	const deviceNumbers = entriesOf(CustomerDeviceNo);
	if (deviceIds.includes('')) {
		return { field: 'DeviceId', ...because('emptyPlace') };
	}
	if (deviceNumbers.includes('')) {
		return { field: 'CustomerDeviceNo', ...because('emptyPlace') };
	}
	if (deviceIds.length !== deviceNumbers.length) {
		const countsText = `DeviceId ${deviceIds.length}, CustomerDeviceNo ${deviceNumbers.length}`;
		return { field: 'DeviceId', ...because('uneven', { counts: ofCase(countsText) }) };
	}
	if (isTextList(ProductName) && entriesOf(ProductName).length === deviceIds.length) {
		return { field: 'ProductName', ...because('severalNames') };
	}
	return withProductIds(deviceIds).map((deviceId, index) => ({
		DeviceId: deviceId,
		CustomerDeviceNo: deviceNumbers[index],
		ProductName,
	}));
}

/**
 * Characters. A longer ProductId is not carried on to the entries after it: with a copy for each entry a cell of 64 kB took a gigabyte.
 * Tencent's ProductIds have 10 characters.
 */
const LONGEST_PRODUCT_ID = 64;

/** Gives each entry without a ProductId the ProductId of the entry before. */
function withProductIds(entries: readonly string[]): string[] {
	let carriedProduct = '';
	return entries.map((entry) => {
		const slashIndex = entry.indexOf('/');
		if (slashIndex === -1) {
			return carriedProduct + entry;
		}
		carriedProduct = slashIndex > LONGEST_PRODUCT_ID ? '' : entry.slice(0, slashIndex + 1);
		return entry;
	});
}

/**
 * Characters. Checking a longer cell would take long, so `deviceCellReader.holdsDeviceIds` takes it for a cell without DeviceIds. The shorter
 * cells show what the column holds.
 */
const LONGEST_CHECKED_CELL = 1_000;

/** Whether a text has the two parts of a DeviceId, with whatever characters, and neither part is a total or a count. */
function namesDevice(id: string): boolean {
	const isUsablePart = (part: string) => hasLetterOrDigit(part) && !isSummary(part) && !isCount(part);
	const parts = id.split('/');
	return parts.length === 2 && whyNotId(id) === undefined && parts.every(isUsablePart);
}

/** Whether a cell is a text with a separator. A line break at its end does not count. */
function isTextList(cell: unknown): boolean {
	return typeof cell === 'string' && SEPARATOR.test(cell.trim());
}

/**
 * Splits a cell at its separators and line breaks. A separator at the end of a line makes no entry, nor do separators before the first
 * filled entry and after the last one.
 */
function entriesOf(cell: unknown): string[] {
	const lines = textOfCell(cell).split(/\r\n?|[\n\u2028\u2029]/);
	const entriesOfLine = (line: string) =>
		line
			.trim()
			.replace(/[,，、;；]$/, '')
			.split(/[,，、;；]/);
	const entries = lines.flatMap(entriesOfLine).map((entry) => entry.trim());
	const isFilled = (entry: string) => entry !== '';
	const firstFilledIndex = entries.findIndex(isFilled);
	const lastFilledIndex = entries.findLastIndex(isFilled);
	return firstFilledIndex === -1 ? [] : entries.slice(firstFilledIndex, lastFilledIndex + 1);
}
