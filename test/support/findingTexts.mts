import { FINDING_TEXT, type Finding } from '../../nodes/TencentCloudIot/messages/findings';
import { englishOf } from './texts.mts';

/** The texts of findings, each with its field: "DeviceId is empty: fill it in". */
export const textsOf = (findings: readonly Finding[]) =>
	findings.map((finding) => `${finding.field} ${englishOf(FINDING_TEXT.why(finding))}`);
