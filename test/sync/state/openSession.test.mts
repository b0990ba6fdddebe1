import { describe, expect, test } from '@jest/globals';
import type { DeviceInfo } from '../../../nodes/TencentCloudIot/service/devices';
import { rememberedByNodeKey } from '../../../nodes/TencentCloudIot/sync/state/rememberedCustomers';
import type { SyncSession } from '../../../nodes/TencentCloudIot/sync/session';
import { openSession } from '../../../nodes/TencentCloudIot/sync/state/openSession';
import { FakeClock } from '../../support/fakeClock.mts';
import { failureWith } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { MemoryTable } from './memoryTable.mts';
import { ACCOUNT, TIMEOUT_MS, until } from './syncRuns.mts';

type Planned = Parameters<typeof openSession>[1];

const device = (id: string): DeviceInfo => ({
	DeviceId: `P/${id}`,
	CustomerDeviceNo: id,
	ProductName: 'Lock',
});
const callOf = (id: string, deviceId = id) => ({ customer: { id, devices: [device(deviceId)] } });

let scenes = 0;

/** A Sync node whose runs all begin in this process. */
class Scene {
	readonly clock = new FakeClock();
	readonly table = new MemoryTable();
	readonly nodeKey: string;
	account = ACCOUNT;

	constructor() {
		scenes++;
		this.nodeKey = `opened ${scenes}`;
	}

	async open(planned: Partial<Planned>, dryRun = false) {
		const { calls = [], withheld = [], ...more } = planned;
		const opening = openSession(
			this.table,
			{ calls, withheld, earlierFates: calls.map(() => undefined), ...more },
			{
				nodeKey: this.nodeKey,
				account: this.account,
				checks: { stopAbovePercent: 100, stopWhenDevicesDropPercent: 50, approvedPlan: '' },
				longestRunMinutes: 0,
				pushAgainAfterDays: 0,
				sendAll: false,
				dryRun,
				isManual: false,
				timeoutMs: TIMEOUT_MS,
				clock: this.clock,
				rowsReceivedMs: this.clock.nowMs(),
				signal: undefined,
				onNotKept: () => undefined,
			},
		);
		return await until(this.clock, opening);
	}

	/** Ends a session in which every customer that was sent got the same response. */
	async finish(
		session: SyncSession,
		{ calls = [], withheld = [] }: Partial<Planned>,
		outcome = OK,
		blocked = session.blocked,
	): Promise<void> {
		const ends = calls.map((call, index) => ({
			call,
			fate: session.sendOrder.includes(index) ? answered(outcome) : ({ kind: 'unchanged' } as const),
			verdict: session.verdicts[index],
		}));
		const runEnd = { calls: ends, withheld, blocked, endedEarly: undefined, sync: session.facts };
		await until(this.clock, session.finish(runEnd));
	}

	/** A whole run, in which every customer that is sent gets the same response. */
	async runSession(planned: Partial<Planned>, outcome = OK): Promise<SyncSession> {
		const session = await this.open(planned);
		for (const index of session.sendOrder) {
			expect(await until(this.clock, session.whyBlocked(index))).toBeUndefined();
			session.addFate(index, answered(outcome));
		}
		await this.finish(session, planned, outcome);
		return session;
	}

	/** A whole run, in which every customer that is sent is accepted. @returns the customers that were sent */
	async run(planned: Partial<Planned>): Promise<string[]> {
		const session = await this.runSession(planned);
		return session.sendOrder.map((index) => planned.calls?.[index]?.customer?.id ?? '').toSorted();
	}
}

describe('A session', () => {
	test('sends the customers that are new or changed', async () => {
		const scene = new Scene();
		expect(await scene.run({ calls: [callOf('a'), callOf('b')] })).toEqual(['a', 'b']);
		expect(await scene.run({ calls: [callOf('a'), callOf('b')] })).toEqual([]);
		expect(await scene.run({ calls: [callOf('a'), callOf('b', 'other')] })).toEqual(['b']);
	});

	test('does not send what an earlier attempt of the execution has settled', async () => {
		const scene = new Scene();
		const calls = [callOf('a'), callOf('b'), callOf('c')];
		const { sendOrder } = await scene.open({ calls, earlierFates: [undefined, answered(OK), undefined] });
		expect(sendOrder.toSorted()).toEqual([0, 2]);
	});

	test('reports the number of the state that the next run finds, also if another account accepted nothing', async () => {
		const scene = new Scene();
		const calls = [callOf('a')];
		const { facts: first } = await scene.runSession({ calls });
		scene.account = { ...ACCOUNT, appKey: 'mistyped' };
		const { facts: refused } = await scene.runSession({ calls }, failureWith({ outcome: 'REFUSED' }));
		scene.account = ACCOUNT;
		const { facts: later } = await scene.runSession({ calls: [callOf('a', 'other')] });
		expect([refused.stateNumber, later.stateNumber]).toEqual([
			first.stateNumberAfter,
			refused.stateNumberAfter,
		]);
		expect([first.stateNumber, later.stateNumberAfter]).toEqual([
			first.stateNumberAfter! - 1,
			first.stateNumberAfter! + 1,
		]);
	});

	test('reports no number of the state if it is not certain which state the next run finds', async () => {
		const scene = new Scene();
		const calls = [callOf('a')];
		const session = await scene.open({ calls });
		scene.table.disturb = (statement) => (statement === 'changeLockRow' ? 'rejected' : undefined);
		await scene.finish(session, { calls });
		expect([session.facts.notKept?.kind, session.facts.stateNumberAfter]).toEqual(['unknown', undefined]);
	});

	test('knows which customers are withheld, partly withheld or left out', async () => {
		const scene = new Scene();
		await scene.run({ calls: ['a', 'b', 'c', 'd'].map((id) => callOf(id)) });
		const withheld = [{ customerId: 'b' }, { customerId: 'b' }, { customerId: 'a' }, {}];
		const { facts } = await scene.open({
			calls: [callOf('a')],
			withheld,
			leftOut: new Map([['c', undefined]]),
		});
		// Only d is in no row. Tencent keeps the devices of c.
		expect([facts.gone, [...facts.idsWithoutDevices]]).toEqual([1, ['c']]);
	});

	test('hands the products of all rows to the safety checks', async () => {
		const scene = new Scene();
		const ofProduct = (name: string) => ({
			calls: [callOf('a')],
			countNamedDevices: async () =>
				await Promise.resolve({ deviceCount: 100, deviceCountByProduct: new Map([[name, 100]]) }),
		});
		await scene.run(ofProduct('Lock'));
		expect((await scene.open(ofProduct('Lock'), true)).blocked).toBeUndefined();
		expect((await scene.open(ofProduct('Gateway'), true)).blocked?.code).toBe('TOO_FEW_DEVICES');
	});

	test('does not read the devices of a customer whose rows have not changed since the last run', async () => {
		const scene = new Scene();
		const calls = [callOf('a'), callOf('b')];
		const rowsByCustomer = new Map([
			['a', { rowsDigest: 'digest of a' }],
			['b', { rowsDigest: 'digest of b' }],
		]);
		const fullSetDigests = ['set of a', 'set of b'];
		const firstCustomers = {
			remembered: undefined,
			rememberedIndexes: [undefined, undefined],
			rowsByCustomer,
			fullSetDigests,
		};
		await scene.run({ calls, customersToRemember: firstCustomers });
		const remembered = rememberedByNodeKey.get(scene.nodeKey);
		const unread = (id: string) => ({
			customer: {
				id,
				get devices(): never {
					throw new Error(`The devices of ${id} were read`);
				},
			},
		});
		const customersToRemember = { remembered, rememberedIndexes: [0, 1], rowsByCustomer, fullSetDigests };
		expect(await scene.run({ calls: [unread('a'), unread('b')], customersToRemember })).toEqual([]);
		expect(rememberedByNodeKey.get(scene.nodeKey)).toBe(remembered);
		const changed = { ...customersToRemember, rememberedIndexes: [0, undefined] };
		expect(
			await scene.run({ calls: [unread('a'), callOf('b', 'other')], customersToRemember: changed }),
		).toEqual(['b']);
		expect(rememberedByNodeKey.get(scene.nodeKey)).not.toBe(remembered);
	});
});

describe('After a run that could not read the state', () => {
	const planned = { calls: [callOf('a')] };
	const stop = { code: 'TOO_MANY_CHANGES', minute: 1 };
	const storedReport = { health: 'degraded', stop: '', minute: 1, gone: 2, neverPushed: 1, check: stop };

	/** Stores a report, as another process may do between two runs of this one. */
	function store(scene: Scene, report: object): void {
		scene.table.edit({ last: JSON.stringify({ ...scene.table.last, reported: report }) });
	}

	/** A run that cannot read the state, and reports that. */
	async function failToRead(scene: Scene): Promise<void> {
		await scene.clock.advance(600_000);
		scene.table.disturb = (statement) => (statement === 'read' ? 'rejected' : undefined);
		const session = await scene.open(planned);
		expect(session.blocked?.code).toBe('STATE_NOT_USABLE');
		await scene.finish(session, planned);
		scene.table.disturb = () => undefined;
	}

	test.each([1, 2])('nothing that the state has for later reports is lost (%i such runs)', async (runs) => {
		const scene = new Scene();
		await scene.run(planned);
		store(scene, storedReport);
		for (let run = 0; run < runs; run++) {
			await failToRead(scene);
		}
		const { facts } = await scene.open(planned);
		const reportedMinute = expect.any(Number) as unknown;
		expect(facts.lastReport).toMatchObject({
			...storedReport,
			health: 'failing',
			stop: 'STATE_NOT_USABLE',
			minute: reportedMinute,
		});
		expect(facts.gone).toBe(2);
	});

	test('a report that another process has stored since counts', async () => {
		const scene = new Scene();
		await scene.run(planned);
		await failToRead(scene);
		const minute = Math.floor(scene.clock.nowMs() / 60_000) + 1;
		store(scene, { ...storedReport, minute });
		await scene.clock.advance(600_000);
		const { facts } = await scene.open(planned);
		expect(facts.lastReport).toMatchObject({ ...storedReport, minute });
	});
});

test.each([
	['a safety check stops it', false, 'TOO_FEW_DEVICES'],
	['it is a Dry Run', true, 'DRY_RUN'],
])(
	'A stopped run that throws counts as not reported, and a later one reports it: %s',
	async (_, dryRun, stop) => {
		const scene = new Scene();
		const planned = (name: string, calls: Planned['calls']) => ({
			calls,
			countNamedDevices: async () =>
				await Promise.resolve({ deviceCount: 100, deviceCountByProduct: new Map([[name, 100]]) }),
		});
		await scene.run(planned('Lock', [callOf('a'), callOf('b')]));
		const { reported } = scene.table.last;
		const stopped = planned(dryRun ? 'Lock' : 'Gateway', [callOf('a')]);
		const thrown = await scene.open(stopped, dryRun);
		await until(scene.clock, thrown.finish(undefined));
		expect(scene.table.last['reported']).toEqual(reported);
		const reporting = await scene.open(stopped, dryRun);
		const blocked = dryRun ? failureWith({ code: stop, scope: 'run' }) : reporting.blocked;
		await scene.finish(reporting, stopped, OK, blocked);
		expect(scene.table.last['reported']).toMatchObject({ health: 'failing', stop, gone: 0 });
	},
);

describe('In one process', () => {
	const planned = { calls: [callOf('a')] };

	test('a run does not begin while another run of its node is active, but a Dry Run does', async () => {
		const scene = new Scene();
		const first = await scene.open(planned);
		expect((await scene.open(planned)).blocked?.code).toBe('ALREADY_RUNNING');
		expect((await scene.open(planned, true)).blocked?.code).not.toBe('ALREADY_RUNNING');
		await scene.finish(first, planned);
		expect((await scene.open(planned)).blocked).toBeUndefined();
	});

	test('a run that failed to begin does not block the next one', async () => {
		const scene = new Scene();
		const failing = () => {
			throw new Error('rows that cannot be counted');
		};
		await expect(scene.open({ ...planned, countNamedDevices: failing })).rejects.toThrow(
			'rows that cannot be counted',
		);
		expect((await scene.open(planned)).blocked).toBeUndefined();
	});
});
