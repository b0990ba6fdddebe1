import { expect } from '@jest/globals';
import type { Fact, Text } from '../../nodes/TencentCloudIot/messages/text';
import { englishOf, wordsOfFact } from './texts.mts';

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

/** The English words of a text or a fact. */
function shown(fact: Fact): string {
	return isText(fact) ? englishOf(fact) : wordsOfFact(fact);
}

/** In an expected value, a string matches a text or a fact with these English words at a place that may show everything. */
expect.addEqualityTesters([
	function isShown(actual: unknown, expected: unknown): boolean | undefined {
		if (isFact(actual) && typeof expected === 'string') {
			return shown(actual) === expected;
		}
		return typeof actual === 'string' && isFact(expected) ? shown(expected) === actual : undefined;
	},
]);
