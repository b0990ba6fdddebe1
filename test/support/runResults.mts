import type { Call, Withheld } from '../../nodes/TencentCloudIot/resources/operation/operation';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { ALL_WELL } from '../../nodes/TencentCloudIot/sync/lastReport';
import {
	NO_SIGNING_FACTS,
	type CallResult,
	type RunResult,
} from '../../nodes/TencentCloudIot/run/report/result';
import type { Fate } from '../../nodes/TencentCloudIot/service/fate';
import type { Verdict } from '../../nodes/TencentCloudIot/sync/verdicts';
import { deepFreeze } from './deepFreeze.mts';
import { answered, OK } from './fates.mts';

/** The facts about a customer that a test sets. */
export interface CustomerChanges {
	id?: string;
	devices?: number;
	itemIndexes?: readonly number[];
	verdict?: Verdict | undefined;
	fate?: Fate;
}

/** A customer that changed and was pushed, with the changes of a test. */
export function customer(changes: CustomerChanges = {}): CallResult {
	const { id = 'a', devices: count = 2, itemIndexes = [0, 1], fate = answered(OK) } = changes;
	const devices = Array.from({ length: count }, (_, index) => ({
		DeviceId: `P/D${index}`,
		CustomerDeviceNo: String(index),
		ProductName: 'x',
	}));
	const call: Call = {
		parameters: { CustomerId: id, DeviceInfos: devices },
		itemIndexes,
		customer: { id, devices },
	};
	return { call, fate, verdict: 'verdict' in changes ? changes.verdict : 'changed' };
}

/** The fifth row, which is invalid. */
export function withheldOf(customerId: string | undefined): Withheld {
	const findings = [{ itemIndex: 4, field: 'DeviceId', code: 'empty' as const }];
	const parameters = customerId === undefined ? {} : { CustomerId: customerId };
	return { parameters, itemIndexes: [4], customerId, findings };
}

/** The result of a run of Sync that pushed one customer, with the changes of a test. */
export function resultWith(changes: Partial<RunResult> = {}): RunResult {
	return deepFreeze({
		...NO_SIGNING_FACTS,
		operation: pushOperation,
		timezone: 'Asia/Shanghai',
		calls: [customer()],
		withheld: [],
		blocked: undefined,
		endedEarly: undefined,
		isRetry: false,
		sync: {
			stateCondition: 'used',
			isFirstForAccount: false,
			movedDevices: [],
			sendAll: false,
			lastRunMinute: 0,
			lastReport: ALL_WELL,
			reportedFailures: new Set(),
			unreportedFailures: new Set(),
			recentlyRecovered: new Set(),
			idsWithoutDevices: new Set(),
			gone: 0,
			beganMinute: 1440,
			isManual: false,
		},
		rowCount: 2,
		durationMs: 12.4,
		...changes,
	} as RunResult);
}
