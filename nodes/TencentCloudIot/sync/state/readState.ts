import type { Pause } from '../../input/pausing';
import type { StartFacts } from '../syncRun';
import { type LastCell, readLastCell } from '../last';
import { responseInTime, type Lock, RowTaken } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import { type CustomerRecord, deviceHashesOf, type PartContent, statePart } from './content';
import { joinHashes } from './hashes';
import type { SyncSettings } from './settings';

/** The state as a run finds it. */
export interface FoundState {
	/** In which condition the run found the state, e.g. `interrupted`: `StateCondition` lists all conditions. */
	stateCondition: StartFacts['stateCondition'];
	/** Whether the node had a state that is gone or cannot be read. Then a run cannot add to that state, and writes a whole one. */
	isStateLost: boolean;
	/**
	 * The state of this account, with what interrupted runs have added. If the table has no state of this account, the state of another account:
	 * the safety checks compare its counts. Undefined if the table has no state.
	 */
	contentOfAnyAccount: PartContent | undefined;
	/** The state of this account; undefined if the table has no state of this account. */
	accountContent: PartContent | undefined;
	/** The cell `last` of the lock row. */
	last: LastCell;
	/** The `late` parts of this account. They name customers that a run may have sent after it had lost the lock row. */
	lateParts: readonly PartContent[];
	/** The names of `late` parts of other accounts. They stay in the table for the next run with their account. */
	otherLatePartNames: readonly string[];
	/** Whether the state also has customers of another account, accepted or in doubt. */
	hasOtherAccount: boolean;
	/** Whether one of these other accounts differs in the App Secret only: its customers are those of this account at Tencent, too. */
	hasOtherSecret: boolean;
}

/** Puts together the state that the lock row leads to. @throws RowTaken if another run has changed the row meanwhile */
export async function readState(
	lock: Lock,
	table: SyncTable,
	settings: SyncSettings,
	pause: Pause,
): Promise<FoundState> {
	const last = readLastCell(lock.row.last);
	const whyLost = await findWhyLost(lock, table, settings);
	const parts = whyLost === undefined ? await readParts(lock, settings, pause) : undefined;
	if (parts === undefined) {
		return {
			stateCondition: whyLost ?? 'otherVersion',
			isStateLost: true,
			last,
			lateParts: [],
			otherLatePartNames: [],
			hasOtherAccount: false,
			hasOtherSecret: false,
			contentOfAnyAccount: undefined,
			accountContent: undefined,
		};
	}
	const { contents, lateParts, otherLatePartNames } = parts;
	const { accountHash, applicationHash } = settings.hashes;
	const accountContent = contents.contentOf(accountHash);
	const contentOfAnyAccount = accountContent ?? contents.contentWithNewestPart;
	return {
		stateCondition: stateConditionOf(contentOfAnyAccount, lateParts, settings),
		isStateLost: false,
		contentOfAnyAccount,
		accountContent,
		last,
		lateParts,
		otherLatePartNames,
		hasOtherAccount: contents.hasOtherAccountThan(accountHash),
		hasOtherSecret: contents.hasOtherSecretThan(accountHash, applicationHash),
	};
}

/** Says why there are no parts to read although the node had a state. Undefined if there are parts, or the node had no state yet. */
async function findWhyLost(
	lock: Lock,
	table: SyncTable,
	{ clock }: SyncSettings,
): Promise<'lost' | 'otherVersion' | undefined> {
	const { partChain } = lock;
	if (partChain === undefined) {
		// Either a person has deleted a part, or another run has replaced the parts after this run had read the row: then the row has changed.
		await requireUnchangedRow(lock);
		return 'lost';
	}
	if (partChain.length > 0) {
		return undefined;
	}
	const storeEntryCount = await responseInTime(clock, table.countStoreEntries());
	if (storeEntryCount === 0) {
		return undefined;
	}
	// Another first run may have written the store entry after this run read the row. That run has then changed the row, too, and no state is lost.
	await requireUnchangedRow(lock);
	return storeEntryCount === 1 ? 'lost' : 'otherVersion';
}

/** @throws RowTaken if the lock row has changed since this run read it */
async function requireUnchangedRow(lock: Lock): Promise<void> {
	if (!(await lock.isRowUnchanged())) {
		throw new RowTaken();
	}
}

/** What was read from the parts: the state of each account, and which of the late parts are of this account and which of others. */
interface ReadParts extends Pick<FoundState, 'lateParts' | 'otherLatePartNames'> {
	contents: AccountContents;
}

/** Reads the parts of the chain, and then the `late` ones. @returns undefined if this version cannot read one of them */
async function readParts(lock: Lock, settings: SyncSettings, pause: Pause): Promise<ReadParts | undefined> {
	const contents = new AccountContents(pause);
	const partTextsByName = new Map(lock.partsAtRead.map(({ name, content }) => [name, content]));
	for (const { name } of lock.partChain ?? []) {
		const part = await statePart.read(partTextsByName.get(name) ?? '', pause);
		if (part === undefined) {
			return undefined;
		}
		await contents.add(part);
	}
	const { accountHash } = settings.hashes;
	const lateParts: PartContent[] = [];
	const otherLatePartNames: string[] = [];
	for (const { name, content: partText } of lock.partsAtRead.filter(({ kind }) => kind === 'late')) {
		const part = await statePart.read(partText, pause);
		if (part === undefined) {
			return undefined;
		}
		if (part.account === accountHash) {
			const content = contents.contentOf(accountHash);
			const records = recordsAfterLatePart(part.records, content?.records);
			// A late part names only some of the customers, of older rows: whether the state is complete, and all counts, stay as they were.
			const latePart = { ...(content ?? { ...part, isComplete: false }), records };
			lateParts.push(latePart);
			await contents.add(latePart);
		} else {
			otherLatePartNames.push(name);
		}
	}
	return { contents, lateParts, otherLatePartNames };
}

/**
 * Gives the records of the customers that a late part names. The run that wrote it had lost the lock row, so a run with newer rows may have sent the
 * customers and reported their failures and losses. That stays; the late part only puts the customers in doubt, and adds the devices that it has sent.
 * @param recordsBefore the records that the parts before the late one have; undefined if there are none
 */
function recordsAfterLatePart(
	lateRecords: ReadonlyMap<string, CustomerRecord>,
	recordsBefore: ReadonlyMap<string, CustomerRecord> | undefined,
): Map<string, CustomerRecord> {
	const records = new Map<string, CustomerRecord>();
	for (const [key, lateRecord] of lateRecords) {
		const recordBefore = recordsBefore?.get(key);
		const deviceHashes = new Set([...deviceHashesOf(recordBefore), ...deviceHashesOf(lateRecord)]);
		records.set(key, {
			...(recordBefore ?? lateRecord),
			status: 'doubt',
			deviceHashes: joinHashes([...deviceHashes]),
		});
	}
	return records;
}

/**
 * Merges the parts of each account. Accounts are kept apart: what Tencent accepted for one says nothing about another. Of two accounts that differ
 * in the App Secret only, the one with the older parts is dropped: both push to the same application, and since the keys of a customer differ, nobody
 * can tell which of its customers the newer parts name.
 */
class AccountContents {
	/** The content of each account, by the hash of the account. The account of the newest part comes last: `contentWithNewestPart` takes that one. */
	readonly #contentByAccountHash = new Map<string, PartContent>();
	readonly #pause: Pause;

	constructor(pause: Pause) {
		this.#pause = pause;
	}

	/** Adds a part to what earlier parts hold of its account. */
	async add(part: PartContent): Promise<void> {
		const { account, application } = part;
		const contentBefore = this.#contentByAccountHash.get(account);
		const supersededContents = [...this.#contentByAccountHash.values()].filter(
			(content) => content.application === application,
		);
		for (const supersededContent of supersededContents) {
			this.#contentByAccountHash.delete(supersededContent.account);
		}
		this.#contentByAccountHash.set(
			account,
			contentBefore === undefined ? part : await statePart.merge(contentBefore, part, this.#pause),
		);
	}

	contentOf(accountHash: string): PartContent | undefined {
		return this.#contentByAccountHash.get(accountHash);
	}

	/** The state of the account that has the newest part. Undefined if there are no parts. */
	get contentWithNewestPart(): PartContent | undefined {
		return [...this.#contentByAccountHash.values()].at(-1);
	}

	hasOtherAccountThan(accountHash: string): boolean {
		return [...this.#contentByAccountHash.keys()].some((account) => account !== accountHash);
	}

	/** Whether there is an account that differs from this one in the App Secret only. */
	hasOtherSecretThan(accountHash: string, applicationHash: string): boolean {
		return [...this.#contentByAccountHash.values()].some(
			({ account, application }) => account !== accountHash && application === applicationHash,
		);
	}
}

/** In which condition a run finds a state that it could read. @param content that of this account, else that of another one */
function stateConditionOf(
	content: PartContent | undefined,
	lateParts: readonly PartContent[],
	{ hashes }: SyncSettings,
): FoundState['stateCondition'] {
	if (content === undefined) {
		return 'empty';
	}
	if (content.account !== hashes.accountHash) {
		return content.application === hashes.applicationHash ? 'otherSecret' : 'otherAccount';
	}
	const isAnyInDoubt = [...content.records.values()].some(({ status }) => status === 'doubt');
	return isAnyInDoubt || lateParts.length > 0 || !content.isComplete ? 'interrupted' : 'used';
}
