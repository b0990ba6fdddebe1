import { FINDING_TEXT, type Finding } from '../../nodes/TencentCloudIot/messages/findings';
import { englishOf } from './texts.mts';

/**
 * The parameters and findings that an operation with one request per item reads from these values.
 * @param stored the stored parameters, if they differ from the evaluated values
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

/** The findings as messages quote them: "'Limit' is not a whole number …". */
export function findingsOf(...item: Parameters<typeof readItem>): string[] {
	return readItem(...item).findings.map(
		(finding) => `'${finding.field}' ${englishOf(FINDING_TEXT.why(finding))}`,
	);
}
