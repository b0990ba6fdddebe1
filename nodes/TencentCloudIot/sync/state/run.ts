import { randomInt } from 'node:crypto';

import { notSent } from '../../service/outcome';
import { CANCELLED } from '../../service/transportError';
import type { Began, Found, Sending, StateCondition } from '../began';
import { ALL_WELL, type Kept, type Reported, reportedAfter } from '../health';
import { FEWEST_CUSTOMERS, missedProducts } from '../safetyChecks';
import type { Standing } from '../verdicts';
import { compare, type FoundState } from './compare';
import { type Content, type CustomerRecord, decode, encode, fold, type Status } from './content';
import { type Last, readLast, writeLast } from './last';
import { inTime, Lock, stopwatch, Taken } from './lock';
import { ALREADY_RUNNING, countsOf, DRY_RUN, minuteOf, stoppedBy, type SyncSettings } from './settings';
import { NOBODY, NoTable, type SyncTable } from './table';

const NOT_USABLE = notSent('STATE_NOT_USABLE');
const NO_TABLE = {
	...NOT_USABLE,
	reason: 'This n8n has no Data Tables, in which Sync keeps its state.',
	advice: "Enable n8n's module data-table and the node Data table, or use Push",
	adviceZh: '请启用 n8n 的 data-table 模块和 Data table 节点，或改用“推送”操作',
};

/** What was accepted is written down so often while a run sends: a run that dies leaves no more than that in doubt. Milliseconds, and for each customer that is to be sent. */
const CHECKPOINT_MS = 5000;
const CHECKPOINT_MS_EACH = 3;

/** The first state of a node has a random number below this. */
const VERSIONS = 2 ** 40;

/** A customer that failed has its turn in one of this many runs. */
const TURNS = 3;

/**
 * Begins a run: reads the lock row and the state, compares the rows with it, and owns the lock before it sends anything.
 *
 * Nothing is sent that the state does not name in doubt before: a run that dies leaves those to the next one. Never rejects.
 * @param table undefined for a workflow that is not saved: everybody is sent, and nothing kept
 */
export async function beginSync(table: SyncTable | undefined, settings: SyncSettings): Promise<Began> {
	const { refusal, reportedBefore: reported, signal, dryRun, clock } = settings;
	const unread = stoppedBy(refusal, settings);
	if (table === undefined) {
		const begun: Found = { ...unread, reported, state: 'none' };
		return refusal === undefined && !dryRun ? sendingWithoutState(begun) : stopped(begun);
	}
	const passedMs = stopwatch(clock);
	let lock: Lock | undefined;
	try {
		const version = (settings.random ?? randomInt)(0, VERSIONS);
		const first = writeLast({ reported: ALL_WELL, turn: 0, version });
		lock = await Lock.open(table, settings, first, passedMs);
		const sendsNothing = dryRun || refusal !== undefined;
		if (lock.hasOwner && !sendsNothing) await lock.watch();
		return await begin(table, lock, settings);
	} catch (cause) {
		const other = cause instanceof Taken ? ALREADY_RUNNING : cause instanceof NoTable ? NO_TABLE : NOT_USABLE;
		const why = refusal ?? (signal?.aborted ? CANCELLED : other);
		await lock?.giveUp();
		// Nothing was sent, and what was written says nothing new.
		const kept: Kept = { left: 'kept', isTakenOver: false, tookMs: passedMs() };
		return stopped({ ...unread, reported, stopped: why }, other === ALREADY_RUNNING ? undefined : kept);
	}
}

function stopped(begun: Found, kept?: Kept): Began {
	return { kind: 'stopped', begun, kept };
}

/** Sends everybody where there is no state to compare with, and keeps nothing. */
function sendingWithoutState(begun: Found): Sending {
	return {
		kind: 'sending',
		begun,
		isTakenOver: false,
		mayStart: async () => await Promise.resolve(true),
		accepted: () => undefined,
		end: async () => await Promise.resolve(undefined),
	};
}

/** Reads what the lock row points to. */
async function readState(table: SyncTable, lock: Lock, settings: SyncSettings): Promise<FoundState> {
	const { hashes, clock } = settings;
	const { id, stateId, doubtId, last: text } = lock.row;
	const last = readLast(text);
	// Ids begin anew with a new table, the version does not.
	const known = { last, rowIds: `${id} ${stateId} ${doubtId} ${last?.version ?? ''}` };
	const lost = (condition: StateCondition): FoundState => {
		return { ...known, condition, isLost: true, content: undefined };
	};
	const ids = [stateId, doubtId].filter((id) => id > 0);
	if (ids.length === 0) {
		const had = await inTime(clock, () => table.hadState());
		if (had !== 'never') return lost(had === 'otherFormat' ? 'otherVersion' : 'empty');
		return { ...known, condition: 'empty', isLost: false, content: undefined };
	}
	const contents = ids.map((id) => lock.contents.get(id));
	// Somebody has removed it.
	if (contents.includes(undefined)) return lost('empty');
	const [first, second] = contents.map((content) => decode(content!));
	if (first === undefined || (ids.length === 2 && second === undefined)) return lost('otherVersion');
	// What another account was sent says nothing about this one, and takes nothing from what this one has accepted.
	const isAdded = second !== undefined && (second.account === first.account || second.account === hashes.account);
	const content = isAdded ? fold(second.account === first.account ? first : undefined, second) : first;
	const isInterrupted = doubtId > 0 && content.account === hashes.account;
	const other = content.application === hashes.application ? 'otherSecret' : 'otherAccount';
	const condition = content.account !== hashes.account ? other : isInterrupted ? 'interrupted' : 'used';
	return { ...known, condition, isLost: false, content };
}

async function begin(table: SyncTable, lock: Lock, settings: SyncSettings): Promise<Began> {
	const { refusal, reportedBefore, signal, dryRun, isManual, clock, hashes, customers } = settings;
	const minute = minuteOf(clock.nowMs());
	const sendsNothing = dryRun || refusal !== undefined;
	const found = await readState(table, lock, settings);
	const last = found.last ?? { reported: ALL_WELL, turn: 0, version: minute };
	const { moved: _, isAsBefore, ...compared } = compare(settings, found, minute);
	const reported = reportedBefore ?? found.last?.reported;
	// What the rows would change is unknown where they are not to be used.
	const isUsable = refusal === undefined && (compared.stopped === undefined || dryRun);
	const begun: Found = {
		...stoppedBy(undefined, settings),
		...(isUsable ? compared : undefined),
		state: found.condition,
		reported,
		lastMinute: last.minute,
		novelty: found.last?.version,
		stopped: refusal ?? compared.stopped ?? (signal?.aborted ? CANCELLED : undefined),
		hasTurn: (index) => hashes.customer(customers[index]!.customerId).charCodeAt(0) % TURNS === last.turn,
	};
	const leave = async (after: Reported, others: Partial<Last> = {}): Promise<Kept> => {
		const passedMs = stopwatch(clock);
		// The state stays what it is in any case.
		const set = { last: writeLast({ ...last, ...others, reported: after }) };
		// A dead owner that was watched long enough need not be watched again.
		await lock.change(sendsNothing ? set : { ...set, owner: NOBODY }).catch(() => undefined);
		return { left: 'kept', isTakenOver: lock.isTaken, tookMs: passedMs() };
	};
	if (dryRun || begun.stopped !== undefined) {
		// A blocked run leaves only what it reports; a cancelled one, and a look by hand, nothing.
		const isSilent = (dryRun ? isManual : begun.stopped === CANCELLED) || (sendsNothing && lock.hasOwner);
		if (isSilent) return stopped(begun, { left: 'kept', isTakenOver: false, tookMs: 0 });
		const sync = { ...begun, minute, isManual };
		const blocked = dryRun ? DRY_RUN : begun.stopped;
		const end = { calls: [], withheld: [], blocked, endedEarly: undefined, sync };
		return stopped(begun, await leave(reportedAfter(end)));
	}
	if (isAsBefore) return { kind: 'unchanged', begun, end: async (after) => await leave(after, { minute }) };
	const run = new SendingRun(begun, { table, lock, settings, found, last, minute });
	await run.claim();
	return run;
}

/** What a run that sends has found. */
interface Opened {
	table: SyncTable;
	lock: Lock;
	settings: SyncSettings;
	found: FoundState;
	last: Last;
	minute: number;
}

/** A run that owns the lock while it sends. */
class SendingRun implements Sending {
	readonly kind = 'sending';
	readonly begun: Found;
	readonly novelty: number;
	readonly #opened: Opened;
	/** The state of this account, as it was found. */
	readonly #known: ReadonlyMap<string, CustomerRecord>;
	/** Customers, by index, that were accepted in this run. */
	readonly #accepted = new Set<number>();
	#sinceCheckpointMs: () => number;
	#checkpoint: Promise<void> | undefined;
	readonly #checkpointMs: number;

	constructor(begun: Found, opened: Opened) {
		this.begun = begun;
		this.#opened = opened;
		const { content } = opened.found;
		const isOfAccount = content?.account === opened.settings.hashes.account;
		this.#known = isOfAccount ? content.customers : new Map();
		this.novelty = opened.last.version + 1;
		this.#sinceCheckpointMs = stopwatch(opened.settings.clock);
		const toSend = begun.verdicts.filter((verdict) => verdict !== 'unchanged').length;
		this.#checkpointMs = CHECKPOINT_MS + CHECKPOINT_MS_EACH * toSend;
	}

	/** Names everybody in doubt whom it may send, before it sends. */
	async claim(): Promise<void> {
		const { lock, found } = this.#opened;
		// What an interrupted run has left becomes a part of the state first: there is one content in doubt at a time.
		if (lock.row.doubtId > 0) {
			const folded = { column: 'stateId', text: encode(found.content!) } as const;
			await lock.claim({ doubtId: 0 }, folded);
			await lock.change({}, this.#doubt());
		} else await lock.claim({}, this.#doubt());
		// Runs that were killed or ended by n8n have left more than the row points to.
		if (lock.contents.size > 2) await this.#clean(lock.row.doubtId, lock.row.stateId);
		this.#sinceCheckpointMs = stopwatch(this.#opened.settings.clock);
	}

	get isTakenOver(): boolean {
		return this.#opened.lock.isTaken;
	}

	async mayStart(): Promise<boolean> {
		const { lock, settings } = this.#opened;
		if (!lock.isHeld) await lock.beat();
		if (this.#sinceCheckpointMs() > this.#checkpointMs) {
			this.#sinceCheckpointMs = stopwatch(settings.clock);
			this.#checkpoint ??= lock
				.change({}, this.#doubt())
				.catch(() => undefined)
				.finally(() => (this.#checkpoint = undefined));
		}
		return lock.isHeld;
	}

	accepted(index: number): void {
		this.#accepted.add(index);
	}

	async end(standings: readonly Standing[], reported: Reported): Promise<Kept> {
		const { lock, settings, found, last, minute } = this.#opened;
		const passedMs = stopwatch(settings.clock);
		const turn = (last.turn + 1) % TURNS;
		const isOther = found.content !== undefined && found.content.account !== settings.hashes.account;
		try {
			// A state of another account stays until the service has accepted somebody of this one.
			if (isOther && !standings.includes('accepted')) {
				await lock.release({ doubtId: 0, last: writeLast({ ...last, reported }) });
			} else {
				const content = { column: 'stateId', text: encode(this.#left(standings, reported)) } as const;
				const isNoted = last.isNoted === true || (await this.#note());
				const text = writeLast({ reported, minute, turn, version: this.novelty, isNoted });
				await lock.release({ doubtId: 0, last: text }, content);
				await this.#clean(lock.row.stateId, 0);
			}
			return { left: 'kept', isTakenOver: false, tookMs: passedMs() };
		} catch {
			lock.stop();
			return { left: 'inProgress', isTakenOver: lock.isTaken, tookMs: passedMs() };
		}
	}

	/** Notes that there is a state, so that its loss is no first run. @returns whether that is known to be noted */
	async #note(): Promise<boolean> {
		const { table, settings } = this.#opened;
		if (countsOf(settings).customers < FEWEST_CUSTOMERS) return false;
		return await inTime(settings.clock, () => table.noteState()).then(
			() => true,
			() => false,
		);
	}

	async #clean(below: number, except: number): Promise<void> {
		const { table, settings } = this.#opened;
		await inTime(settings.clock, () => table.removeContents(below, except)).catch(() => undefined);
	}

	/** Those that are to be sent; of some it is known already that they were accepted. */
	#doubt() {
		const { customers, sendAll } = this.#opened.settings;
		const records = new Map<string, CustomerRecord>();
		for (const [index, { customerId }] of customers.entries()) {
			if (this.begun.verdicts[index] === 'unchanged' && !sendAll) continue;
			const status = this.#accepted.has(index) ? 'accepted' : 'doubt';
			records.set(...this.#sent(index, status, this.begun.failing.has(customerId)));
		}
		return { column: 'doubtId', text: encode(this.#content(records)) } as const;
	}

	/** The state that the run leaves. */
	#left(standings: readonly Standing[], { failing = new Set(), lostDevices = new Set() }: Reported): Content {
		const { hashes, customers, withheld, leftOut } = this.#opened.settings;
		const records = new Map<string, CustomerRecord>();
		for (const [index, { customerId }] of customers.entries()) {
			records.set(...this.#sent(index, standings[index] ?? 'waiting', failing.has(customerId)));
		}
		const leave = (customerId: string, status: Status) => {
			const customer = hashes.customer(customerId);
			const devices = this.#known.get(customer)?.devices ?? Buffer.alloc(0);
			records.set(customer, { status, isReported: failing.has(customerId), fingerprint: '', devices });
		};
		for (const customerId of withheld) leave(customerId, 'withheld');
		// Until the loss of its devices is reported a customer counts as having some: it may also leave the rows.
		for (const customerId of leftOut) leave(customerId, lostDevices.has(customerId) ? 'waiting' : 'withoutDevice');
		return this.#content(records);
	}

	/** A customer that has rows. */
	#sent(index: number, status: Status, isReported: boolean): [string, CustomerRecord] {
		const { hashes, customers } = this.#opened.settings;
		const { customerId, fingerprint, devices } = customers[index]!;
		const customer = hashes.customer(customerId);
		const known = this.#known.get(customer);
		// What was not sent leaves the devices where they are.
		const isKept = known !== undefined && (status === 'waiting' || known.fingerprint === fingerprint);
		const sent = () => Buffer.concat(devices.map(({ DeviceId }) => Buffer.from(hashes.device(DeviceId), 'base64url')));
		return [customer, { status, isReported, fingerprint, devices: isKept ? known.devices : sent() }];
	}

	#content(customers: ReadonlyMap<string, CustomerRecord>): Content {
		const { settings } = this.#opened;
		const { hashes, rows } = settings;
		return {
			account: hashes.account,
			application: hashes.application,
			counts: countsOf(settings),
			products: missedProducts(rows.products).map((name) => hashes.product(name)),
			customers,
		};
	}
}
