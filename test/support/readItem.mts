/** What an operation with one request for each item reads of an item with these values, in the words of its findings. */
export function readItem(
	operation: { inputReader(options: object): (reader: never, itemIndex: number) => unknown },
	values: Readonly<Record<string, unknown>>,
): { parameters: Record<string, unknown>; findings: Array<{ field: string; text: string }> } {
	const reader = {
		read: (name: string) => values[name],
		stored: (name: string) => values[name],
		isBlank: () => false,
		isHeader: () => false,
		unmapped: () => new Map(),
		timezone: 'UTC',
		isTool: false,
	};
	return operation.inputReader({})(reader as never, 0) as ReturnType<typeof readItem>;
}
