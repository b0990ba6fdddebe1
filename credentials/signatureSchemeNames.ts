import type { SignatureScheme } from '../nodes/TencentCloudIot/service/signing/signature';

/** The name of each signature scheme in the panel. */
export const SIGNATURE_SCHEME_NAMES: Readonly<Record<SignatureScheme, string>> = {
	flattened: 'Flattened',
	goFmt: 'Go Format',
	jsString: 'JavaScript String',
	json: 'JSON Text',
	scalarsOnly: 'Scalars Only',
};
