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

/** What one run had to tell. */
interface NewsEntry extends Lines {
	/** Random. */
	id: string;
	/** When its run ended, Unix milliseconds. */
	atMs: number;
}

/** What a run told: a later run may have more to tell before this one is confirmed. */
interface Told {
	execution: string;
	ids: readonly string[];
}

export interface News {
	/** The oldest first. */
	entries: readonly NewsEntry[];
	/** By the last runs, the newest last. */
	told: readonly Told[];
	/** Entries that were too many to be kept. */
	omitted: number;
}

/** A run has news each quarter of an hour at most; entries of some 1,200 bytes are read by each run. */
const MOST_ENTRIES = 50;

/** For how many runs of a node the row notes what they told. As many messages may wait for a robot's answer at the same time. */
const MOST_TOLD = 5;

/** Adds what a run has to tell. */
export function addNews({ entries, told, omitted }: News, entry: NewsEntry): News {
	const more = [...entries, entry];
	const excess = Math.max(0, more.length - MOST_ENTRIES);
	return { entries: more.slice(excess), told, omitted: omitted + excess };
}

/**
 * Which entries the next message tells: the newest one, since it says what is so now, then the oldest ones that fit.
 * @param fits whether a message may have all these entries
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

/** Notes which entries the message of an execution tells. */
export function noteTold(news: News, execution: string, chosen: readonly NewsEntry[]): News {
	const toldByOthers = news.told.filter((told) => told.execution !== execution);
	const told = [...toldByOthers, { execution, ids: chosen.map(({ id }) => id) }];
	return { ...news, told: told.slice(-MOST_TOLD) };
}

/**
 * The message of an execution was taken.
 * @returns the news that is left, and how many entries were confirmed: none, where they were confirmed before
 */
export function confirmNews(news: News, execution: string): { left: News; confirmed: number } {
	const ids = new Set(news.told.find((told) => told.execution === execution)?.ids);
	const entries = news.entries.filter(({ id }) => !ids.has(id));
	const confirmed = news.entries.length - entries.length;
	const told = news.told.filter((message) => message.execution !== execution);
	// The message says how many were omitted.
	return { left: { entries, told, omitted: confirmed > 0 ? 0 : news.omitted }, confirmed };
}

/** What `last` has; no news where somebody has edited it. */
export function readNews(value: unknown): News {
	const { entries, told, omitted } = readMembers<News>(value);
	return {
		entries: entriesOf(entries, isEntry),
		told: entriesOf(told, isTold),
		omitted: integerOf(omitted),
	};
}

function isEntry(value: unknown): value is NewsEntry {
	const { id, atMs, english, chinese } = readMembers<NewsEntry>(value);
	return isText(id) && Number.isFinite(atMs) && areTexts(english) && areTexts(chinese);
}

function isTold(value: unknown): value is Told {
	const { execution, ids } = readMembers<Told>(value);
	return isText(execution) && areTexts(ids);
}

function areTexts(value: unknown): value is string[] {
	return Array.isArray(value) && value.every(isText);
}
