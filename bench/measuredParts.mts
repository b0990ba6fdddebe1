/** The parts of the package that the bench calls directly; sources.mts bundles them. */
export {
	createFreshness,
	signRequest,
	encodeParameters,
} from '../nodes/TencentCloudIot/service/signing/signature';
export { makeLastCell, writeLastCell } from '../nodes/TencentCloudIot/sync/last';
export { statePart } from '../nodes/TencentCloudIot/sync/state/content';
export { StateHashes } from '../nodes/TencentCloudIot/sync/state/hashes';
export { minuteOf } from '../nodes/TencentCloudIot/sync/state/settings';
