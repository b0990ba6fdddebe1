import { createRequire } from 'node:module';
import { basename } from 'node:path';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/** The longest first, so that no core waits for another one at the end. Jest itself would go by the sizes of the files. */
const LONGEST_FIRST = [
	// It waits for most of its time, beside two that compute.
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
	// The longest of `npm test`. What `growth` counts takes longer in a process that has loaded much.
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

/** In which order Jest begins the files. */
export default class LongestFirst extends Sequencer {
	sort(tests) {
		return [...tests].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : Number(placeOf(a) > placeOf(b))));
	}
}
