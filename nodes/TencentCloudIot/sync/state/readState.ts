import type { StartFacts } from '../syncRun';
import { type LastCell, readLastCell } from '../last';
import { responseInTime, type Lock, RowTaken } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import { mergeParts, type PartContent, partFormat, type Pause } from './content';
import type { SyncSettings } from './settings';

/** The state as a run finds it. */
export interface FoundState {
	condition: StartFacts['state'];
	/** Whether the node had a state that is gone or cannot be read. Then a run cannot add to it, and writes a whole one. */
	isStateLost: boolean;
	/**
	 * The state of this account, with what interrupted runs have added. If the table has none, the state of another account: the safety checks
	 * compare its counts. Undefined if there is no state.
	 */
	content: PartContent | undefined;
	/** `content`, if it is of this account; else undefined. */
	accountContent: PartContent | undefined;
	/** The cell `last` of the lock row. */
	last: LastCell;
	/** The `late` parts of this account. They name customers that runs may have sent after they had lost the lock row. */
	lateParts: readonly PartContent[];
	/** The names of `late` parts of other accounts. They stay in the table for the next run with their account. */
	otherLatePartNames: readonly string[];
	/** Whether the table also has customers that another account accepted. */
	hasOtherAccount: boolean;
}

/** Puts together the state that the lock row leads to. @throws RowTaken if another run has changed the row meanwhile */
export async function readState(
	lock: Lock,
	table: SyncTable,
	settings: SyncSettings,
	pause: Pause,
): Promise<FoundState> {
	const last = readLastCell(lock.row.last);
	const emptyState = {
		last,
		lateParts: [],
		otherLatePartNames: [],
		hasOtherAccount: false,
		content: undefined,
		accountContent: undefined,
	};
	const makeLostState = (condition: FoundState['condition']): FoundState => ({
		...emptyState,
		condition,
		isStateLost: true,
	});
	const { chain } = lock;
	if (chain === undefined) {
		// Either a person has deleted a part, or another run has replaced this state after this run had read the row: then the row has changed.
		await requireUnchangedRow(lock);
		return makeLostState('lost');
	}
	if (chain.length === 0) {
		const entryCount = await responseInTime(settings.clock, table.countStoreEntries());
		if (entryCount > 0) {
			// Another first run may have written the entry after this run had read the row: then the row has changed, and no state is lost.
			await requireUnchangedRow(lock);
			return makeLostState(entryCount === 1 ? 'lost' : 'otherVersion');
		}
	}
	const contentByAccount = new Map<string, PartContent>();
	const partTextsByName = new Map(lock.parts.map(({ name, content }) => [name, content]));
	for (const { name } of chain) {
		const part = await partFormat.read(partTextsByName.get(name) ?? '', pause);
		if (part === undefined) {
			return makeLostState('otherVersion');
		}
		await addToAccount(contentByAccount, part, pause);
	}
	const { accountHash } = settings.hashes;
	const lateParts: PartContent[] = [];
	const otherLatePartNames: string[] = [];
	for (const { name, content: partText } of lock.parts.filter(({ kind }) => kind === 'late')) {
		const part = await partFormat.read(partText, pause);
		if (part === undefined) {
			return makeLostState('otherVersion');
		}
		if (part.account === accountHash) {
			lateParts.push(part);
			await addToAccount(
				contentByAccount,
				{ ...part, isComplete: contentByAccount.get(accountHash)?.isComplete ?? false },
				pause,
			);
		} else {
			otherLatePartNames.push(name);
		}
	}
	const accountContent = contentByAccount.get(accountHash);
	const content = accountContent ?? [...contentByAccount.values()].at(-1);
	return {
		condition: conditionOf(content, lateParts, settings),
		isStateLost: false,
		content,
		accountContent,
		last,
		lateParts,
		otherLatePartNames,
		hasOtherAccount: [...contentByAccount.keys()].some((sectionAccount) => sectionAccount !== accountHash),
	};
}

/** @throws RowTaken if the lock row has changed since this run read it */
async function requireUnchangedRow(lock: Lock): Promise<void> {
	if (!(await lock.isRowUnchanged())) {
		throw new RowTaken();
	}
}

/**
 * Adds a part to the section of its account, and makes that section the last one. Accounts are kept apart: what one accepted says nothing about
 * another.
 */
async function addToAccount(
	contentByAccount: Map<string, PartContent>,
	part: PartContent,
	pause: Pause,
): Promise<void> {
	const earlier = contentByAccount.get(part.account);
	contentByAccount.delete(part.account);
	contentByAccount.set(part.account, earlier === undefined ? part : await mergeParts(earlier, part, pause));
}

function conditionOf(
	content: PartContent | undefined,
	lateParts: readonly PartContent[],
	{ hashes }: SyncSettings,
): FoundState['condition'] {
	if (content === undefined) {
		return 'empty';
	}
	if (content.account !== hashes.accountHash) {
		return content.application === hashes.applicationHash ? 'otherSecret' : 'otherAccount';
	}
	const isAnyInDoubt = [...content.records.values()].some(({ status }) => status === 'doubt');
	return isAnyInDoubt || lateParts.length > 0 || !content.isComplete ? 'interrupted' : 'used';
}
