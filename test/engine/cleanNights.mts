import { expect, test } from '@jest/globals';
import type { IDataObject, IRun } from 'n8n-workflow';
import { dataTablesBeside, type ProcessedDataTable } from '../../embedded/embeddedEngine.mts';
import { statePart } from '../../nodes/TencentCloudIot/sync/state/content';
import { Dice, seedFor } from '../invariants/dice.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { NodeProcess } from '../timelines/outsideJest.mts';
import { row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

interface Night {
	rows: IDataObject[];
	/** The host in the credential's endpoint: with another host the same App Key is another account. */
	host: '127.0.0.1' | 'localhost';
	/** *Allowed Actions* of the credential: with `readsOnly`, the run is blocked before it sends anything. */
	allowedActions: 'everything' | 'readsOnly';
}

/** Nights of a shop: most are like the one before. In some a row has changed, cannot be read or is gone, the account is another one from then on, or the credential allows no push. */
function drawNights(seed: number): Night[] {
	const dice = new Dice(seedFor(seed, 'nights'));
	let rows = Array.from({ length: dice.integer(3, 30) }, (_, index) => row(`c${index >> 1}`, index));
	let host: Night['host'] = '127.0.0.1';
	const drawAllowed = () => (dice.happens(0.2) ? 'readsOnly' : 'everything');
	const nights: Night[] = [{ rows, host, allowedActions: drawAllowed() }];
	while (nights.length < 5) {
		if (dice.happens(0.4)) {
			rows = changed(dice, rows);
		}
		if (dice.happens(0.2)) {
			host = host === 'localhost' ? '127.0.0.1' : 'localhost';
		}
		nights.push({ rows: structuredClone(rows), host, allowedActions: drawAllowed() });
	}
	return nights;
}

function changed(dice: Dice, rows: readonly IDataObject[]): IDataObject[] {
	const at = dice.integer(0, rows.length - 1);
	const before = rows[at]!;
	return dice.pick<() => IDataObject[]>([
		() => rows.with(at, { ...before, CustomerDeviceNo: `${String(before['CustomerDeviceNo'])}x` }),
		() => rows.with(at, { ...before, DeviceId: 'mistyped' }),
		() => rows.with(at, { ...before, CustomerId: dice.pick(rows)['CustomerId'] ?? '' }),
		() => rows.with(at, { ...before, CustomerId: '' }),
		() => rows.with(at, { ...before, DeviceId: dice.pick(rows)['DeviceId'] ?? '' }),
		() => (rows.length > 1 ? rows.toSpliced(at, 1) : [...rows]),
		() => [...rows, row('new', 1000 + rows.length)],
	])();
}

/** What differs from one run of the same rows to the next: RequestIds, moments, and the random number of a state. */
const VARYING_VALUES =
	/[\da-f]{8}-[\da-f]{4}-[\da-f-]{22}|\d{4}-\d\d-\d\dT[\d:.]+|"\w*(?:StateId|Seconds|Ms)":(?:"[^"]*"|[\d.]+)/g;

/** The length of each text that the execution stores about a customer's set. The texts themselves differ between simulators. */
function setLengthsIn({ data }: IRun): unknown {
	const flowData: Record<string, { now?: string[] }> = data.executionData?.contextData['flow'] ?? {};
	return Object.values(flowData).flatMap(({ now = [] }) => now.map(({ length }) => length));
}

/** The counts that the safety checks of the next run start from, as the parts of the state have them. */
async function countsIn(processedData: ProcessedDataTable): Promise<unknown[]> {
	const parts = dataTablesBeside(processedData).rowsOf('tencent_iot_state');
	const pause = async () => await Promise.resolve();
	return await Promise.all(
		parts.map(async ({ content }) => {
			const { counts, normal } = (await statePart.read(String(content), pause)) ?? {};
			return { counts, normal };
		}),
	);
}

/** @param isNewProcess whether each night runs in a new process, which remembers nothing, as after an upgrade */
async function playNights(nights: readonly Night[], isNewProcess: boolean): Promise<string[]> {
	// A blocked run does not report invalid rows, so its numbers do not add up.
	const { sync, clock, simulator, processedData } = await syncTimeline({}, { addsUp: false });
	try {
		const reports: string[] = [];
		for (const { rows, host, allowedActions } of nights) {
			const node = isNewProcess ? new NodeProcess(testedBuild, clock) : {};
			const credential = { endpoint: simulator.endpoint.replace('127.0.0.1', host), allowedActions };
			const { success, sent, run } = await sync(rows, { outputItemPer: 'run' }, { ...node, credential });
			const kept = [setLengthsIn(run), await countsIn(processedData)];
			reports.push(`${sent.sort().join()} ${JSON.stringify([success, kept]).replace(VARYING_VALUES, '')}`);
		}
		return reports;
	} finally {
		await simulator.close();
	}
}

/** @param first the seed of the first shop @param count of shops */
export function testCleanNights(first: number, count: number): void {
	test(`A process that remembers clean rows reports and sends the same as a new process, in ${count} shops of five nights`, async () => {
		for (let seed = first; seed < first + count; seed++) {
			const nights = drawNights(seed);
			const remembering = await playNights(nights, false);
			expect({ seed, reports: remembering }).toEqual({ seed, reports: await playNights(nights, true) });
		}
	}, 600_000);
}
