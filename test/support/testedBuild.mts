import { BUILD_FOLDERS, loadBuiltNode, type Build } from '../../embedded/embeddedEngine.mts';
import { checkingOutput } from './outputCheck.mts';

declare const TESTED_BUILD: Build | undefined;

/** The build of the package that this Jest project tests. */
export const testedBuild: Build = typeof TESTED_BUILD === 'string' ? TESTED_BUILD : 'pool';

/** New instances of that build's node and credential type. Tests check what the node outputs. */
export const loadTestedNode = () => {
	const { nodeType, credentialType } = loadBuiltNode(BUILD_FOLDERS[testedBuild]);
	return { nodeType: checkingOutput(nodeType), credentialType };
};
