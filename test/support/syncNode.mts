import { requireOutsideJest } from '../invariants/outsideJest.mts';
import { checkingOutput } from './outputCheck.mts';
import { testedBuild, type loadTestedNode } from './testedBuild.mts';

const { NodeProcess } = requireOutsideJest(
	'../timelines/nodeProcess.mts',
) as typeof import('../timelines/nodeProcess.mts');
const { TimelineClock } = requireOutsideJest(
	'../timelines/timelineClock.mts',
) as typeof import('../timelines/timelineClock.mts');

let loaded: ReturnType<typeof loadTestedNode> | undefined;

/** The tested node for runs of Sync, in a process of its own whose waits pass at once: a run waits until it owns its state. */
export function loadSyncNode(): ReturnType<typeof loadTestedNode> {
	if (loaded === undefined) {
		const clock = new TimelineClock();
		clock.startMs = Date.now();
		const { nodeType, credentialType } = new NodeProcess(testedBuild, clock);
		loaded = { nodeType: checkingOutput(nodeType), credentialType };
	}
	return loaded;
}
