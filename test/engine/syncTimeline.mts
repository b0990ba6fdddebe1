import type { IDataObject } from 'n8n-workflow';
import { createProcessedData, dataTablesBeside } from '../../embedded/embeddedEngine.mts';
import { confirmAllNews } from '../support/confirmedNews.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { checkingOutput } from '../support/outputCheck.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { push, type PushRun, runPush } from './pushRun.mts';
import { NodeProcess, TimelineClock } from '../timelines/outsideJest.mts';

const HOUR_MS = 3_600_000;

/**
 * Scheduled runs of one Sync node, which share their stored data. Waits take no time.
 * @param confirmsNews whether each message is delivered and confirmed
 * @param addsUp whether the numbers of each report are checked
 */
export async function syncTimeline(simulatorOptions = {}, { confirmsNews = true, addsUp = true } = {}) {
	const clock = new TimelineClock();
	// Re-push slots start on the hour, so none starts during a test.
	clock.startMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
	const simulator = await runSimulator({ clock: clock.ofService, ...simulatorOptions });
	const processedData = createProcessedData();
	const { nodeType, credentialType } = new NodeProcess(testedBuild, clock);
	const node = { nodeType: checkingOutput(nodeType), credentialType };
	return {
		simulator,
		clock,
		processedData,
		/** Runs Sync and returns which customers were sent. */
		sync: async (rows: IDataObject[], options: IDataObject = {}, run: PushRun = {}) => {
			const before = simulator.requests.length;
			const pushRows = addsUp ? push : runPush;
			const result = await pushRows(rows, simulator, {
				operation: 'sync',
				onError: 'continueErrorOutput',
				options,
				processedData,
				mode: 'trigger',
				...node,
				...run,
			});
			if (confirmsNews) {
				confirmAllNews(processedData);
			}
			const sent = simulator.requests.slice(before).map(({ CustomerId }) => CustomerId);
			return { ...result, sent };
		},
		/** Deletes the state, as a reset of n8n's database does. */
		lose: async () => await Promise.resolve(void dataTablesBeside(processedData).clear()),
		/** Leaves the state as a run that was killed or is still active does. */
		interrupt: async () => {
			const free = { columnName: 'owner', condition: 'eq', value: 'nobody' } as const;
			const died = { owner: 'a dead run' };
			dataTablesBeside(processedData).edit('tencent_iot_sync', { type: 'and', filters: [free] }, died);
			await Promise.resolve();
		},
	};
}
