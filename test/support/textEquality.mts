import { expect } from '@jest/globals';
import type { Fact, Text } from '../../nodes/TencentCloudIot/messages/text';
import { wordsOfFact } from './texts.mts';

function isText(value: unknown): value is Text {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	return (
		('template' in value && 'facts' in value) || ('joined' in value && 'by' in value) || 'summed' in value
	);
}

function isFact(value: unknown): value is Fact {
	return isText(value) || (typeof value === 'object' && value !== null && 'words' in value);
}

/** In an expected value a string stands for a text or a fact that shows these words in English to those who may see everything. */
expect.addEqualityTesters([
	function isShown(actual: unknown, expected: unknown): boolean | undefined {
		if (isFact(actual) && typeof expected === 'string') {
			return wordsOfFact(actual) === expected;
		}
		return typeof actual === 'string' && isFact(expected) ? wordsOfFact(expected) === actual : undefined;
	},
]);
