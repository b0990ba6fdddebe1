/**
 * News is what nobody has confirmed. It is a member of `last` in the lock row, so that it is written with the state by one statement, and a
 * run that is killed loses none.
 *
 *     a run that has news      adds an entry, and writes down which entries its message tells
 *     the message was taken    *Confirm News* takes away exactly those entries, by the execution that told them
 *     it was not taken         they stay, and the next run tells them again
 */
import { entriesOf, integerOf, isText, readMembers } from '../edited';

/** Lines of a message in the two languages, e.g. `{ english: ['Sync is failing: …'], chinese: ['Sync 失败：…'] }`. */
export interface Lines {
	english: readonly string[];
	chinese: readonly string[];
}

/** The news of one run. */
interface NewsEntry extends Lines {
	/** Random. */
	id: string;
	/** When its run ended, Unix milliseconds. */
	atMs: number;
}

/** Which entries the message of one execution has. Later entries may be added before that message is confirmed. */
interface Told {
	execution: string;
	ids: readonly string[];
}

/** The member `news` of `last`. */
export interface News {
	/** What nobody has confirmed, the oldest first. */
	entries: readonly NewsEntry[];
	/** Of the last executions, the newest last. */
	told: readonly Told[];
	/** How many older entries were dropped because there were too many. */
	omitted: number;
}

/** More are not kept: every run reads them, and each takes some 1,200 bytes. A Sync has news once in a quarter of an hour at most. */
const MOST_ENTRIES = 50;

/** For this many executions of a node the row notes what their messages have: as many may wait for a robot's answer at the same time. */
const MOST_TOLD = 5;

/** Adds the news of a run. */
export function addNews({ entries, told, omitted }: News, entry: NewsEntry): News {
	const withNewEntry = [...entries, entry];
	const excess = Math.max(0, withNewEntry.length - MOST_ENTRIES);
	return { entries: withNewEntry.slice(excess), told, omitted: omitted + excess };
}

/**
 * Chooses the entries of the next message: the newest one, since it says how things are now, then the oldest ones that fit.
 * @param fits whether a message with all these entries is short enough
 */
export function chooseNews({ entries }: News, fits: (chosen: readonly NewsEntry[]) => boolean): NewsEntry[] {
	const newest = entries.at(-1);
	if (newest === undefined) {
		return [];
	}
	const chosen = [newest];
	for (const entry of entries.slice(0, -1)) {
		if (!fits([...chosen, entry])) {
			break;
		}
		chosen.push(entry);
	}
	return chosen;
}

/** Notes which entries the message of an execution has. */
export function noteTold(news: News, execution: string, chosen: readonly NewsEntry[]): News {
	const toldByOthers = news.told.filter((told) => told.execution !== execution);
	const told = [...toldByOthers, { execution, ids: chosen.map(({ id }) => id) }];
	return { ...news, told: told.slice(-MOST_TOLD) };
}

/**
 * Confirms the message of an execution: takes away the entries that it has.
 * @returns the remaining news, and how many entries were confirmed: none if they were confirmed before
 */
export function confirmNews(news: News, execution: string): { remaining: News; confirmed: number } {
	const ids = new Set(news.told.find((told) => told.execution === execution)?.ids);
	const entries = news.entries.filter(({ id }) => !ids.has(id));
	const confirmed = news.entries.length - entries.length;
	const told = news.told.filter((message) => message.execution !== execution);
	// The confirmed message has said how many were omitted.
	return { remaining: { entries, told, omitted: confirmed > 0 ? 0 : news.omitted }, confirmed };
}

/** Reads the member `news` of `last`. What somebody has edited counts as left out. */
export function readNews(value: unknown): News {
	const { entries, told, omitted } = readMembers<News>(value);
	return {
		entries: entriesOf(entries, isEntry),
		told: entriesOf(told, isToldEntry),
		omitted: integerOf(omitted),
	};
}

function isEntry(value: unknown): value is NewsEntry {
	const { id, atMs, english, chinese } = readMembers<NewsEntry>(value);
	return isText(id) && Number.isFinite(atMs) && areTexts(english) && areTexts(chinese);
}

function isToldEntry(value: unknown): value is Told {
	const { execution, ids } = readMembers<Told>(value);
	return isText(execution) && areTexts(ids);
}

function areTexts(value: unknown): value is string[] {
	return Array.isArray(value) && value.every(isText);
}
