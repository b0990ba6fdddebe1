import type { StormKind } from './storm.mts';

/** A mistake in the protocol, as an edit of its source, and the storms that must find it. */
export interface PlantedFault {
	what: string;
	/** Below nodes/TencentCloudIot. */
	file: string;
	/** Text that occurs exactly once in the file. */
	find: string;
	replace: string;
	/** The kinds of storms to try, after those that once broke a promise. */
	kinds: readonly StormKind[];
}

/** Edits a source. @throws if it does not have the text exactly once, because the source has changed since */
export function plant({ what: title, file, find, replace }: PlantedFault, source: string): string {
	const parts = source.split(find);
	if (parts.length !== 2) {
		throw new Error(`'${title}' cannot be planted: its text occurs ${parts.length - 1} times in ${file}`);
	}
	return parts.join(replace);
}

const LOCK = 'sync/lock/lock.ts';
const STEPS = 'sync/lock/stepsAfterAttempt.ts';
const RUN = 'sync/state/sendingRun.ts';
const READ = 'sync/state/readState.ts';
const TABLE = 'run/syncTable.ts';
const WRITE = 'sync/lock/writeLockRow.ts';
const VERDICTS = 'sync/verdicts.ts';

export const PLANTED_FAULTS: readonly PlantedFault[] = [
	{
		what: 'WHERE of the lock row: a change compares the id but not the stamp',
		file: WRITE,
		find: `[equal('id', id), equal('stamp', seenStamp)]`,
		replace: `[equal('id', id), ...(write.do === 'update' ? [] : [equal('stamp', seenStamp)])]`,
		kinds: ['twins', 'stalls', 'freezes', 'mixed'],
	},
	{
		what: 'WHERE of a second lock row: all rows of the node are deleted',
		file: TABLE,
		find: `await writeLockRow(this.#tables, seenRow, { do: 'remove' });`,
		replace: `(await this.#run([{ do: 'remove', table: LOCK_TABLE, where: { every: [this.#nodeCondition] } }]))[0];`,
		kinds: ['firstTwins'],
	},
	{
		what: 'WHERE of the parts: all parts of the node are deleted',
		file: TABLE,
		find: `		const where = { some: partNames.map((name) => equal('name', name)) };`,
		replace: `		const where = { some: partNames.map(() => this.#nodeCondition) };`,
		kinds: ['calm', 'twins', 'mixed'],
	},
	{
		what: 'WHERE of reading: rows of other nodes are read too',
		file: TABLE,
		find: `		this.#nodeCondition = equal('key', node.key);`,
		replace: `		this.#nodeCondition = { column: 'key', is: 'notEqual', value: '' };`,
		kinds: ['twoNodes'],
	},
	{
		what: 'HELD_MS: an owner sends for 80 s without a change',
		file: LOCK,
		find: `		return !this.isTakenByOther && this.#msSinceChange() < HELD_MS;`,
		replace: `		return !this.isTakenByOther && this.#msSinceChange() < 4 * HELD_MS;`,
		kinds: ['freezes', 'frozenRequests', 'lateInARow', 'mixed'],
	},
	{
		what: 'quietMs: an owner counts as dead after 8 s',
		file: LOCK,
		find: `	return HELD_MS + LEAVE_DELAY_MS + timeoutMs + 1;`,
		replace: `	return Math.min(8000, HELD_MS + LEAVE_DELAY_MS + timeoutMs + 1);`,
		kinds: ['freezes', 'lateRequests', 'lateInARow', 'crowd'],
	},
	{
		what: 'quietMs: it leaves no time for a request under way',
		file: LOCK,
		find: `	return HELD_MS + LEAVE_DELAY_MS + timeoutMs + 1;`,
		replace: `	return HELD_MS + LEAVE_DELAY_MS + 0 * timeoutMs + 1;`,
		kinds: ['lateRequests'],
	},
	{
		what: 'RESPONSE_LIMIT_MS: a statement times out after 300 ms',
		file: LOCK,
		find: `const RESPONSE_LIMIT_MS = 8000;`,
		replace: `const RESPONSE_LIMIT_MS = 300;`,
		kinds: ['tenthOfACore', 'slowTwins'],
	},
	{
		what: 'HEARTBEAT_MS: the owner never changes the row while it sends',
		file: LOCK,
		find: `export const HEARTBEAT_MS = 8000;`,
		replace: `export const HEARTBEAT_MS = 8_000_000;`,
		kinds: ['killsInARow', 'killedFirstRuns'],
	},
	{
		what: 'INPUT_ROWS_TOO_OLD_MS: a run sends however late it reads the lock row',
		file: LOCK,
		find: `const INPUT_ROWS_TOO_OLD_MS = 10_000;`,
		replace: `const INPUT_ROWS_TOO_OLD_MS = 10_000_000;`,
		kinds: ['stalls', 'freezes', 'mixed'],
	},
	{
		what: 'order: the row points to a part before the part is inserted',
		file: WRITE,
		find: `[FIND_TABLES, ...insertSteps, ...writeSteps]`,
		replace: `[FIND_TABLES, ...writeSteps, ...insertSteps]`,
		kinds: ['kills', 'rejections', 'restarts', 'mixed'],
	},
	{
		what: 'doubt: no customer is named in doubt before the first request',
		file: RUN,
		find: `		const newlyNamedIndexes = this.#chooseNextToName();
		await this.#records.addRecords(records, newlyNamedIndexes, 'doubt');`,
		replace: `		const newlyNamedIndexes = this.#chooseNextToName();
		await this.#records.addRecords(records, newlyNamedIndexes.slice(0, 0), 'doubt');`,
		kinds: ['kills', 'killsInARow', 'frozenRequests', 'mixed'],
	},
	{
		what: 'doubt: customers that were accepted in between are not saved',
		file: RUN,
		find: `		const acceptedIndexes = [...this.#unsavedIndexes];`,
		replace: `		const acceptedIndexes = [...this.#unsavedIndexes].slice(0, 0);`,
		kinds: ['killsInARow', 'killedFirstRuns', 'crowd'],
	},
	{
		what: 'doubt: refused customers are saved as accepted',
		file: RUN,
		find: `		if (outcome === 'OK' && settings.writesReceipts !== true) {`,
		replace: `		if (settings.writesReceipts !== true) {`,
		kinds: ['killsInARow', 'killedFirstRuns', 'kills', 'mixed'],
	},
	{
		what: 'late doubt: a run that has lost the row does not note its last request',
		file: RUN,
		find: `		if (this.#latePartIndexes.size === 0) {
			return;
		}`,
		replace: `		if (this.#latePartIndexes.size >= 0) {
			return;
		}`,
		kinds: ['frozenRequests'],
	},
	{
		what: 'last check: a request is sent however long its process was stopped after it was allowed to',
		file: RUN,
		find: `	get mayLeave(): boolean {
		return this.#context.lock.isHeld;`,
		replace: `	get mayLeave(): boolean {
		return this.#context.lock.row.owner !== '';`,
		kinds: ['frozenRequests'],
	},
	{
		what: 'late doubt: late parts are not read',
		file: READ,
		find: `lock.partsAtRead.filter(({ kind }) => kind === 'late')`,
		replace: `lock.partsAtRead.filter(({ kind }) => kind !== kind)`,
		kinds: ['frozenRequests'],
	},
	{
		what: 'first runs: a row that its run has claimed in between counts as removed',
		file: LOCK,
		find: `		if (!isRemoved && (await`,
		replace: `		if (this.isTakenByOther && (await`,
		kinds: ['firstTwins'],
	},
	{
		what: 'takeover: a run does not wait until the owner is dead',
		file: LOCK,
		find: `		await this.#waitUntilDead(this.row);`,
		replace: `		if (this.#areInputRowsTooOld) {
			await this.#waitUntilDead(this.row);
		}`,
		kinds: ['crowd', 'freezes', 'mixed'],
	},
	{
		what: 'attempts: a change counts from the attempt that got a response',
		file: LOCK,
		find: `					this.#msSinceChange = msSinceFirstAttempt;`,
		replace: `					this.#msSinceChange = stopwatch(this.#host.clock);`,
		kinds: ['lateInARow'],
	},
	{
		what: 'people: a row is free if its owner is nobody, whatever its stamp',
		file: LOCK,
		find: `	return owner === NOBODY && stamp.startsWith(STAMP_STARTS.free);`,
		replace: `	return owner === NOBODY && stamp !== STAMP_STARTS.free;`,
		kinds: ['people'],
	},
	{
		what: 'loss: the deduplication store is not consulted',
		file: TABLE,
		find: `		return (await this.#helpers.getProcessedDataCount?.('node', ENTRIES_MODE)) ?? 0;`,
		replace: `		return 0 * ((await this.#helpers.getProcessedDataCount?.('node', ENTRIES_MODE)) ?? 0);`,
		kinds: ['people'],
	},
	{
		what: 'parts: the unused parts of killed runs are not deleted',
		file: LOCK,
		find: `		if (unusedPartNames.length > 0) {`,
		replace: `		if (unusedPartNames.length > 1000) {`,
		kinds: ['killsInARow', 'crowd'],
	},
	{
		what: 'attempts: a claim adopts the row of another run',
		file: STEPS,
		find: `	claim: STEPS_OF_OWNER,`,
		replace: `	claim: { ...STEPS_OF_OWNER, notMine: 'adopt' },`,
		kinds: ['twins', 'threeAtOnce', 'crowd'],
	},
	{
		what: 'attempts: an owner takes the row back from the run that took it over',
		file: STEPS,
		find: `	keep: STEPS_OF_OWNER,`,
		replace: `	keep: { ...STEPS_OF_OWNER, notMine: 'adopt' },`,
		kinds: ['freezes', 'frozenRequests', 'mixed'],
	},
	{
		what: 'takeover: the wait counts from the first stamp that was seen, not from the last one',
		file: LOCK,
		find: `lastWatchedRow?.id === id && lastWatchedRow.stamp === stamp`,
		replace: `lastWatchedRow?.id === id`,
		kinds: ['limits', 'crowd', 'freezes', 'mixed'],
	},
	{
		what: 'clocks: the time of a paused machine does not count',
		file: 'service/transport/clock.ts',
		find: `	return () => Math.max(clock.elapsedMs() - monotonicStartMs, clock.nowMs() - wallStartMs);`,
		replace: `	return () => Math.max(clock.elapsedMs() - monotonicStartMs, 0 * wallStartMs);`,
		kinds: ['pauses', 'mixed'],
	},
	{
		what: 'parts: an addition does not name the part before it',
		file: LOCK,
		find: `after: isWholeState ? '' : this.row.stateName, kind: 'part'`,
		replace: `after: isWholeState ? '' : this.row.stateName.slice(0, 0), kind: 'part'`,
		kinds: ['calm', 'mixed'],
	},
	{
		what: 'loss: an entry that another first run has made in between counts as a loss',
		file: READ,
		find: `	await requireUnchangedRow(lock);
	return storeEntryCount === 1 ? 'lost' : 'otherVersion';`,
		replace: `	return storeEntryCount === 1 ? 'lost' : 'otherVersion';`,
		kinds: ['firstTwins', 'smallFirstRuns'],
	},
	{
		what: 'loss: a run does not wait for the owner of a row that was lost',
		file: 'sync/state/run.ts',
		find: `	if (foundState.isStateLost) {`,
		replace: `	if (foundState.isStateLost && dryRun) {`,
		kinds: ['people'],
	},
	{
		what: 'doubt: a request starts before its customer is named',
		file: RUN,
		find: `lock.isHeld && place < this.#namedCount;`,
		replace: `lock.isHeld && place < Infinity;`,
		kinds: ['kills', 'killsInARow', 'mixed'],
	},
	{
		what: 'late doubt: only a run that knows that it has lost the row notes its last request',
		file: RUN,
		find: `		if (!lock.isHeld) {
			this.#latePartIndexes.add(index);`,
		replace: `		if (lock.isTakenByOther) {
			this.#latePartIndexes.add(index);`,
		kinds: ['frozenRequests', 'lateRequests'],
	},
	{
		what: 'first runs: the row with the smallest id counts, whatever the others contain',
		file: LOCK,
		find: `	return stateRank(b) - stateRank(a) || freeRank(b) - freeRank(a) || a.id - b.id;`,
		replace: `	return 0 * (stateRank(b) + freeRank(b)) || a.id - b.id;`,
		kinds: ['firstTwins', 'smallFirstRuns'],
	},
	{
		what: 'first runs: a run that gives up after its entry leaves no state',
		file: LOCK,
		find: `			await this.#changeRow('release', {}).catch(() => undefined);`,
		replace: `			await this.#changeRow('release', { stateName: this.stateNameAtRead }).catch(() => undefined);`,
		kinds: ['stalls', 'killedFirstRuns'],
	},
	{
		what: 're-pushes: customers that an interrupted run has re-pushed are due again',
		file: VERDICTS,
		find: `slotNumberAt(Math.max(lastRunMinute, zeroIfInFuture(acceptedMinute)))`,
		replace: `slotNumberAt(Math.max(lastRunMinute, lastRunMinute === 0 ? zeroIfInFuture(acceptedMinute) : 0))`,
		kinds: ['rePushes'],
	},
	{
		what: 're-pushes: after an interrupted first run every customer is due',
		file: VERDICTS,
		find: `slotNumberAt(Math.max(lastRunMinute, zeroIfInFuture(acceptedMinute)))`,
		replace: `slotNumberAt(lastRunMinute === 0 ? 0 : Math.max(lastRunMinute, zeroIfInFuture(acceptedMinute)))`,
		kinds: ['killedFirstRuns'],
	},
	{
		what: 're-pushes: no customer is due',
		file: VERDICTS,
		find: `		return slotsUntilRePush < slotNumberOfRun - lastSlotNumber;`,
		replace: `		return slotsUntilRePush < lastSlotNumber - slotNumberOfRun;`,
		kinds: ['rePushes'],
	},
	{
		what: 're-pushes: the wrong customers are due',
		file: VERDICTS,
		find: `		return slotsUntilRePush < slotNumberOfRun - lastSlotNumber;`,
		replace: `		return RE_PUSH_SLOT_COUNT - 1 - slotsUntilRePush < slotNumberOfRun - lastSlotNumber;`,
		kinds: ['rePushes', 'calm', 'mixed'],
	},
	{
		what: 'receipts: customers whose receipt is written are not saved',
		file: RUN,
		find: `			if (this.#records.outcomesByIndex.get(index) === 'OK') {`,
		replace: `			if (this.#records.outcomesByIndex.get(index) === 'NOT_SENT') {`,
		kinds: ['killsInARow', 'killedFirstRuns'],
	},
	{
		what: 'receipts: refused customers are saved as accepted once their receipt is written',
		file: RUN,
		find: `			if (this.#records.outcomesByIndex.get(index) === 'OK') {`,
		replace: `			if (this.#records.outcomesByIndex.get(index) !== undefined) {`,
		kinds: ['killsInARow', 'killedFirstRuns', 'kills', 'mixed'],
	},
	{
		what: 'rows: a run sends although runs with newer rows have finished while it waited',
		file: 'sync/state/run.ts',
		find: `	return beganMs > settings.rowsReceivedMs &&`,
		replace: `	return beganMs > Infinity &&`,
		kinds: ['lateStarts'],
	},
	{
		what: 'rows: a run does not store when it got its rows',
		file: RUN,
		find: `({ ...storedLast, beganMs: settings.rowsReceivedMs }),`,
		replace: `({ ...storedLast, beganMs: 0 }),`,
		kinds: ['lateStarts'],
	},
];
