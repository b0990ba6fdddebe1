/** Prints what hostile responses cost, and ends with 1 when one of them costs more than is promised. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Build } from '../../embedded/embeddedEngine.mts';
import { messageOf } from '../../simulator/childMessage.mts';
import { runHostileService, type Trick } from '../faults/hostile/hostileService.mts';
import { done, endlessLists, fullResponses, tricks } from '../faults/hostile/tricks.mts';
import type { HostileReport } from './hostileCall.mts';

const LONGEST_BLOCK_MS = 250;
const MOST_MEMORY_MIB = 150;

const builds: readonly Build[] = ['pool', 'verified'];
const everybody = ['Push', 'Sync', 'a list', 'a picker', 'the mapper', 'the credential test'];
const script = fileURLToPath(new URL('./hostileCall.mts', import.meta.url));
const good = await runHostileService((asked) => ({ body: done(asked) }));
const worst = { longestBlockMs: 0, memoryMib: 0 };
const failures: string[] = [];

for (const build of builds) {
	for (const [name, trick] of Object.entries<Trick>(tricks)) await playAll(build, name, trick, everybody);
	for (const [name, trick] of Object.entries<Trick>(fullResponses)) {
		await playAll(build, `2 MiB of ${name}`, trick, ['Push', 'a picker']);
	}
	for (const [name, trick] of Object.entries<Trick>(endlessLists)) {
		await playAll(build, `a list ${name}`, trick, ['a list', 'a picker']);
	}
}
await good.close();
console.log(`At most ${worst.longestBlockMs} ms without a turn, ${worst.memoryMib} MiB above the start`);
for (const failure of failures) console.error(`Not as promised: ${failure}.`);
process.exitCode = failures.length > 0 ? 1 : 0;

async function playAll(build: Build, name: string, trick: Trick, callers: readonly string[]): Promise<void> {
	for (const caller of callers) {
		const service = await runHostileService(trick);
		const { code = 'done', longestBlockMs, memoryMib } = await play(build, caller, service.endpoint);
		await service.close();
		const what = `${build}, ${caller}: ${name}`;
		console.log(`${what}: ${code}, longest block ${longestBlockMs} ms, ${memoryMib} MiB above the start`);
		worst.longestBlockMs = Math.max(worst.longestBlockMs, longestBlockMs);
		worst.memoryMib = Math.max(worst.memoryMib, memoryMib);
		if (longestBlockMs > LONGEST_BLOCK_MS)
			failures.push(`${what} kept the event loop for ${longestBlockMs} ms`);
		if (memoryMib > MOST_MEMORY_MIB) failures.push(`${what} took ${memoryMib} MiB`);
	}
}

async function play(build: Build, caller: string, endpoint: string): Promise<HostileReport> {
	const child = fork(script, [build, caller, good.endpoint, endpoint], { execArgv: ['--expose-gc'] });
	const ended = once(child, 'exit');
	const report = await messageOf<HostileReport>(child);
	await ended;
	return report;
}
