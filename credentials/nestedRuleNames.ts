import type { NestedRule } from '../nodes/TencentCloudIot/service/signing/signature';

/** What users read for each rule of signing nested values. */
export const NESTED_RULE_NAMES: Readonly<Record<NestedRule, string>> = {
	flattened: 'Flattened',
	goFmt: 'Go Format',
	jsString: 'JavaScript String',
	json: 'JSON Text',
	scalarsOnly: 'Scalars Only',
};
