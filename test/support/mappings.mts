import { expect } from '@jest/globals';
import { mapFields as mapFieldsInTurns } from '../../nodes/TencentCloudIot/input/mapping';
import { NotSendable } from '../../nodes/TencentCloudIot/service/outcome';
import { deepFreeze } from './deepFreeze.mts';
import { expectReadable } from './wording.mts';
import { withoutPause } from './withoutPause.mts';
import { englishOf } from './texts.mts';

export type Mapping = Parameters<typeof mapFieldsInTurns>[0];

/** Where the values of the mapped fields are read from. */
export function mapFields(mapping: Mapping, rows: readonly object[]) {
	return withoutPause(mapFieldsInTurns(mapping, rows));
}

/** The failure that a mapping ends with, as "reason advice". */
export function mappingFailure(mapping: Mapping, rows: readonly object[]): string {
	try {
		mapFields(mapping, deepFreeze(rows));
	} catch (thrown) {
		if (!(thrown instanceof NotSendable)) {
			throw thrown;
		}
		expect(thrown.failure).toMatchObject({ code: 'COLUMN_NOT_FOUND', outcome: 'NOT_SENT', scope: 'run' });
		if (rows.length > 0) {
			expectReadable(thrown.failure);
		}
		return `${englishOf(thrown.failure.reason)} ${englishOf(thrown.failure.advice)}`;
	}
	throw new Error('Nothing was thrown.');
}

/** Where a field is read from when it is a plain reference. */
export const path = (...steps: string[]) => ({ kind: 'path', path: steps });
