/**
 * News: what a run has to say to people, until *Confirm News* has seen that a message with it was delivered. News is a member of the cell
 * `last`, so the statement that writes the state writes it, too, and a run that is killed loses none.
 *
 *     a run has news                   it adds an entry, and notes which entries its message contains
 *     the message was delivered        *Confirm News* removes exactly these entries
 *     the message was not delivered    the entries stay, and the message of the next run contains them again
 */
import type { Lines } from '../../messages/message';
import { entriesOf, integerOf, isMoment, isText, readMembers } from '../edited';

/** Lines that wait for people. */
export interface WaitingLines extends Lines {
	/** Whether the lines certainly name no customer: 'Name Customers' was off in their run. Once the option is off, all other lines are dropped. */
	isNameless?: boolean | undefined;
}

/** The news of one run. */
interface NewsEntry extends WaitingLines {
	/** A random id, by which `UnconfirmedMessage.ids` names the entries that a message contains. */
	id: string;
	/** When the run that has this news ended, Unix milliseconds. */
	atMs: number;
}

/** Which entries one execution's message contains. When the message is confirmed, only these are removed: other runs may have added entries since. */
interface UnconfirmedMessage {
	/** n8n's id of the execution that sends the message. */
	execution: string;
	/** The ids of the entries that the message contains. */
	ids: readonly string[];
}

/** At most this many entries are kept, the newest ones: every run reads them, and each has some 1,200 bytes. */
const MOST_ENTRIES = 50;

/** At most this many messages can wait for their confirmation at the same time. An older message is repeated even if it is confirmed. */
const MOST_MESSAGES = 5;

/** The news of a node. The cell `last` keeps its members as JSON in the member `news`. Each change gives a new `News`. */
export class News {
	/** The entries that are not confirmed, the oldest first. */
	readonly entries: readonly NewsEntry[];
	/** For the last executions whose message nobody has confirmed: which entries the message contains. The newest is the last. */
	readonly told: readonly UnconfirmedMessage[];
	/** How many entries were dropped: the oldest if there were too many, and those that may name customers once 'Name Customers' is off. */
	readonly omitted: number;

	private constructor({ entries, told, omitted }: Pick<News, 'entries' | 'told' | 'omitted'>) {
		this.entries = entries;
		this.told = told;
		this.omitted = omitted;
	}

	/** Reads the member `news` of the cell `last`. An entry that somebody has edited so that it cannot be read is ignored. */
	static read(value: unknown): News {
		const { entries, told, omitted } = readMembers<News>(value);
		return new News({
			entries: entriesOf(entries, isNewsEntry),
			told: entriesOf(told, isUnconfirmedMessage),
			omitted: integerOf(omitted),
		});
	}

	/**
	 * Adds the news of a run as the newest entry. If there are too many entries then, the oldest are dropped and counted in `omitted`.
	 * @returns the changed copy
	 */
	addEntry(entry: NewsEntry): News {
		const withNewEntry = [...this.entries, entry];
		const entries = withNewEntry.slice(-MOST_ENTRIES);
		return new News({ ...this, entries, omitted: this.omitted + withNewEntry.length - entries.length });
	}

	/** Drops the entries that may name customers. `omitted` counts the dropped entries. */
	withoutNames(): News {
		const entries = this.entries.filter(({ isNameless }) => isNameless);
		return new News({ ...this, entries, omitted: this.omitted + this.entries.length - entries.length });
	}

	/**
	 * Chooses the entries of the next message: the newest one, since it says how things are now, and then as many of the oldest as fit.
	 * @param fits whether a message with the given entries is short enough
	 */
	chooseEntries(fits: (chosenEntries: readonly NewsEntry[]) => boolean): NewsEntry[] {
		const newestEntry = this.entries.at(-1);
		if (newestEntry === undefined) {
			return [];
		}
		const chosenEntries = [newestEntry];
		for (const entry of this.entries.slice(0, -1)) {
			if (!fits([...chosenEntries, entry])) {
				break;
			}
			chosenEntries.push(entry);
		}
		return chosenEntries;
	}

	/** Notes which entries the message of an execution contains. */
	noteMessage(execution: string, chosenEntries: readonly NewsEntry[]): News {
		const message = { execution, ids: chosenEntries.map(({ id }) => id) };
		return new News({ ...this, told: [...this.#otherMessages(execution), message].slice(-MOST_MESSAGES) });
	}

	/**
	 * Confirms the message of an execution: removes the entries that it contains.
	 * @returns the remaining news, and how many entries were removed: 0 if the message was confirmed before
	 */
	confirmMessage(execution: string): { remainingNews: News; confirmedCount: number } {
		const confirmedIds = new Set(this.told.find((message) => message.execution === execution)?.ids);
		const entries = this.entries.filter(({ id }) => !confirmedIds.has(id));
		const confirmedCount = this.entries.length - entries.length;
		// The confirmed message has said how many entries were omitted.
		const omitted = confirmedCount > 0 ? 0 : this.omitted;
		return {
			remainingNews: new News({ entries, told: this.#otherMessages(execution), omitted }),
			confirmedCount,
		};
	}

	#otherMessages(execution: string): UnconfirmedMessage[] {
		return this.told.filter((message) => message.execution !== execution);
	}
}

function isNewsEntry(value: unknown): value is NewsEntry {
	const { id, atMs, english, chinese } = readMembers<NewsEntry>(value);
	return isText(id) && isMoment(atMs) && areTexts(english) && areTexts(chinese);
}

function isUnconfirmedMessage(value: unknown): value is UnconfirmedMessage {
	const { execution, ids } = readMembers<UnconfirmedMessage>(value);
	return isText(execution) && areTexts(ids);
}

function areTexts(value: unknown): value is string[] {
	return Array.isArray(value) && value.every(isText);
}
