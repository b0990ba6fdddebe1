/** The keys of the nodes that have a run under way in this process. */
const runningNodeKeys = new Set<string>();

/**
 * Lets only one run of each node go on in this process, without a statement to the database.
 * @param nodeKey the key of the node
 * @returns a function that lets the next run go on; undefined if another run of the node is under way
 */
export function claimInProcess(nodeKey: string): (() => void) | undefined {
	if (runningNodeKeys.has(nodeKey)) {
		return undefined;
	}
	runningNodeKeys.add(nodeKey);
	return () => {
		runningNodeKeys.delete(nodeKey);
	};
}
