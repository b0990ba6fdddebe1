import type { IDataObject } from 'n8n-workflow';

import { phoneNumbers } from '../../binding/phone';
import { toIsoText, toUnixMs } from '../../input/dateTime';
import { count, optional, setting, text, time } from '../../input/fields/fields';
import { because } from '../../messages/findings';
import { KNOWN, PAGES } from '../../messages/known';
import {
	escapeHtml,
	inBothLanguages,
	writePage,
	writeParagraphs,
	writeTable,
	writeTitle,
} from '../../messages/page';
import {
	inCommas,
	inQuotes,
	ofRows,
	ours,
	type Text,
	withoutFullStop,
	write,
	writeSentences,
} from '../../messages/text';
import { timeText } from '../../messages/time';
import { localOperation } from '../operation/localOperation';
import { describeProof, deviceTextsOf } from '../../sync/log/describeProof';
import { lastTrueMsOf } from '../../sync/log/proof';
import { type FoundReceipts, ReceiptLog } from '../../sync/log/readLog';
import type { Receipt } from '../../sync/log/receipt';
import { OngoingFailures } from '../../sync/log/repeats';
import { readLogMemory } from '../../sync/log/runLog';
import { findSyncs, type SyncRow } from '../../sync/waiting/syncRows';
import { ZONE } from '../fields/timeRange';

/** The most devices of a receipt that a page lists: one customer had 3,000. */
const MOST_DEVICES_SHOWN = 20;

const anyText = (property: { displayName: string; placeholder: string; description: string }) =>
	optional(text({ ...property, rule: () => undefined }), 'allow');

const fields = {
	customerId: anyText({
		displayName: 'Customer ID',
		placeholder: 'e.g. user_1024',
		description: 'Customer whose receipts to return (default: every customer)',
	}),
	device: anyText({
		displayName: 'Device',
		placeholder: 'e.g. PRODUCT1/lock_0001',
		description: 'Return only receipts with this device ID, device name or serial number',
	}),
	day: optional(
		time(
			{
				displayName: 'Day',
				type: 'string',
				placeholder: 'e.g. 2026-11-30',
				description: "Day in the workflow's time zone",
			},
			because('noDay'),
		),
		'allow',
	),
	startTime: optional(
		time({ displayName: 'Start Time', description: `Earliest receipt to return. ${ZONE}` }),
		'allow',
	),
	endTime: optional(
		time({ displayName: 'End Time', description: `Latest receipt to return. ${ZONE}` }),
		'allow',
	),
	limit: count({ displayName: 'Limit', default: 50, description: 'Max number of results to return' }),
	receiptsAs: setting({
		displayName: 'Return',
		default: 'all',
		options: [
			{ name: 'One Item', value: 'all', description: 'All receipts, what is known, and a page to show' },
			{ name: 'One Item per Receipt', value: 'each' },
		],
		description: 'What each output item is',
	}),
};

/** Shows what was accepted, refused or unclear, when, and by which request. For a customer it also says what is known and what is not. */
export const getReceipts = localOperation({
	value: 'getReceipts',
	option: {
		name: 'Get Receipts',
		action: 'Get receipts of syncs',
		description: 'Get the receipts of a customer, a device or a day, and what is known of the customer',
	},
	isForModels: true,
	fields,
	async run({ customerId = '', device = '', day, startTime, endTime, limit, receiptsAs }, environment) {
		const { tables, timezone, nowMs } = environment;
		const period = { date: '', fromMs: startTime, untilMs: endTime, ...dayOf(day, timezone) };
		const accountHash = await environment.account();
		const rows = await findSyncs(tables, '');
		// Of a phone number with signs the log has the digits. Digits alone are an id as they stand.
		const phoneId = /^\d+$/.test(customerId) ? undefined : phoneNumbers.idOf(customerId);
		const foundReceipts = await new ReceiptLog(tables).findReceipts({
			accountHash,
			customerId: phoneId ?? customerId,
			device,
			...period,
			mostReceipts: limit,
			nowMs,
			lastMetMsOf: lastTimesIn(rows),
			unwritten: unwrittenIn(rows, nowMs),
		});
		if (receiptsAs === 'each') {
			return foundReceipts.receipts.map((receipt) => itemOf(receipt, timezone));
		}
		const style = {
			timezone,
			nowMs,
			failed: errorTextOf(environment.input),
			nameOf: (nodeKey: string) => {
				const row = rows.find(({ key }) => key === nodeKey);
				return row === undefined ? 'Sync' : `Sync '${row.name}'`;
			},
		};
		const asked = [customerId, device, period.date];
		return [summaryOf(foundReceipts, style, asked, period.untilMs)];
	},
});

/** Returns a function that tells when a run last met the failure of a receipt, if it lasts. Only the node's lock row has that time. */
function lastTimesIn(rows: readonly SyncRow[]): (receipt: Receipt) => number | undefined {
	const byNode = new Map(
		rows.map(({ key, last }) => [key, new OngoingFailures(readLogMemory(last['log']).repeats)]),
	);
	return (receipt) => byNode.get(receipt.nodeKey)?.lastMetMsOf(receipt);
}

/** The receipts that the lock rows report as missing from the log. They count for every period, as nobody knows when they were sent. */
function unwrittenIn(rows: readonly SyncRow[], nowMs: number) {
	const gaps = rows.flatMap(({ last }) => {
		const { missing, missingMs = nowMs, inDoubt } = readLogMemory(last['log']);
		return [
			{ atMs: missingMs, missing },
			{ atMs: nowMs, missing: inDoubt },
		];
	});
	const runningNodeKeys = rows.filter(({ isOwned }) => isOwned).map(({ key }) => key);
	return { gaps: gaps.filter(({ missing }) => missing > 0), runningNodeKeys };
}

/** The day of a moment in a time zone: its date, its beginning and its end. */
function dayOf(ms: number | undefined, timezone: string) {
	const date = toIsoText(ms, timezone)?.slice(0, 10);
	if (date === undefined) {
		return {};
	}
	const nextDate = new Date(Date.parse(date) + 24 * 3_600_000).toISOString().slice(0, 10);
	return { date, fromMs: toUnixMs(date, timezone), untilMs: toUnixMs(nextDate, timezone) };
}

function itemOf(receipt: Receipt, timezone: string): IDataObject {
	const { customerId, atMs, outcome, code, reason, devices, requestId } = receipt;
	return {
		CustomerId: customerId,
		At: toIsoText(atMs, timezone) ?? '',
		LastAt: toIsoText(lastTrueMsOf(receipt), timezone) ?? '',
		Outcome: outcome,
		Code: code ?? '',
		Reason: reason ?? '',
		RequestId: requestId ?? '',
		DeviceCount: devices.length,
		Devices: [...devices],
	};
}

/** The error and the advice of an input item, e.g. of a Push before this node; `''` if it is no error item. */
function errorTextOf({ error }: IDataObject): string {
	const { message, advice } = (error ?? {}) as Partial<Record<'message' | 'advice', unknown>>;
	return [message, advice].filter((text) => typeof text === 'string' && text !== '').join(' ');
}

/** How a summary writes times, and the names of Syncs, and how it begins. */
interface SummaryStyle {
	timezone: string;
	nowMs: number;
	/** The failure of the node before, or an empty text. */
	failed: string;
	/** Gives the name of a Sync for people. @param nodeKey the key of its node, as receipts have it */
	nameOf: (nodeKey: string) => string;
}

/**
 * Sums up the receipts that the log returned in one item, with a page for a browser.
 * @param asked the texts that were asked for, for the title; empty ones are left out
 * @param untilMs the end of the period
 */
function summaryOf(
	foundReceipts: FoundReceipts,
	style: SummaryStyle,
	asked: readonly string[],
	untilMs = Infinity,
): IDataObject {
	const { proof, receipts, isListCut, otherSpellings } = foundReceipts;
	const { timezone, nowMs, failed } = style;
	const texts: Text[] = [];
	if (failed !== '') {
		texts.push(KNOWN.stepBefore({ text: ofRows(withoutFullStop(failed)) }));
	}
	if (proof !== undefined) {
		if (untilMs < nowMs) {
			texts.push(KNOWN.asOf({ time: ours(timeText(untilMs, timezone)) }));
		}
		texts.push(...describeProof(proof, style));
	}
	if (otherSpellings.length > 0) {
		texts.push(KNOWN.otherSpellings({ ids: inCommas(inQuotes(otherSpellings.map((id) => ofRows(id)))) }));
	}
	if (receipts.length === 0) {
		texts.push(KNOWN.noReceipts());
	}
	if (isListCut) {
		texts.push(KNOWN.isCut({ shown: receipts.length }));
	}
	const [english, chinese] = writeSentences(texts, 'everything');
	const title = asked.filter(Boolean).join(' · ');
	return {
		Known: proof?.kind ?? '',
		Text: english,
		TextZh: chinese,
		Accepted: [...(proof?.accepted?.devices ?? [])],
		Count: receipts.length,
		IsCut: isListCut,
		Receipts: receipts.map((receipt) => itemOf(receipt, timezone)),
		Page: writePage(title || writeTitle(PAGES.allReceipts()), bodyOf(texts, receipts, timezone)),
	};
}

function bodyOf(texts: readonly Text[], receipts: readonly Receipt[], timezone: string): string {
	const sentences = texts.map((text) => writeSentences([text], 'everything'));
	const headings = [PAGES.time(), PAGES.customer(), PAGES.outcome(), PAGES.devices()];
	const rows = receipts.map((receipt) => [
		timeCell(receipt, timezone),
		escapeHtml(receipt.customerId),
		outcomeCell(receipt),
		devicesCell(receipt),
	]);
	return writeParagraphs(sentences) + (rows.length === 0 ? '' : writeTable(headings, rows));
}

function timeCell({ atMs, lastMetMs }: Receipt, timezone: string): string {
	const first = escapeHtml(timeText(atMs, timezone));
	if (lastMetMs === undefined) {
		return first;
	}
	const last = PAGES.lastTime({ time: ours(timeText(lastMetMs, timezone)) });
	return `${first}<br><small>${inBothLanguages(write(last, 'everything'))}</small>`;
}

function outcomeCell({ outcome, code, reason, requestId }: Receipt): string {
	const details = [code, reason, requestId && `RequestId ${requestId}`].filter(Boolean);
	const small = details.map((text) => `<br><small>${escapeHtml(String(text))}</small>`);
	return inBothLanguages(write(PAGES.outcomes[outcome](), 'everything')) + small.join('');
}

function devicesCell(receipt: Receipt): string {
	const devices = deviceTextsOf(receipt.devices);
	const shown = devices.slice(0, MOST_DEVICES_SHOWN).map(escapeHtml);
	const more = devices.length - shown.length;
	if (more > 0) {
		shown.push(`… ${writeTitle(PAGES.moreDevices({ count: more }))}`);
	}
	return shown.join('<br>');
}
