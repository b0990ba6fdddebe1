import { FINDING_TEXT, type Finding } from '../../nodes/TencentCloudIot/messages/findings';
import { englishOf } from './texts.mts';

/**
 * What an operation with one request for each item reads of an item with these values, in the words of its findings.
 * @param stored what the node stores of the parameters, where it is not what they are evaluated to
 */
export function readItem(
	operation: { inputReader(options: object): (reader: never, itemIndex: number) => unknown },
	values: Readonly<Record<string, unknown>>,
	stored = values,
): { parameters: Record<string, unknown>; findings: readonly Finding[] } {
	const reader = {
		read: (name: string) => values[name],
		stored: (name: string) => stored[name],
		isBlank: () => false,
		isHeader: () => false,
		unmapped: () => new Map(),
		timezone: 'UTC',
		isTool: false,
	};
	return operation.inputReader({})(reader as never, 0) as ReturnType<typeof readItem>;
}

/** Its findings as messages quote them: "'Limit' is not a whole number …". */
export function findingsOf(...item: Parameters<typeof readItem>): string[] {
	return readItem(...item).findings.map(
		(finding) => `'${finding.field}' ${englishOf(FINDING_TEXT.why(finding))}`,
	);
}
