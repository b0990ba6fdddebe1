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
import { ZONE_SENTENCE } from '../fields/timeRange';

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
		time({ displayName: 'Start Time', description: `Earliest receipt to return. ${ZONE_SENTENCE}` }),
		'allow',
	),
	endTime: optional(
		time({ displayName: 'End Time', description: `Latest receipt to return. ${ZONE_SENTENCE}` }),
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

/** Shows what Tencent accepted, refused or may have applied, when, and by which request. For a customer also what the log proves. */
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
		// A receipt of exactly 'End Time' is in the period: somebody may give the time of a receipt back.
		const untilMs = endTime === undefined ? undefined : endTime + 1;
		const period = { date: '', fromMs: startTime, untilMs, ...dayOf(day, timezone) };
		const accountHash = await environment.accountHash();
		const lockRows = await findSyncs(tables, '');
		// The log has the digits of a phone number without any other characters. Digits alone may be any id, so they stay unchanged.
		const phoneId = /^\d+$/.test(customerId) ? undefined : phoneNumbers.idOf(customerId);
		const foundReceipts = await new ReceiptLog(tables).findReceipts({
			accountHash,
			customerId: phoneId ?? customerId,
			device,
			...period,
			mostReceipts: limit,
			nowMs,
			lastMetMsOf: lastTimesIn(lockRows),
			unwritten: unwrittenReceiptsIn(lockRows, nowMs),
		});
		if (receiptsAs === 'each') {
			return foundReceipts.receipts.map((receipt) => itemOf(receipt, timezone));
		}
		const style = {
			timezone,
			nowMs,
			failureText: errorTextOf(environment.input),
			nameOf: (nodeKey: string) => {
				const row = lockRows.find(({ key }) => key === nodeKey);
				return row === undefined ? 'Sync' : `Sync '${row.name}'`;
			},
		};
		const searchTexts = [customerId, device, period.date];
		return [summaryOf(foundReceipts, style, searchTexts, period.untilMs)];
	},
});

/** Makes a function that gives the time when a run last met the failure of a receipt, if the failure persists. Only a node's lock row has it. */
function lastTimesIn(lockRows: readonly SyncRow[]): (receipt: Receipt) => number | undefined {
	const failuresByNode = new Map(
		lockRows.map(({ key, last }) => [key, new OngoingFailures(readLogMemory(last['log']).repeats)]),
	);
	return (receipt) => failuresByNode.get(receipt.nodeKey)?.lastMetMsOf(receipt);
}

/** The receipts that the log lacks according to the lock rows. They count for every period, because nobody knows when they were sent. */
function unwrittenReceiptsIn(lockRows: readonly SyncRow[], nowMs: number) {
	const gaps = lockRows.flatMap(({ last }) => {
		const { missing, missingMs = nowMs, inDoubt } = readLogMemory(last['log']);
		return [
			{ atMs: missingMs, missing },
			{ atMs: nowMs, missing: inDoubt },
		];
	});
	const runningNodeKeys = lockRows.filter(({ isOwned }) => isOwned).map(({ key }) => key);
	return { gaps: gaps.filter(({ missing }) => missing > 0), runningNodeKeys };
}

/** The day of a moment in a time zone: its date, its start and its end in Unix milliseconds. */
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

/** The error and the advice of an input item, e.g. of a Push before this node; `''` if it is not an error item. */
function errorTextOf({ error }: IDataObject): string {
	const { message, advice } = (error ?? {}) as Partial<Record<'message' | 'advice', unknown>>;
	return [message, advice].filter((text) => typeof text === 'string' && text !== '').join(' ');
}

/** How a summary starts, and how it writes times and the names of Syncs. */
interface SummaryStyle {
	timezone: string;
	nowMs: number;
	/** The failure of the node before this one; empty if there is none. */
	failureText: string;
	/** The name of a Sync for people. @param nodeKey the key of its node, as receipts have it */
	nameOf: (nodeKey: string) => string;
}

/**
 * One item that summarizes the receipts that were found, with a page for a browser.
 * @param searchTexts what the user searched for, for the title of the page; empty texts are left out
 * @param untilMs the end of the period
 */
function summaryOf(
	foundReceipts: FoundReceipts,
	style: SummaryStyle,
	searchTexts: readonly string[],
	untilMs = Infinity,
): IDataObject {
	const { proof, receipts, isListCut, otherSpellings } = foundReceipts;
	const { timezone, nowMs, failureText } = style;
	const texts: Text[] = [];
	if (failureText !== '') {
		texts.push(KNOWN.stepBefore({ text: ofRows(withoutFullStop(failureText)) }));
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
	const title = searchTexts.filter(Boolean).join(' · ');
	return {
		Known: proof?.kind ?? '',
		Text: english,
		TextZh: chinese,
		Accepted: [...(proof?.accepted?.devices ?? [])],
		Count: receipts.length,
		IsCut: isListCut,
		Receipts: receipts.map((receipt) => itemOf(receipt, timezone)),
		Page: writePage(title || writeTitle(PAGES.allReceipts()), pageBodyOf(texts, receipts, timezone)),
	};
}

function pageBodyOf(texts: readonly Text[], receipts: readonly Receipt[], timezone: string): string {
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
	const firstTime = escapeHtml(timeText(atMs, timezone));
	if (lastMetMs === undefined) {
		return firstTime;
	}
	const lastTime = PAGES.lastTime({ time: ours(timeText(lastMetMs, timezone)) });
	return `${firstTime}<br><small>${inBothLanguages(write(lastTime, 'everything'))}</small>`;
}

function outcomeCell({ outcome, code, reason, requestId }: Receipt): string {
	const details = [code, reason, requestId && `RequestId ${requestId}`].filter(Boolean);
	const smallLines = details.map((text) => `<br><small>${escapeHtml(String(text))}</small>`);
	return inBothLanguages(write(PAGES.outcomes[outcome](), 'everything')) + smallLines.join('');
}

function devicesCell(receipt: Receipt): string {
	const devices = deviceTextsOf(receipt.devices);
	const shownDevices = devices.slice(0, MOST_DEVICES_SHOWN).map(escapeHtml);
	const moreCount = devices.length - shownDevices.length;
	if (moreCount > 0) {
		shownDevices.push(`… ${writeTitle(PAGES.moreDevices({ count: moreCount }))}`);
	}
	return shownDevices.join('<br>');
}
