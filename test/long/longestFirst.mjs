import { createRequire } from 'node:module';
import { basename } from 'node:path';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/** The longest first, so that no core is idle at the end. Jest itself would sort by the sizes of the files. */
const LONGEST_FIRST = [
	// It waits most of the time, while two others compute.
	'startProbe',
	'quarters',
	'stretches',
	'ordinary',
	'syncReports',
	'scale',
	'histories',
	'alignments',
	'storms',
	'plantedFaults',
	'namelessReports',
	'timelines',
	'random',
	'syncTimelines',
	'syncWorlds',
	// The longest of `npm test`. `growth` takes longer in a process that has already loaded much.
	'growth',
	'engineRows',
	'canaries',
	'start',
	'egress',
	'pauses',
];

const placeOf = ({ path }) => {
	const place = LONGEST_FIRST.indexOf(basename(path).replace(/\.(?:long|test)\.mts$/, ''));
	return place === -1 ? Infinity : place;
};

/** The order in which Jest starts the files. */
export default class LongestFirst extends Sequencer {
	sort(tests) {
		return [...tests].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : Number(placeOf(a) > placeOf(b))));
	}
}
