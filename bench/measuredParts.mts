/** The parts of the package that are measured alone, as sources.mts bundles them. */
export { readItems } from '../nodes/TencentCloudIot/input/itemReader';
export { pushOperation } from '../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
export { readRunOptions } from '../nodes/TencentCloudIot/resources/runOptions';
export {
	createFreshness,
	signRequest,
	encodeParameters,
	hmacSha1,
	textToSign,
} from '../nodes/TencentCloudIot/service/signing/signature';
export { ALL_WELL } from '../nodes/TencentCloudIot/sync/health';
export { baselineOf } from '../nodes/TencentCloudIot/sync/state/baseline';
export { minuteOf, StateEntries } from '../nodes/TencentCloudIot/sync/state/entries';
export { closedState, leftByRun } from '../nodes/TencentCloudIot/sync/state/lastRun';
export { systemClock } from '../nodes/TencentCloudIot/host/systemClock';
