import { describe, expect, test } from '@jest/globals';
import type { MovedDevice } from '../../../nodes/TencentCloudIot/sync/stop';
import { type CustomerRecord, deviceHashesOf } from '../../../nodes/TencentCloudIot/sync/state/content';
import { joinHashes } from '../../../nodes/TencentCloudIot/sync/state/hashes';
import { recordDepartures } from '../../../nodes/TencentCloudIot/sync/state/leftDevices';
import { HASHES } from './syncRuns.mts';

const LEFT_MINUTE = 90;
const NOW_MINUTE = 100;
const DAY_MINUTES = 1440;

const [LAMP, LOCK] = ['P/lamp', 'P/lock'].map((deviceId) => HASHES.deviceHash(deviceId)) as [string, string];

function recordWith(...deviceHashes: string[]): CustomerRecord {
	return {
		status: 'accepted',
		isFailureReported: false,
		fingerprint: 'f',
		acceptedMinute: 50,
		deviceHashes: joinHashes(deviceHashes),
	};
}

/** The lamp of customer `from` belongs to another customer now. */
function moveOfLamp(from: string): MovedDevice {
	return {
		deviceId: 'P/lamp',
		deviceHash: LAMP,
		formerOwnerKey: from,
		formerOwnerId: from,
		newOwnerId: 'to',
		leftMinute: LEFT_MINUTE,
		isSentBefore: false,
	};
}

interface Case {
	/** The customer's record after this run; undefined if no row names the customer. */
	record: CustomerRecord | undefined;
	/** Whether the run has found that the lamp left the customer. */
	hasLeft: boolean;
	/** Whether a report has named the new owner of the lamp; undefined if no row has the lamp. */
	isMoveReported?: boolean;
	minutesLater?: number;
	/** The devices in the customer's rows, if the customer was not accepted. */
	rowHashes?: readonly string[];
}

/** The customer's record in the state after a run. */
async function recordAfter({ record, hasLeft, isMoveReported, minutesLater = 0, rowHashes }: Case) {
	const records = new Map(record === undefined ? [] : [['from', record]]);
	const departure = {
		formerOwnerKey: 'from',
		formerOwnerId: 'from',
		leftMinute: LEFT_MINUTE,
		wasDeviceInLastRows: true,
	};
	const movedDevices = isMoveReported === undefined ? [] : [moveOfLamp('from')];
	await recordDepartures(
		records,
		{
			recordsBefore: new Map([['from', recordWith(LAMP, LOCK)]]),
			rowDeviceHashesByKey: new Map(rowHashes === undefined ? [] : [['from', joinHashes(rowHashes)]]),
			departures: { departuresByDeviceHash: new Map(hasLeft ? [[LAMP, [departure]]] : []), movedDevices },
			unreportedMoves: isMoveReported === false ? movedDevices : [],
			beganMinute: NOW_MINUTE + minutesLater,
		},
		async () => {},
	);
	const after = records.get('from');
	return (
		after && {
			status: after.status,
			acceptedMinute: after.acceptedMinute,
			devices: deviceHashesOf(after),
			leftDevices: [...(after.leftDevices ?? [])],
		}
	);
}

describe('A device that has left a customer', () => {
	const stays = { status: 'accepted', acceptedMinute: 50, devices: [LOCK] };
	const left = { status: 'left', acceptedMinute: 50, devices: [] };

	test.each<[title: string, found: Case, after: object | undefined]>([
		[
			'is remembered until it turns up at another one',
			{ record: recordWith(LOCK), hasLeft: true },
			{ ...stays, leftDevices: [[LAMP, LEFT_MINUTE]] },
		],
		[
			'is remembered until its move is reported',
			{ record: recordWith(LOCK), hasLeft: true, isMoveReported: false },
			{ ...stays, leftDevices: [[LAMP, LEFT_MINUTE]] },
		],
		[
			'is remembered again if the report of an earlier attempt reached nobody',
			{ record: recordWith(LOCK), hasLeft: false, isMoveReported: false },
			{ ...stays, leftDevices: [[LAMP, LEFT_MINUTE]] },
		],
		[
			'is forgotten once its move is reported',
			{ record: recordWith(LOCK), hasLeft: true, isMoveReported: true },
			{ ...stays, leftDevices: [] },
		],
		[
			'is forgotten once its move is reported, though the customer was not sent without it',
			{ record: recordWith(LAMP, LOCK), hasLeft: true, isMoveReported: true },
			{ ...stays, leftDevices: [] },
		],
		[
			'is forgotten after 400 days',
			{ record: recordWith(LOCK), hasLeft: true, minutesLater: 400 * DAY_MINUTES },
			{ ...stays, leftDevices: [] },
		],
		[
			'is remembered though the set that was sent last still has it',
			{ record: { ...recordWith(LAMP, LOCK), status: 'failed' }, hasLeft: true, rowHashes: [LOCK] },
			{ ...stays, status: 'failed', devices: [LAMP, LOCK], leftDevices: [[LAMP, LEFT_MINUTE]] },
		],
		[
			'is remembered though the customer has no device any more',
			{ record: { ...recordWith(LAMP, LOCK), status: 'withoutDevice' }, hasLeft: true },
			{ ...stays, status: 'withoutDevice', devices: [LAMP, LOCK], leftDevices: [[LAMP, LEFT_MINUTE]] },
		],
		[
			'is not remembered while rows that cannot be read may have it',
			{ record: { ...recordWith(LAMP, LOCK), status: 'withheld' }, hasLeft: true },
			{ ...stays, status: 'withheld', devices: [LAMP, LOCK], leftDevices: [] },
		],
		[
			'is not remembered once the rows have it again',
			{ record: recordWith(LAMP, LOCK), hasLeft: true },
			{ ...stays, devices: [LAMP, LOCK], leftDevices: [] },
		],
		[
			'is also remembered for a customer that has left the rows',
			{ record: undefined, hasLeft: true },
			{ ...left, leftDevices: [[LAMP, LEFT_MINUTE]] },
		],
		[
			'leaves no record of such a customer once its move is reported',
			{ record: undefined, hasLeft: true, isMoveReported: true },
			undefined,
		],
	])('%s', async (_title, found, after) => {
		expect(await recordAfter(found)).toEqual(after);
	});
});
