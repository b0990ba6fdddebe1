import { whyInWords, type Finding } from '../../nodes/TencentCloudIot/messages/findings';

/** What findings say, each with its field: "DeviceId is empty: fill it in". */
export const textsOf = (findings: readonly Finding[]) =>
	findings.map((finding) => `${finding.field} ${whyInWords(finding)[0]}`);
