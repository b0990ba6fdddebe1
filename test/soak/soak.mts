/** Tries random runs until the time is over, or repeats one by its seed; exits with 1 if any breaks a promise. */
import { parseArgs } from 'node:util';
import type { Build } from '../../embedded/embeddedEngine.mts';
import { soakHistories } from './soakHistories.mts';
import { soakPlanted } from './soakPlanted.mts';
import { soakPushes } from './soakPushes.mts';
import { soakStorms } from './soakStorms.mts';
import { soakTimelines } from './soakTimelines.mts';

const { values } = parseArgs({
	options: {
		sync: { type: 'boolean', default: false },
		storms: { type: 'boolean', default: false },
		planted: { type: 'boolean', default: false },
		histories: { type: 'boolean', default: false },
		minutes: { type: 'string', default: '10' },
		count: { type: 'string' },
		seed: { type: 'string' },
		from: { type: 'string' },
		path: { type: 'string' },
		kind: { type: 'string' },
		build: { type: 'string', default: 'pool' },
	},
});

const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));
const soak = {
	build: values.build as Build,
	minutes: Number(values.minutes),
	count: numberOf(values.count),
	seed: numberOf(values.seed),
	from: numberOf(values.from) ?? Date.now() % 1_000_000_000,
	path: values.path,
	kind: values.kind,
};

function chosenSoak() {
	if (values.planted) {
		return soakPlanted;
	}
	if (values.histories) {
		return soakHistories;
	}
	if (values.storms) {
		return soakStorms;
	}
	return values.sync ? soakTimelines : soakPushes;
}

process.exitCode = (await chosenSoak()(soak)) > 0 ? 1 : 0;
