import { describe, expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { createProcessedData, dataTablesBeside } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { checkingOutput } from '../support/outputCheck.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { NodeProcess, TimelineClock } from '../timelines/outsideJest.mts';
import { runOperation } from './operationRun.mts';
import { push, row } from './pushRun.mts';

/** How long the service takes for a request, so that a run of a minute has several beats. Milliseconds. */
const REQUEST_MS = 500;

/** Longer than a row has to stand still until its owner counts as dead. */
const DEAD_MS = 120_000;

const customers = (count: number) => Array.from({ length: count }, (_, index) => row(`c${index}`, index));

/** A Sync whose requests take time, and whose process may die at one of them. */
async function slowSync() {
	const clock = new TimelineClock();
	let toDieAt = Infinity;
	let arrived = 0;
	const refused = new Set<string>();
	let process = new NodeProcess(testedBuild, clock);
	let tellDeath = () => {};
	const simulator = await runSimulator({
		clock: clock.ofService,
		faults: ({ CustomerId = '' }) => {
			arrived++;
			if (arrived === toDieAt) {
				process.isDead = true;
				tellDeath();
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
		toDieAt = arrived + diesAt;
		const before = simulator.requests.length;
		const death = new Promise<undefined>((resolve) => {
			tellDeath = () => resolve(undefined);
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
	/** The receipts in the log, by their customers. */
	const receipts = () => {
		const [log] = tables.list('tencent_iot_log');
		const rows = log === undefined ? [] : tables.rowsOf(log.name);
		const ofCustomers = rows.filter(({ customer }) => /^c\d+$/.test(String(customer)));
		return ofCustomers.map(({ customer, receipt }) => {
			const { o, r } = JSON.parse(String(receipt)) as { o: string; r: string };
			return { customer: String(customer), outcome: o, requestId: r };
		});
	};
	/** What *Get Receipts* says of a customer. */
	const ask = async (customerId: string) => {
		const parameters = { customerId };
		const asked = { operation: 'sync.getReceipts', parameters, processedData, mode: 'trigger' } as const;
		const { success } = await runOperation(simulator, { ...asked, isOverlapping: true });
		return success[0]?.json ?? {};
	};
	const refuse = (customerId: string) => refused.add(customerId);
	return { sync, receipts, ask, refuse, tables, simulator, clock };
}

describe('A run that is killed while it sends', () => {
	test.each([1, 15, 40, 77, 100])(
		'at its request %i loses no receipt: whoever has none is sent again by the next run',
		async (diesAt) => {
			const { sync, receipts, simulator } = await slowSync();
			const rows = customers(100);
			const killed = await sync(rows, { diesAt });
			expect(killed.sent).toHaveLength(diesAt);
			const standing = receipts();
			const next = await sync(rows);
			const withReceipt = new Set(standing.map(({ customer }) => customer));
			const withoutReceipt = rows.map(({ CustomerId }) => String(CustomerId));
			const toSend = withoutReceipt.filter((id) => !withReceipt.has(id));
			expect(next.sent).toEqual(expect.arrayContaining(toSend));
			expect(new Set(receipts().map(({ customer }) => customer)).size).toBe(100);
			// What stands there was answered so.
			const answered = new Map(
				simulator.requests.map(({ RequestId, CustomerId }) => [RequestId, CustomerId]),
			);
			for (const { customer, outcome, requestId } of receipts()) {
				expect([outcome, answered.get(requestId)]).toEqual(['OK', customer]);
			}
		},
	);

	test('leaves to be sent again what three beats may send, not everybody', async () => {
		const { sync, receipts } = await slowSync();
		const rows = customers(100);
		await sync(rows, { diesAt: 90 });
		// 16 requests in 8 seconds.
		expect(receipts().length).toBeGreaterThanOrEqual(90 - 3 * 16);
		const { sent } = await sync(rows);
		expect(sent.length).toBeLessThanOrEqual(10 + 4 * 16);
	});
});

test('Of a customer whose run was killed nothing is said that is not known: then, after a stop, and for good once it has left the rows', async () => {
	const { sync, ask } = await slowSync();
	const rows = customers(30);
	await sync(rows);
	await sync([...rows, row('new', 'P/new')], { diesAt: 1 });
	expect(await ask('new')).toMatchObject({
		Known: 'beforeLog',
		Text: expect.stringContaining("A run of Sync 'Workflow' is under way or was killed"),
	});
	const { report } = await sync(rows.slice(15));
	expect(report).toMatchObject({ Health: 'failing' });
	const missing = { Known: 'beforeLog', Text: expect.stringContaining('The log lacks 1 receipt') };
	expect(await ask('new')).toMatchObject(missing);
	await sync(rows);
	expect(await ask('new')).toMatchObject(missing);
	await sync([...rows, row('another', 'P/another')]);
	expect(await ask('new')).toMatchObject(missing);
	expect(await ask('another')).toMatchObject({
		Known: 'accepted',
		Text: expect.not.stringContaining('lacks'),
	});
});

test('A customer that a killed run has sent, and that is refused since, is not said to have had no request', async () => {
	const { sync, ask, refuse } = await slowSync();
	await sync(customers(3));
	const rows = [...customers(3), row('new', 'P/new')];
	await sync(rows, { diesAt: 1 });
	refuse('new');
	await sync(rows);
	expect(await ask('new')).toMatchObject({
		Known: 'beforeLog',
		Text: expect.stringMatching(/were not accepted.*The log lacks 1 receipt/s),
	});
});

test('A customer that a killed run has sent, and the next one sends again, has its receipt, and none is missing', async () => {
	const { sync, ask } = await slowSync();
	const rows = [...customers(3), row('new', 'P/new')];
	await sync(customers(3));
	await sync(rows, { diesAt: 1 });
	await sync(rows);
	expect(await ask('new')).toMatchObject({ Known: 'accepted', Text: expect.not.stringContaining('lacks') });
	expect(await ask('nobody')).toMatchObject({ Known: 'neverSent' });
});

test('The run counts the receipts of all its beats, and each customer stands there once', async () => {
	const { sync, receipts } = await slowSync();
	const { report } = await sync(customers(60));
	expect(report).toMatchObject({ Receipts: 60, ReceiptsMissing: 0 });
	expect(receipts()).toHaveLength(60);
	expect((await sync(customers(60))).report).toMatchObject({ Receipts: 0 });
});

test('Where the log cannot be written the run goes on, the state keeps up, and what is missing is counted', async () => {
	const { sync, receipts, tables } = await slowSync();
	// A table of somebody else, with other columns.
	const month = new Date(Date.UTC(2026, 0, 5)).toISOString().slice(0, 7).replace('-', '_');
	tables.create(`tencent_iot_log_${month}`, [{ name: 'mine', type: 'string' }]);
	const rows = customers(100);
	expect((await sync(rows, { diesAt: 90 })).sent).toHaveLength(90);
	expect((await sync(rows)).sent.length).toBeLessThan(100);
	const { report } = await sync([...rows, row('more', 'P/more')]);
	expect(report).toMatchObject({ Receipts: 0, ReceiptsMissing: 1, Health: 'ok' });
	expect(receipts()).toEqual([]);
});

test('A message says once that somebody has deleted the log, and its earlier receipts with it', async () => {
	const { sync, tables } = await slowSync();
	// Nobody confirms the news, so the next message has that of the run before, too.
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

test('An attempt of Retry On Fail leaves no receipt anew of what an earlier attempt has pushed', async () => {
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
