import { describe, expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { createProcessedData, dataTablesBeside } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { checkingOutput } from '../support/outputCheck.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { NodeProcess, TimelineClock } from '../timelines/outsideJest.mts';
import { runOperation } from './operationRun.mts';
import { push, row } from './pushRun.mts';

/** How long the service takes for a request, so that a run of a minute has several heartbeats. Milliseconds. */
const REQUEST_MS = 500;

/** After this time without a change of the lock row, its owner counts as dead. Milliseconds. */
const DEAD_MS = 120_000;

const customers = (count: number) => Array.from({ length: count }, (_, index) => row(`c${index}`, index));

/** A Sync whose requests take time, and whose process may die at one of them. */
async function slowSync() {
	const clock = new TimelineClock();
	let requestOfDeath = Infinity;
	let arrived = 0;
	const refused = new Set<string>();
	let process = new NodeProcess(testedBuild, clock);
	let reportDeath = () => {};
	const simulator = await runSimulator({
		clock: clock.ofService,
		faults: ({ CustomerId = '' }) => {
			arrived++;
			if (arrived === requestOfDeath) {
				process.isDead = true;
				reportDeath();
			}
			if (refused.has(CustomerId)) {
				return { kind: 'error', Code: 'InvalidParameterValue', Message: 'no' };
			}
			return { kind: 'late', until: clock.advance(REQUEST_MS) };
		},
	});
	const processedData = createProcessedData();
	const tables = dataTablesBeside(processedData);
	const sync = async (rows: IDataObject[], { diesAt = Infinity } = {}) => {
		requestOfDeath = arrived + diesAt;
		const before = simulator.requests.length;
		const death = new Promise<undefined>((resolve) => {
			reportDeath = () => resolve(undefined);
		});
		const run = push(rows, simulator, {
			operation: 'sync',
			options: { concurrency: 1, outputItemPer: 'run', pushAgainAfter: 0 },
			processedData,
			mode: 'trigger',
			isOverlapping: true,
			nodeType: checkingOutput(process.nodeType),
			credentialType: process.credentialType,
		});
		const result = await Promise.race([run, death]);
		if (result === undefined) {
			process = new NodeProcess(testedBuild, clock);
			await clock.advance(DEAD_MS);
		}
		return {
			report: result?.success[0]?.json,
			sent: simulator.requests.slice(before).map(({ CustomerId }) => String(CustomerId)),
		};
	};
	/** The receipts in the log, with their customers. */
	const receipts = () => {
		const [log] = tables.list('tencent_iot_log');
		const rows = log === undefined ? [] : tables.rowsOf(log.name);
		const ofCustomers = rows.filter(({ customer }) => /^c\d+$/.test(String(customer)));
		return ofCustomers.map(({ customer, receipt }) => {
			const { o, r } = JSON.parse(String(receipt)) as { o: string; r: string };
			return { customer: String(customer), outcome: o, requestId: r };
		});
	};
	/** The item of *Get Receipts* for a customer. */
	const getReceipts = async (customerId: string) => {
		const parameters = { customerId };
		const run = { operation: 'sync.getReceipts', parameters, processedData, mode: 'trigger' } as const;
		const { success } = await runOperation(simulator, { ...run, isOverlapping: true });
		return success[0]?.json ?? {};
	};
	const refuse = (customerId: string) => refused.add(customerId);
	return { sync, receipts, getReceipts, refuse, tables, simulator, clock };
}

describe('A run that is killed while it sends', () => {
	test.each([1, 15, 40, 77, 100])(
		'at its request %i loses no receipt: the next run resends each customer without one',
		async (diesAt) => {
			const { sync, receipts, simulator } = await slowSync();
			const rows = customers(100);
			const killed = await sync(rows, { diesAt });
			expect(killed.sent).toHaveLength(diesAt);
			const receiptsOfKilled = receipts();
			const next = await sync(rows);
			const withReceipt = new Set(receiptsOfKilled.map(({ customer }) => customer));
			const ids = rows.map(({ CustomerId }) => String(CustomerId));
			const toSend = ids.filter((id) => !withReceipt.has(id));
			expect(next.sent).toEqual(expect.arrayContaining(toSend));
			expect(new Set(receipts().map(({ customer }) => customer)).size).toBe(100);
			// Each receipt has the RequestId of a request for its customer.
			const customerOfRequest = new Map(
				simulator.requests.map(({ RequestId, CustomerId }) => [RequestId, CustomerId]),
			);
			for (const { customer, outcome, requestId } of receipts()) {
				expect([outcome, customerOfRequest.get(requestId)]).toEqual(['OK', customer]);
			}
		},
	);

	test('leaves only the customers of three heartbeats to be resent, not all', async () => {
		const { sync, receipts } = await slowSync();
		const rows = customers(100);
		await sync(rows, { diesAt: 90 });
		// 16 requests in 8 seconds.
		expect(receipts().length).toBeGreaterThanOrEqual(90 - 3 * 16);
		const { sent } = await sync(rows);
		expect(sent.length).toBeLessThanOrEqual(10 + 4 * 16);
	});
});

test('Get Receipts claims nothing about a customer of a killed run: not at once, not after a stop, and not after it left the rows', async () => {
	const { sync, getReceipts } = await slowSync();
	const rows = customers(30);
	await sync(rows);
	await sync([...rows, row('new', 'P/new')], { diesAt: 1 });
	expect(await getReceipts('new')).toMatchObject({
		Known: 'beforeLog',
		Text: expect.stringContaining("A run of Sync 'Workflow' is under way or was killed"),
	});
	const { report } = await sync(rows.slice(15));
	expect(report).toMatchObject({ Health: 'failing' });
	const missing = { Known: 'beforeLog', Text: expect.stringContaining('The log lacks 1 receipt') };
	expect(await getReceipts('new')).toMatchObject(missing);
	await sync(rows);
	expect(await getReceipts('new')).toMatchObject(missing);
	await sync([...rows, row('another', 'P/another')]);
	expect(await getReceipts('new')).toMatchObject(missing);
	expect(await getReceipts('another')).toMatchObject({
		Known: 'accepted',
		Text: expect.not.stringContaining('lacks'),
	});
});

test('Get Receipts does not say "no request" of a customer that a killed run sent and that was refused since', async () => {
	const { sync, getReceipts, refuse } = await slowSync();
	await sync(customers(3));
	const rows = [...customers(3), row('new', 'P/new')];
	await sync(rows, { diesAt: 1 });
	refuse('new');
	await sync(rows);
	expect(await getReceipts('new')).toMatchObject({
		Known: 'beforeLog',
		Text: expect.stringMatching(/were not accepted.*The log lacks 1 receipt/s),
	});
});

test('A customer that a killed run sent and the next run resent has its receipt, and none is missing', async () => {
	const { sync, getReceipts } = await slowSync();
	const rows = [...customers(3), row('new', 'P/new')];
	await sync(customers(3));
	await sync(rows, { diesAt: 1 });
	await sync(rows);
	expect(await getReceipts('new')).toMatchObject({
		Known: 'accepted',
		Text: expect.not.stringContaining('lacks'),
	});
	expect(await getReceipts('nobody')).toMatchObject({ Known: 'neverSent' });
});

test('The report counts the receipts of all heartbeats, and each customer has one', async () => {
	const { sync, receipts } = await slowSync();
	const { report } = await sync(customers(60));
	expect(report).toMatchObject({ Receipts: 60, ReceiptsMissing: 0 });
	expect(receipts()).toHaveLength(60);
	expect((await sync(customers(60))).report).toMatchObject({ Receipts: 0 });
});

test('When the log cannot be written, the run continues, the state is kept, and missing receipts are counted', async () => {
	const { sync, receipts, tables } = await slowSync();
	// A table of another owner, with other columns.
	const month = new Date(Date.UTC(2026, 0, 5)).toISOString().slice(0, 7).replace('-', '_');
	tables.create(`tencent_iot_log_${month}`, [{ name: 'mine', type: 'string' }]);
	const rows = customers(100);
	expect((await sync(rows, { diesAt: 90 })).sent).toHaveLength(90);
	expect((await sync(rows)).sent.length).toBeLessThan(100);
	const { report } = await sync([...rows, row('more', 'P/more')]);
	expect(report).toMatchObject({ Receipts: 0, ReceiptsMissing: 1, Health: 'ok' });
	expect(receipts()).toEqual([]);
});

test('A message says once that somebody deleted the log with its earlier receipts', async () => {
	const { sync, tables } = await slowSync();
	// The third message has it only because nobody confirmed the second.
	const countIn = ({ report }: Awaited<ReturnType<typeof sync>>) => {
		return String(report?.Message).split('Earlier receipts are gone').length - 1;
	};
	const reports = [await sync(customers(3))];
	const [log] = tables.list('tencent_iot_log');
	tables.drop(log!.id);
	reports.push(await sync([...customers(3), row('new', 'P/new')]));
	reports.push(await sync([...customers(3), row('newer', 'P/newer')]));
	expect(reports.map(countIn)).toEqual([0, 1, 1]);
});

test('Retry On Fail writes no second receipt for what an earlier attempt pushed', async () => {
	const refused = new Set(['c1']);
	const simulator = await runSimulator({
		faults: ({ CustomerId }) => {
			const isRefused = refused.delete(String(CustomerId));
			return isRefused ? { kind: 'error', Code: 'InvalidParameterValue', Message: 'm' } : undefined;
		},
	});
	const processedData = createProcessedData();
	const { failure } = await push(customers(3), simulator, {
		operation: 'sync',
		options: { concurrency: 1, pushAgainAfter: 0 },
		processedData,
		mode: 'trigger',
		onError: 'stopWorkflow',
		retryOnFail: { maxTries: 2, waitBetweenTries: 1 },
	});
	expect([failure, simulator.bindings.size]).toEqual([undefined, 3]);
	const tables = dataTablesBeside(processedData);
	const [log] = tables.list('tencent_iot_log');
	const written = tables.rowsOf(log!.name).filter(({ customer }) => /^c\d$/.test(String(customer)));
	const outcomes = written.map(({ customer, receipt }) => {
		const { o } = JSON.parse(String(receipt)) as { o: string };
		return `${String(customer)} ${o}`;
	});
	expect(outcomes.sort()).toEqual(['c0 OK', 'c1 OK', 'c1 REFUSED', 'c2 OK']);
});
