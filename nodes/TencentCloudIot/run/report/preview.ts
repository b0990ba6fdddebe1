import type { Call } from '../../resources/operation/operation';
import type { DeviceChanges } from '../../sync/syncRun';
import type { Verdict } from '../../sync/verdicts';
import type { RunResult } from './result';

/** A call and what a run would do with it. */
export interface PlannedCall {
	call: Call;
	/** How the sync state judges its customer; undefined for an operation without a state. */
	verdict?: Verdict | undefined;
	wouldBe: { Status: 'WOULD_SEND' | 'UNCHANGED' | 'NOT_SENT'; Message: string };
	/** Which devices would come, go and stay, where the sync state knows. */
	deviceChanges?: DeviceChanges | undefined;
}

/** The result of a Dry Run: what a run would do. `blocked` is why it would send nothing. */
export interface Preview
	extends Pick<
		RunResult,
		'operation' | 'timezone' | 'withheld' | 'leftOut' | 'remarks' | 'blocked' | 'sync' | 'rowCount'
	> {
	/** In the order in which a run would send them; those that it would not send are the last. */
	calls: readonly PlannedCall[];
	/** "9 customers, 12 devices: 9 requests, about 1 s at 20 requests per second". */
	planned: string;
	requests: number;
	/** Whether invalid rows would end a run. */
	stopsForRows: boolean;
}
