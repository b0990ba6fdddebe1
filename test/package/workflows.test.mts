import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootFolder } from './packed.mts';

const github = join(rootFolder, '.github');
const workflows = readdirSync(join(github, 'workflows')).map((name): [string, string] => [
	name,
	readFileSync(join(github, 'workflows', name), 'utf8'),
]);
const publish = new Map(workflows).get('publish.yml')!;
const tests = new Map(workflows).get('test.yml')!;

/** The jobs of a workflow, by their names. */
function jobsOf(workflow: string): Map<string, string> {
	const jobs = workflow.split(/^jobs:\n/m)[1] ?? '';
	return new Map(
		jobs
			.split(/^ {2}(?=[\w-]+:\n)/m)
			.slice(1)
			.map((job) => [job.slice(0, job.indexOf(':')), job]),
	);
}

describe.each(workflows)('%s', (_, workflow) => {
	test('runs the very commit of each action that was looked at, with its version beside it', () => {
		const uses = [...workflow.matchAll(/uses: (.*)/g)].map(([, action]) => action);
		expect(uses.length).toBeGreaterThan(0);
		for (const action of uses) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
	});

	test('needs no secret and no variable of the repository', () => {
		expect(workflow).not.toMatch(/secrets\.|vars\.|NODE_AUTH_TOKEN|registry-url/);
	});

	test('ends by itself, and takes turns', () => {
		expect(workflow).toMatch(/^concurrency:\n/m);
		for (const job of jobsOf(workflow).values()) expect(job).toMatch(/^ {4}timeout-minutes: \d+$/m);
	});
});

test('The same commit stands for an action everywhere', () => {
	const pins = new Map<string, Set<string>>();
	for (const [, text] of workflows) {
		for (const [, action, pin] of text.matchAll(/uses: ([\w./-]+)@(.*)/g)) {
			pins.set(action!, (pins.get(action!) ?? new Set()).add(pin!));
		}
	}
	for (const pinned of pins.values()) expect(pinned.size).toBe(1);
});

test.each(workflows)('The commands of %s exist', (_, workflow) => {
	const { scripts } = JSON.parse(readFileSync(join(rootFolder, 'package.json'), 'utf8')) as {
		scripts: Record<string, string>;
	};
	const withoutComments = workflow.replace(/^ *#.*$/gm, '');
	const commands = [...withoutComments.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name]) => name!);
	expect(commands.length).toBeGreaterThan(0);
	expect(Object.keys(scripts)).toEqual(expect.arrayContaining(commands));
});

test('Each kind of test is a job of its own, with a name to read', () => {
	const jobs = jobsOf(tests);
	expect([...jobs.keys()]).toEqual(['lint', 'unit', 'engine', 'e2e', 'bundle']);
	for (const job of jobs.values()) expect(job).toMatch(/^ {4}name: [A-Z].{3,}$/m);
});

test('On several Nodes runs what users run there, and each other command once', () => {
	const jobs = jobsOf(tests);
	const onSeveral = [...jobs].filter(([, job]) => job.includes('matrix:')).map(([name]) => name);
	expect(onSeveral).toEqual(['bundle']);
	expect(jobs.get('bundle')).toContain('node test/package/runtime.mjs');
	const commands = [...jobs.values()]
		.flatMap((job) => [...job.matchAll(/- run: (.*)/g)].map(([, command]) => command!))
		.filter((command) => command !== 'npm ci');
	expect(commands).toEqual([...new Set(commands)]);
	expect(commands.filter((command) => command.startsWith('npm'))).not.toContain('npm test');
});

test("npm's trust is given to the one job that runs nothing but npm publish", () => {
	const jobs = jobsOf(publish);
	const trusted = [...jobs].filter(([, job]) => job.includes('id-token: write')).map(([name]) => name);
	expect(trusted).toEqual(['publish']);
	const [command, ...others] = jobs.get('publish')!.split('- run: >-').slice(1);
	expect(command?.trim()).toMatch(/^npm publish [^;&|]*--provenance --access public$/);
	expect(others).toEqual([]);
	expect(jobs.get('publish')).not.toMatch(/run: \||checkout@/);
});

test('What is published was scanned and tested before', () => {
	const jobs = jobsOf(publish);
	expect(jobs.get('publish')).toContain('needs: pack');
	expect(jobs.get('release')).toContain('needs: publish');
	const pack = jobs.get('pack')!;
	const order = ['npm test', 'npm run pack:verified && npm run pack:pool', 'npm run e2e', 'upload-artifact@'];
	const positions = order.map((step) => pack.indexOf(step));
	expect(Math.min(...positions)).toBeGreaterThan(0);
	expect(positions).toEqual([...positions].sort((a, b) => a - b));
});

test('Updates of the bundled libraries come in a group of their own', () => {
	const dependabot = readFileSync(join(github, 'dependabot.yml'), 'utf8');
	const bundled = readdirSync(join(rootFolder, 'build/pool/dist/libraries')).map((name) => name.slice(0, -3));
	const lists = [...dependabot.matchAll(/patterns: \[(.*)\]/g)].map(([, list]) => list);
	expect(lists[0]).toBe(bundled.sort().join(', '));
	expect(dependabot).toContain(`exclude-patterns: [${lists[0]}]`);
});
