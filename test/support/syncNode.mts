import { checkingOutput } from './outputCheck.mts';
import { testedBuild, type loadTestedNode } from './testedBuild.mts';
import { NodeProcess, TimelineClock } from '../timelines/outsideJest.mts';

let loaded: ReturnType<typeof loadTestedNode> | undefined;

/** The tested node for runs of Sync, in a simulated process without real waits: a run waits until it owns its state. */
export function loadSyncNode(): ReturnType<typeof loadTestedNode> {
	if (loaded === undefined) {
		const clock = new TimelineClock();
		clock.startMs = Date.now();
		const { nodeType, credentialType } = new NodeProcess(testedBuild, clock);
		loaded = { nodeType: checkingOutput(nodeType), credentialType };
	}
	return loaded;
}
