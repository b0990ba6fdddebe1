const running = new Set<string>();

/**
 * Lets one run at a time of each node go on in this process.
 * @param node which node of which workflow
 * @returns what ends the run for the next one; undefined while another is under way
 */
export function claimRun(node: string): (() => void) | undefined {
	if (running.has(node)) return undefined;
	running.add(node);
	return () => void running.delete(node);
}
