import { expect } from '@jest/globals';
import { describe, type Failure } from '../../nodes/TencentCloudIot/service/outcome';
import { englishOf } from './texts.mts';

/** Words that mean nothing to a user and are not allowed (the code `InternalError` is Tencent's own name). */
const EMPTY_WORDS = /\b(error|problem|failure|mistake)s?\b/i;

/** Checks that a failure is readable: sentences, advice, and no empty words. */
export function expectReadable(failure: Failure): void {
	expect(englishOf(failure.reason)).toMatch(/^[A-Z\d].*\.$/s);
	expect(englishOf(failure.advice)).toMatch(/^['A-Z].*[^.]$/s);
	expect(failure.code).not.toBe('');
	expect(`${describe(failure, 'everything')} ${englishOf(failure.advice)}`).not.toMatch(EMPTY_WORDS);
}
