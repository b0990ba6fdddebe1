import { type ItemReader, openReader, readItems } from '../input/itemReader';
import { blockedBy, notSent, type Failure } from '../service/outcome';
import type { Call, Calls, RowsOfCustomer, Withheld } from '../resources/operation/operation';
import { accountKey } from '../service/signing/signature';
import { whyNotAllowed } from '../service/actions';
import { short } from '../input/text';
import { because } from '../messages/findings';
import { type CleanSheet, cleanSheets, isSameSheet } from '../sync/state/cleanSheets';
import { nodeOf, requestOf, stopsForRows, type Plan, type Run } from './run';
import { inBatches, inTurns, takeTurns } from '../input/batches';
import { bringsSets, isAudit, isSync, withheldFor } from './report/result';
import { type Fact, ofRows, ours } from '../messages/text';
import { REASONS } from '../messages/failures';

/** A plan without calls. */
const NOTHING: Plan = { calls: [], withheld: [], earlier: [], ledger: undefined, blocked: undefined };

/** Reads the items into calls and checks these. A plan is blocked, and has no calls, if e.g. a mapped column does not exist. */
export async function planRun(run: Run): Promise<Plan> {
	const { input, operation, items, options, invalid } = run;
	if (invalid !== undefined) {
		return { ...NOTHING, blocked: invalid };
	}
	try {
		const reader = await openReader(input, operation.customers?.columns(options));
		const planned = await callsOf(run, reader);
		const withheld = planned.withheld.map((held) => named(held, items));
		let plan: Plan = { ...NOTHING, ...planned, withheld };
		for (const check of Object.values(CHECKS)) {
			await takeTurns();
			plan = { ...plan, ...(await check(plan, run)) };
			if (plan.blocked !== undefined) {
				break;
			}
		}
		return plan;
	} catch (cause) {
		return { ...NOTHING, blocked: blockedBy(cause) };
	}
}

/** The calls of the items. Of clean rows those are not judged again that the last Sync of the node had as well. */
async function callsOf(run: Run, reader: ItemReader): Promise<PlannedCalls> {
	const { operation, options } = run;
	const remembered = cleanSheets.get(nodeOf(run));
	let customers: RowsOfCustomers | undefined;
	if (remembered !== undefined) {
		customers = await groupCleanRows(run, reader);
		const planned = customers && (await callsOfRemembered(run, reader, customers, remembered));
		if (planned !== undefined) {
			return planned;
		}
	}
	const planned = await operation.toCalls(readItems(reader, operation.inputReader(options)), options);
	if (planned.isClean === true) {
		customers ??= await groupCleanRows(run, reader);
	}
	if (customers === undefined || planned.isClean !== true) {
		return planned;
	}
	return { ...planned, cleanSheet: { customers, remembered: undefined, places: [], sets: [] } };
}

type PlannedCalls = Calls & Pick<Plan, 'cleanSheet'>;
type RowsOfCustomers = ReadonlyMap<string, RowsOfCustomer>;

/** The rows of each customer; undefined where they are judged in any case, as in a Dry Run, which shows all devices. */
async function groupCleanRows(
	{ ports, operation, options }: Run,
	reader: ItemReader,
): Promise<RowsOfCustomers | undefined> {
	const { clean } = operation.customers ?? {};
	if (clean === undefined || options.dryRun) {
		return undefined;
	}
	const account = await ports.credential.connection().then(accountKey, () => undefined);
	return account === undefined ? undefined : await clean.group(reader, options, account);
}

/** The calls of rows of which some are remembered; undefined where all are to be judged. */
async function callsOfRemembered(
	{ operation, options }: Run,
	reader: ItemReader,
	customers: RowsOfCustomers,
	remembered: CleanSheet,
): Promise<PlannedCalls | undefined> {
	const places = await inTurns(remembered.find(customers.values()));
	const cleanSheet = { customers, remembered, places, sets: [] };
	const isSame = isSameSheet(cleanSheet);
	// How many devices some of the customers have is not known where they may share one.
	if (!isSame && options.rowHandling?.sharedDevices === 'allow') {
		return undefined;
	}
	const read = operation.inputReader(options);
	const isRemembered = (index: number) => places[index] !== undefined;
	const planned = await operation.customers?.clean?.toCalls(reader, options, read, customers, isRemembered);
	if (planned === undefined) {
		return undefined;
	}
	const named = async () => {
		return isSame ? remembered.namedDevices : remembered.countWith(places, await planned.named?.());
	};
	return { ...planned, named, cleanSheet };
}

/** Adds to each finding what else its row is known by: its customer, and the row number that n8n's nodes read from a sheet. */
function named(held: Withheld, items: Run['items']): Withheld {
	const findings = held.findings.map((finding) => {
		const number: unknown = items[finding.itemIndex]?.json['row_number'];
		const { customerId } = held;
		// A finding about the CustomerId names the customer itself.
		const also: Fact[] = [];
		if (customerId !== undefined && finding.field !== 'CustomerId') {
			also.push(ofRows(short(customerId)));
		}
		if (/^\d+$/.test(String(number))) {
			also.push(ours(`row_number ${String(number)}`));
		}
		return also.length === 0 ? finding : { ...finding, also };
	});
	return { ...held, findings };
}

/**
 * Decides before anything is sent what of a plan is withheld, or why all of it is blocked.
 * @returns what of the plan is to change
 * @throws NotSendable when that cannot be decided, e.g. without a usable credential
 */
type Check = (plan: Plan, run: Run) => Partial<Plan> | Promise<Partial<Plan>>;

/** Blocks what writes where nothing leads to the node: n8n's Assistant and agents run any parameters so. A Dry Run sends nothing. */
const alone: Check = (_, { execution, operation, options }) => {
	if (operation.effect === 'read' || options.dryRun || !execution.runsAlone) {
		return {};
	}
	return { blocked: notSent('RUNS_ALONE') };
};

/** Blocks what the credential's 'Allowed Actions' refuse; live orders beside test orders are withheld. */
const allowedActions: Check = async ({ calls, withheld }, { ports, operation, options }) => {
	const connection = await ports.credential.connection().catch(blockedBy);
	// Without a credential there is nothing to check here. Each request that needs one fails with that reason.
	if ('outcome' in connection) {
		return {};
	}
	const refused = new Map<Call, Failure>();
	const { includeSecrets = false } = options;
	// Calls that bring sets differ only in their devices, so the first one stands for all.
	const judged = bringsSets(operation) ? calls.slice(0, 1) : calls;
	for (const call of judged) {
		const why = whyNotAllowed(connection.allowedActions, requestOf(call, operation), includeSecrets);
		if (why !== undefined) {
			refused.set(call, why);
		}
	}
	const [first] = refused.values();
	if (first === undefined || refused.size === judged.length) {
		return { blocked: first };
	}
	const orders = Array.from(refused, ([{ parameters, itemIndexes }, refusal]): Withheld => {
		const why = { field: 'Item ID', ...because('liveItem') };
		const findings = itemIndexes.map((itemIndex) => ({ itemIndex, ...why }));
		return { parameters, itemIndexes, findings, refusal };
	});
	return { calls: calls.filter((call) => !refused.has(call)), withheld: [...withheld, ...orders] };
};

/** Looks up what earlier attempts of the run have settled: that is not sent again, whatever the items have become since. */
const settledEarlier: Check = (plan, { memory, operation, options }) => {
	const { effect } = operation;
	// Rows may leave an audit by the error output, which is no failure of a request: it is not read again for them.
	if (options.dryRun || (effect === 'read' && !isAudit(operation))) {
		return {};
	}
	const ledger = memory.ledger(effect !== 'once');
	if (ledger.isFirstAttempt) {
		return { ledger };
	}
	const sent = new Set(plan.calls.map(({ customer }) => customer?.id));
	const calls = [...plan.calls];
	const withheld = plan.withheld.flatMap((held): Withheld[] => {
		const settled = ledger.findForGood(held);
		if (settled !== undefined) {
			calls.push(settled.call);
			return [];
		}
		// If the customer is sent without its invalid rows, nothing of these rows was stored.
		const isOfSentCustomer = held.customerId !== undefined && sent.has(held.customerId);
		return [{ ...held, mayBeStored: !isOfSentCustomer && ledger.mayHold(held) }];
	});
	if (calls.length > plan.calls.length) {
		calls.sort(({ itemIndexes: [first = 0] }, { itemIndexes: [second = 0] }) => first - second);
	}
	const settled = calls.map((call) => ledger.find(call, requestOf(call, operation)));
	return {
		calls: calls.map((call, index) => settled[index]?.call ?? call),
		withheld,
		earlier: settled.map((entry) => entry && { kind: 'earlierAttempt', outcome: entry.outcome }),
		ledger,
	};
};

/** Where the node stops at the first failure, rows that cannot be used end the run before anything is sent. */
const invalidRows: Check = (plan, run) => {
	if (run.options.dryRun || !stopsForRows(plan, run)) {
		return {};
	}
	const findings = plan.withheld.flatMap((withheld) => withheld.findings);
	const [refusal] = plan.withheld.flatMap((held) => held.refusal ?? []);
	return { blocked: withheldFor({ findings, refusal }) };
};

/** With 'Execute Once' the engine hands the node the first item alone, and so a part of a customer's set. */
const executeOnce: Check = (_, { execution, operation }) => {
	const { arrivedForOne: arrived = 0 } = execution;
	if (operation.customers === undefined || arrived <= 1) {
		return {};
	}
	return { calls: [], withheld: [], blocked: notSent('EXECUTE_ONCE', { rows: arrived }) };
};

/** Blocks a Sync of the rows of another execution: runs since may have pushed newer ones. */
const oldRows: Check = (_, { memory, operation, options }) => {
	if (!isSync(operation) || options.dryRun || !memory.hasOldRows) {
		return {};
	}
	return { blocked: notSent('OLD_ROWS') };
};

/**
 * Blocks a further run in an execution that keeps nothing of the earlier ones: whether they had other rows of the same
 * customers is not known, and the last push would replace theirs. Unless the user says that each run has them all.
 */
const lostRuns: Check = (_, { operation, options, memory }) => {
	if (!memory.hasLostEarlierRuns || !bringsSets(operation) || mayRepeatCustomers(options)) {
		return {};
	}
	return { blocked: notSent('EARLIER_RUNS_UNKNOWN', factsOf(operation)) };
};

/** Whether each run of the execution has all rows of its customers, as the user says. */
function mayRepeatCustomers({ rowHandling }: Run['options']): boolean {
	return rowHandling?.repeatedCustomers === 'allow';
}

/** Names the rows that every run must have: those of all customers for a Sync, all devices of its customers for a Push. */
function factsOf(operation: Run['operation']) {
	return {
		whole: isSync(operation) ? REASONS.wholeSource.customers() : REASONS.wholeSource.devices(),
	};
}

/**
 * Blocks a Sync that has other customers than an earlier one of the same node in the same execution: in a loop, or where two
 * branches lead to the node, each run has a part of the customers and takes it for all of them.
 */
const otherCustomers: Check = async ({ calls, withheld }, { memory, operation, options }) => {
	if (!isSync(operation) || options.dryRun || mayRepeatCustomers(options)) {
		return {};
	}
	const sent = calls.map(({ customer }) => customer?.id);
	const isOther = await memory.syncedOthers([...sent, ...withheld.map(({ customerId }) => customerId)]);
	return isOther ? { blocked: notSent('OTHER_SET_EARLIER', factsOf(operation)) } : {};
};

/**
 * Withholds what would fully replace a customer's set by another one than an earlier run of the same execution pushed: in
 * a loop, or where two branches lead to the node, each run has a part of the rows. The same set again passes.
 */
const partialSets: Check = async ({ calls, withheld, cleanSheet }, { memory, operation, options }) => {
	if (!bringsSets(operation)) {
		return {};
	}
	const sets = await memory.pushedSets(options.dryRun);
	const kept: Call[] = [];
	const refused: Withheld[] = [];
	const refusal = notSent('OTHER_SET_EARLIER', factsOf(operation));
	for await (const batch of inBatches(calls)) {
		for (const call of batch) {
			const { id: customerId = '' } = call.customer ?? {};
			// The devices of a customer that is remembered would have to be read.
			const place = cleanSheet?.places[kept.length + refused.length];
			const set = cleanSheet?.remembered?.setAt(place) ?? sets.setOf(customerId, deviceIdsOf(call));
			const before = sets.add(set, mayRepeatCustomers(options));
			if (before === undefined) {
				kept.push(call);
				continue;
			}
			const { itemIndexes } = call;
			const [itemIndex = 0] = itemIndexes;
			const why = because(before === 'withheld' ? 'unusableEarlier' : 'otherEarlier', {
				customer: ofRows(customerId),
			});
			const findings = [{ itemIndex, field: 'CustomerId', ...why }];
			refused.push({
				parameters: { CustomerId: customerId },
				itemIndexes,
				customerId,
				findings,
				refusal,
			});
		}
	}
	if (options.rowHandling?.invalidRows !== 'sendValid') {
		for (const { customerId } of withheld) {
			if (customerId !== undefined) {
				sets.add(sets.setOf(customerId, undefined), true);
			}
		}
	}
	if (cleanSheet === undefined || refused.length > 0) {
		return { calls: kept, withheld: [...withheld, ...refused], cleanSheet: undefined };
	}
	return { cleanSheet: { ...cleanSheet, sets: sets.now } };
};

function deviceIdsOf({ customer }: Call): string[] {
	return customer?.devices.map(({ DeviceId }) => DeviceId) ?? [];
}

/** In this order: what an earlier attempt has settled is known before invalid rows end the run. */
export const CHECKS = {
	alone,
	allowedActions,
	executeOnce,
	oldRows,
	lostRuns,
	otherCustomers,
	partialSets,
	settledEarlier,
	invalidRows,
};
