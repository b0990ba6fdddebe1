/** The parts of the package that are measured alone, as sources.mts bundles them. */
export {
	createFreshness,
	signRequest,
	encodeParameters,
} from '../nodes/TencentCloudIot/service/signing/signature';
export { ALL_WELL } from '../nodes/TencentCloudIot/sync/health';
export { baselineOf } from '../nodes/TencentCloudIot/sync/state/baseline';
export { closedState, minuteOf, StateEntries } from '../nodes/TencentCloudIot/sync/state/entries';
export { entriesOfRun } from '../nodes/TencentCloudIot/sync/state/lastRun';
export { systemClock } from '../nodes/TencentCloudIot/host/systemClock';
