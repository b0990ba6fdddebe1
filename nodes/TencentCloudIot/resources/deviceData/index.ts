import { getEvents } from './getEvents.operation';
import { getDataHistory } from './getHistory.operation';
import { getLatestData } from './getLatest.operation';
import { reportData } from './report.operation';
import { reportState } from './reportState.operation';

export const deviceData = {
	value: 'deviceData',
	name: 'Device Data',
	operations: [getLatestData, getDataHistory, getEvents, reportData, reportState],
};
