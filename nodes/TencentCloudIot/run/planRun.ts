import { type ItemReader, openReader, readItems } from '../input/itemReader';
import { failureOrRethrow, notSent, type Failure } from '../service/outcome';
import {
	bringsFullSets,
	type Call,
	type Calls,
	isAudit,
	isSync,
	type RowsOfCustomer,
	type Withheld,
} from '../resources/operation/operation';
import { accountKey } from '../service/signing/signature';
import { whyNotAllowed } from '../service/actions';
import { shorten, textOfCell } from '../input/text';
import { because } from '../messages/findings';
import {
	type RememberedCustomers,
	rememberedByNodeKey,
	hasSameRows,
} from '../sync/state/rememberedCustomers';
import { nodeKeyOf, requestOf, stopsForInvalidRows, type Plan, type Run } from './run';
import { inBatches } from '../input/batches';
import { runInTurns, giveTurnIfDue } from '../input/pausing';
import { failureOfWithheld } from './report/result';
import { type Fact, ofRows, ours } from '../messages/text';
import { REASONS } from '../messages/reasons';

/** The plan before its calls are made, or if they cannot be made. */
const EMPTY_PLAN: Plan = { calls: [], withheld: [], earlierFates: [], ledger: undefined, blocked: undefined };

/** Turns the items into calls, and checks the calls. If e.g. a mapped column does not exist, the plan is blocked and has no calls. */
export async function planRun(run: Run): Promise<Plan> {
	const { input, operation, items, options, invalidOption } = run;
	if (invalidOption !== undefined) {
		return { ...EMPTY_PLAN, blocked: invalidOption };
	}
	try {
		const reader = await openReader(input, operation.customers?.columns(options));
		const plannedCalls = await planCalls(run, reader);
		const withheld = plannedCalls.withheld.map((withheldRows) => withRowNames(withheldRows, items));
		let plan: Plan = { ...EMPTY_PLAN, ...plannedCalls, withheld };
		for (const check of Object.values(PLAN_CHECKS)) {
			await giveTurnIfDue();
			plan = { ...plan, ...(await check(plan, run)) };
			if (plan.blocked !== undefined) {
				// The customers of a blocked plan are not remembered: remembering them needs digests of their full sets, which `withholdOtherSets` makes, and that
				// check may not have run.
				return { ...plan, customersToRemember: undefined };
			}
		}
		return plan;
	} catch (cause) {
		return { ...EMPTY_PLAN, blocked: failureOrRethrow(cause) };
	}
}

/** Turns the items into calls. A customer is not judged again if its rows were clean in the node's last Sync, and are the same now. */
async function planCalls(run: Run, reader: ItemReader): Promise<PlannedCalls> {
	const { operation, options } = run;
	const remembered = rememberedByNodeKey.get(nodeKeyOf(run));
	let rowsByCustomer: RowsOfCustomers | undefined;
	if (remembered !== undefined) {
		rowsByCustomer = await groupRowsByCustomer(run, reader);
		const plannedCalls = rowsByCustomer && (await judgeUnremembered(run, reader, rowsByCustomer, remembered));
		if (plannedCalls !== undefined) {
			return plannedCalls;
		}
	}
	const plannedCalls = await operation.toCalls(readItems(reader, operation.inputReader(options)), options);
	if (plannedCalls.isClean !== true) {
		return plannedCalls;
	}
	rowsByCustomer ??= await groupRowsByCustomer(run, reader);
	if (rowsByCustomer === undefined) {
		return plannedCalls;
	}
	return {
		...plannedCalls,
		customersToRemember: { rowsByCustomer, remembered: undefined, rememberedIndexes: [], fullSetDigests: [] },
	};
}

type PlannedCalls = Calls & Pick<Plan, 'customersToRemember'>;
type RowsOfCustomers = ReadonlyMap<string, RowsOfCustomer>;

/**
 * Groups the rows by customer, with a digest of each group that a later run compares with its own.
 * @returns undefined if all rows are to be judged: without a usable credential, or in a Dry Run, which shows all devices
 */
async function groupRowsByCustomer(
	{ ports, operation, options }: Run,
	reader: ItemReader,
): Promise<RowsOfCustomers | undefined> {
	const { clean } = operation.customers ?? {};
	if (clean === undefined || options.dryRun) {
		return undefined;
	}
	const account = await ports.credential.connection().then(accountKey, () => undefined);
	return account === undefined ? undefined : await clean.groupByCustomer(reader, options, account);
}

/** Makes the calls of a Sync, without judging customers again whose rows the process remembers; undefined if all rows must be judged. */
async function judgeUnremembered(
	{ operation, options }: Run,
	reader: ItemReader,
	rowsByCustomer: RowsOfCustomers,
	remembered: RememberedCustomers,
): Promise<PlannedCalls | undefined> {
	const rememberedIndexes = await runInTurns(remembered.findRememberedIndexes(rowsByCustomer.values()));
	const customersToRemember = { rowsByCustomer, remembered, rememberedIndexes, fullSetDigests: [] };
	const areAllRowsSame = hasSameRows(customersToRemember);
	// `countDevices` adds up the devices of each customer, so a device that two customers share would count twice. If all rows are the
	// same as in the last run, nothing is added up, because the number of their devices is remembered.
	if (!areAllRowsSame && options.rowHandling?.sharedDevices === 'allow') {
		return undefined;
	}
	const readInput = operation.inputReader(options);
	const isRemembered = (index: number) => rememberedIndexes[index] !== undefined;
	const plannedCalls = await operation.customers?.clean?.toCalls(
		reader,
		options,
		readInput,
		rowsByCustomer,
		isRemembered,
	);
	if (plannedCalls === undefined) {
		return undefined;
	}
	const countNamedDevices = async () => {
		return areAllRowsSame
			? remembered.namedDevices
			: remembered.countDevices(rememberedIndexes, await plannedCalls.countNamedDevices?.());
	};
	return { ...plannedCalls, countNamedDevices, customersToRemember };
}

/** Adds to each finding further names of its row: the customer, and the row number that n8n's nodes read from a sheet. */
function withRowNames(withheldRows: Withheld, items: Run['items']): Withheld {
	const findings = withheldRows.findings.map((finding) => {
		const sheetRowNumber = textOfCell(items[finding.itemIndex]?.json['row_number']);
		const { customerId } = withheldRows;
		const rowNames: Fact[] = [];
		// A finding about the CustomerId names the customer itself.
		if (customerId !== undefined && finding.field !== 'CustomerId') {
			rowNames.push(ofRows(shorten(customerId)));
		}
		if (/^\d+$/.test(sheetRowNumber)) {
			rowNames.push(ours(`row_number ${sheetRowNumber}`));
		}
		return rowNames.length === 0 ? finding : { ...finding, rowNames };
	});
	return { ...withheldRows, findings };
}

/**
 * Checks a plan before anything is sent: it withholds some of the calls, or blocks the whole plan.
 * @returns the members of the plan that change
 * @throws NotSendable when the plan cannot be checked, e.g. without a usable credential
 */
type PlanCheck = (plan: Plan, run: Run) => Partial<Plan> | Promise<Partial<Plan>>;

/** Blocks an operation that writes if no node leads to this one: that is how n8n's Assistant and agents run it, with any parameters. */
const blockWritesAlone: PlanCheck = (_, { execution, operation, options }) => {
	const isWriting = operation.effect !== 'read' && !options.dryRun;
	return isWriting && execution.runsAlone ? { blocked: notSent('RUNS_ALONE') } : {};
};

/** Blocks a plan that the credential's 'Allowed Actions' do not allow. If they allow some of its calls, the others are withheld. */
const enforceAllowedActions: PlanCheck = async ({ calls, withheld }, { ports, operation, options }) => {
	const connection = await ports.credential.connection().catch(failureOrRethrow);
	// Without a usable credential the 'Allowed Actions' are not known, and each request fails for that reason anyway.
	if ('outcome' in connection) {
		return {};
	}
	const refusalByCall = new Map<Call, Failure>();
	const { includeSecrets = false } = options;
	// Calls that bring full sets differ only in customer and devices, which no permission depends on: the first call stands for all.
	const checkedCalls = bringsFullSets(operation) ? calls.slice(0, 1) : calls;
	for (const call of checkedCalls) {
		const whyRefused = whyNotAllowed(connection.allowedActions, requestOf(call, operation), includeSecrets);
		if (whyRefused !== undefined) {
			refusalByCall.set(call, whyRefused);
		}
	}
	const [firstRefusal] = refusalByCall.values();
	if (firstRefusal === undefined || refusalByCall.size === checkedCalls.length) {
		return { blocked: firstRefusal };
	}
	// Only orders are allowed one by one: 'Allowed Actions' may allow orders for test items.
	const refusedOrders = Array.from(refusalByCall, ([{ parameters, itemIndexes }, refusal]): Withheld => {
		const findings = itemIndexes.map((itemIndex) => ({
			itemIndex,
			field: 'Item ID',
			...because('liveItem'),
		}));
		return { parameters, itemIndexes, findings, refusal };
	});
	return {
		calls: calls.filter((call) => !refusalByCall.has(call)),
		withheld: [...withheld, ...refusedOrders],
	};
};

/**
 * Looks up which calls earlier attempts of the run have settled. A settled call is not sent again: a non-idempotent call never, even if its
 * items have changed, and an idempotent call only if its parameters have changed.
 */
const findSettledEarlier: PlanCheck = (plan, { memory, operation, options }) => {
	const { effect } = operation;
	// Reads may be repeated, so they need no ledger. An audit has one: its findings are error items, so n8n retries an audit that has found
	// something, and with the ledger the retry does not read the long lists again.
	const isRepeatableRead = effect === 'read' && !isAudit(operation);
	if (options.dryRun || isRepeatableRead) {
		return {};
	}
	const ledger = memory.openLedger(effect !== 'once');
	if (ledger.isFirstAttempt) {
		return { ledger };
	}
	const plannedIds = new Set(plan.calls.map(({ customer }) => customer?.id));
	const calls = [...plan.calls];
	const withheld = plan.withheld.flatMap((withheldRows): Withheld[] => {
		const settledCall = ledger.findUnrepeatable(withheldRows);
		if (settledCall !== undefined) {
			calls.push(settledCall.call);
			return [];
		}
		// If the customer is sent without its invalid rows, an earlier attempt did not send these rows either.
		const isOfSentCustomer = withheldRows.customerId !== undefined && plannedIds.has(withheldRows.customerId);
		return [{ ...withheldRows, mayBeStored: !isOfSentCustomer && ledger.mayBeApplied(withheldRows) }];
	});
	if (calls.length > plan.calls.length) {
		calls.sort(({ itemIndexes: [first = 0] }, { itemIndexes: [second = 0] }) => first - second);
	}
	const settledCalls = calls.map((call) => ledger.findSettled(call, requestOf(call, operation)));
	return {
		calls: calls.map((call, index) => settledCalls[index]?.call ?? call),
		withheld,
		earlierFates: settledCalls.map((entry) => entry && { kind: 'earlierAttempt', outcome: entry.outcome }),
		ledger,
	};
};

/** Blocks a plan with invalid rows if the node stops at the first failure. So the run stops before anything is sent. */
const blockInvalidRows: PlanCheck = (plan, run) => {
	if (run.options.dryRun || !stopsForInvalidRows(plan, run)) {
		return {};
	}
	const findings = plan.withheld.flatMap((withheld) => withheld.findings);
	const [refusal] = plan.withheld.flatMap((withheldRows) => withheldRows.refusal ?? []);
	return { blocked: failureOfWithheld({ findings, refusal }) };
};

/** Blocks operations on customers under 'Execute Once': n8n then hands the node the first item only, and so a part of a customer's full set. */
const blockExecuteOnce: PlanCheck = (_, { execution, operation }) => {
	const { itemCountBeforeExecuteOnce: arrivedRows = 0 } = execution;
	if (operation.customers === undefined || arrivedRows <= 1) {
		return {};
	}
	return { calls: [], withheld: [], blocked: notSent('EXECUTE_ONCE', { rows: arrivedRows }) };
};

/** Blocks a Sync whose rows n8n's Retry took from a failed execution: other runs may have pushed newer rows since. */
const blockOldRows: PlanCheck = (_, run) => {
	return isSendingSync(run) && run.memory.hasRowsOfFailedExecution ? { blocked: notSent('OLD_ROWS') } : {};
};

/** Whether a run is a Sync that sends. */
function isSendingSync({ operation, options }: Run): boolean {
	return isSync(operation) && !options.dryRun;
}

/**
 * Blocks a further run in an execution that remembers nothing of the earlier runs. The earlier runs may have had other rows of the same
 * customers, and this push would replace those rows. A run is not blocked if the user says that each run has all rows of its customers.
 */
const blockAfterLostRuns: PlanCheck = (_, { operation, options, memory }) => {
	const mayReplaceSets = bringsFullSets(operation) && !mayRunsRepeatCustomers(options);
	if (mayReplaceSets && memory.hasLostEarlierRuns) {
		return { blocked: notSent('EARLIER_RUNS_UNKNOWN', wholeSourceFacts(operation)) };
	}
	return {};
};

/** Whether the user lets several runs of one execution push the same customer: each of these runs then has all rows of its customers. */
function mayRunsRepeatCustomers({ rowHandling }: Run['options']): boolean {
	return rowHandling?.repeatedCustomers === 'allow';
}

/** Says, for a message, which rows every run must have: a Sync needs the rows of all customers, a Push all devices of its customers. */
function wholeSourceFacts(operation: Run['operation']) {
	return {
		whole: isSync(operation) ? REASONS.wholeSource.customers() : REASONS.wholeSource.devices(),
	};
}

/**
 * Blocks a Sync that has other customers than an earlier Sync of the same node in the same execution. In a loop, or if two branches lead to
 * the node, each run has only a part of the customers, and would count the customers of the other parts as gone.
 */
const blockOtherCustomers: PlanCheck = async ({ calls, withheld }, run) => {
	if (!isSendingSync(run) || mayRunsRepeatCustomers(run.options)) {
		return {};
	}
	const plannedIds = calls.map(({ customer }) => customer?.id);
	const hasOtherCustomers = await run.memory.syncedOtherCustomers([
		...plannedIds,
		...withheld.map(({ customerId }) => customerId),
	]);
	return hasOtherCustomers ? { blocked: notSent('OTHER_SET_EARLIER', wholeSourceFacts(run.operation)) } : {};
};

/**
 * Withholds a customer for whom an earlier run of the same execution pushed other devices. In a loop, or if two branches lead to the node,
 * each run has only a part of the rows, and this push would replace what the earlier run brought. The same devices may be pushed again.
 */
const withholdOtherSets: PlanCheck = async (
	{ calls, withheld, customersToRemember },
	{ memory, operation, options },
) => {
	if (!bringsFullSets(operation)) {
		return {};
	}
	const pushedSets = await memory.openPushedSets(options.dryRun);
	const remainingCalls: Call[] = [];
	const conflictingRows: Withheld[] = [];
	const refusal = notSent('OTHER_SET_EARLIER', wholeSourceFacts(operation));
	for await (const batch of inBatches(calls)) {
		for (const call of batch) {
			const { id: customerId = '' } = call.customer ?? {};
			// For a customer whose rows the process remembers, the digests are remembered, too, so the devices need not be made of the rows.
			const rememberedIndex =
				customersToRemember?.rememberedIndexes[remainingCalls.length + conflictingRows.length];
			const fullSetDigests =
				customersToRemember?.remembered?.fullSetDigestsAt(rememberedIndex) ??
				pushedSets.fullSetDigestsOf(customerId, deviceIdsOf(call));
			const conflict = pushedSets.addFullSet(fullSetDigests, mayRunsRepeatCustomers(options));
			if (conflict === undefined) {
				remainingCalls.push(call);
				continue;
			}
			const { itemIndexes } = call;
			const [itemIndex = 0] = itemIndexes;
			const whyWithheld = because(conflict === 'withheld' ? 'unusableEarlier' : 'otherEarlier', {
				customer: ofRows(customerId),
			});
			const findings = [{ itemIndex, field: 'CustomerId', ...whyWithheld }];
			conflictingRows.push({
				parameters: { CustomerId: customerId },
				itemIndexes,
				customerId,
				findings,
				refusal,
			});
		}
	}
	// A later run of the execution must not push the customers that this run withholds: it may have only the other rows of these customers.
	if (options.rowHandling?.invalidRows !== 'sendValid') {
		for (const { customerId } of withheld) {
			if (customerId !== undefined) {
				pushedSets.addFullSet(pushedSets.fullSetDigestsOf(customerId, undefined), true);
			}
		}
	}
	if (customersToRemember === undefined || conflictingRows.length > 0) {
		return {
			calls: remainingCalls,
			withheld: [...withheld, ...conflictingRows],
			customersToRemember: undefined,
		};
	}
	return { customersToRemember: { ...customersToRemember, fullSetDigests: pushedSets.now } };
};

function deviceIdsOf({ customer }: Call): string[] {
	return customer?.devices.map(({ DeviceId }) => DeviceId) ?? [];
}

/** The checks in their order. What an earlier attempt has settled must be known before invalid rows end the run. */
export const PLAN_CHECKS = {
	blockWritesAlone,
	enforceAllowedActions,
	blockExecuteOnce,
	blockOldRows,
	blockAfterLostRuns,
	blockOtherCustomers,
	withholdOtherSets,
	findSettledEarlier,
	blockInvalidRows,
};
