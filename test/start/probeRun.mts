import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '../../simulator/simulator.mts';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import { start, type Setting } from './startRun.mts';

/** Runs a probe and reads the file that it writes. */
export async function probe(flags: readonly string[], setting: Setting = {}) {
	const folder = temporaryFolder();
	const run = await start(['--probe', '--out', folder, ...flags], setting);
	const path = join(folder, 'report.md');
	const report = existsSync(path) ? readFileSync(path, 'utf8') : '';
	return { ...run, report, path, files: readdirSync(folder) };
}

/** The cell next to a name in the report's tables. */
export const found = (report: string, name: string) =>
	report
		.split('\n')
		.find((line) => line.startsWith(`| ${name} |`))
		?.slice(name.length + 5, -2);

/** Two test customers, and two devices to push for them. */
export const TEST_FLAGS = [
	'--customer',
	'test_1',
	'--customer',
	'test_2',
	'--device',
	'P/A',
	'--device',
	'P/B',
];

/** Types yes, and replies with the devices that the simulator has. */
export function repliesOf({ bindings }: Simulator) {
	return (question: string): string => {
		if (question.startsWith('Type yes')) {
			return 'yes';
		}
		const devices = bindings.get('test_1')?.map(({ DeviceId }) => DeviceId) ?? [];
		const hasFirst = devices.includes('P/A');
		const hasSecond = devices.includes('P/B');
		const shown = [
			hasFirst && !hasSecond && '2',
			hasSecond && !hasFirst && '3',
			hasFirst && hasSecond && '4',
		];
		return shown.find((reply) => reply !== false) ?? '1';
	};
}
