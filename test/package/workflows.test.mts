import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import { rootFolder } from './packed.mts';

const github = join(rootFolder, '.github');
const workflows = readdirSync(join(github, 'workflows')).map((name): [string, string] => [
	name,
	readFileSync(join(github, 'workflows', name), 'utf8'),
]);
const publish = new Map(workflows).get('publish.yml')!;

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
	test('pins each action to a commit, with the version in a comment', () => {
		const uses = [...workflow.matchAll(/uses: (.*)/g)].map(([, action]) => action);
		expect(uses.length).toBeGreaterThan(0);
		for (const action of uses) {
			expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
		}
	});

	test('needs no secret and no repository variable', () => {
		expect(workflow).not.toMatch(/secrets\.|vars\.|NODE_AUTH_TOKEN|registry-url/);
	});
});

test('Each action is pinned to the same commit everywhere', () => {
	const pins = new Map<string, Set<string>>();
	for (const [, text] of workflows) {
		for (const [, action, pin] of text.matchAll(/uses: ([\w./-]+)@(.*)/g)) {
			pins.set(action!, (pins.get(action!) ?? new Set()).add(pin!));
		}
	}
	expect(pins.size).toBeGreaterThan(0);
	const pinnedTwice = [...pins].filter(([, commits]) => commits.size > 1);
	expect(pinnedTwice).toEqual([]);
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

test('Only the job that runs nothing but npm publish has the permission for trusted publishing', () => {
	const jobs = jobsOf(publish);
	const trusted = [...jobs].filter(([, job]) => job.includes('id-token: write')).map(([name]) => name);
	expect(trusted).toEqual(['publish']);
	const [command, ...otherCommands] = jobs.get('publish')!.split('- run: >-').slice(1);
	expect(command?.trim()).toMatch(/^npm publish [^;&|]*--provenance --access public$/);
	expect(otherCommands).toEqual([]);
	expect(jobs.get('publish')).not.toMatch(/run: \||checkout@/);
});

test('The published packages are packed in a job that runs no install scripts of dependencies', () => {
	const build = jobsOf(publish).get('build')!;
	const commands = [...build.matchAll(/- run: (.*)/g)].map(([, command]) => command);
	expect(commands).toEqual(['npm ci --ignore-scripts', 'npm run pack:verified && npm run pack:pool']);
	expect(build).toContain('upload-artifact@');
	const jobsWithoutUpload = [...jobsOf(publish)].filter(([, job]) => job.includes('upload-artifact@'));
	expect(jobsWithoutUpload.map(([name]) => name)).toEqual(['build']);
});

test('The published packages were scanned and tested before', () => {
	const job = jobsOf(publish).get('test')!;
	expect(job).toContain('needs: build');
	const order = ['download-artifact@', 'npm test', 'npm run verify', 'npm run e2e'];
	const positions = order.map((step) => job.indexOf(step));
	expect(Math.min(...positions)).toBeGreaterThan(0);
	expect(positions).toEqual([...positions].sort((a, b) => a - b));
	for (const suffix of ['', '-undici.0']) {
		const tarball = `published/n8n-nodes-tencent-iot-\${GITHUB_REF_NAME#v}${suffix}.tgz"`;
		expect(job).toContain(`npm run verify -- "${tarball}`);
		expect(job).toContain(`="$PWD/${tarball}`);
	}
	expect(job).not.toMatch(/npm run pack|npm pack|continue-on-error|if:/);
});

test('Publishing needs both jobs and the approval of a person', () => {
	const jobs = jobsOf(publish);
	const job = jobs.get('publish')!;
	expect(job).toMatch(/^ {4}needs: \[build, test\]\n {4}environment: npm$/m);
	expect(job).not.toMatch(/continue-on-error|if:/);
	expect(jobs.get('release')).toContain('needs: [build, publish]');
	expect([...jobs.keys()]).toEqual(['build', 'test', 'publish', 'release']);
});

describe('The output of the first job', () => {
	const bash = (folder: string, command: string, env: Record<string, string>) =>
		spawnSync('bash', ['-e', '-c', command], { cwd: folder, env: { ...process.env, ...env } }).status;
	const jobs = jobsOf(publish);
	/** The command of a job that contains these words. */
	const commandOf = (job: string, words: string): string => {
		const steps = [...jobs.get(job)!.matchAll(/run: (?:\|\n((?: {10}.*\n)+)|(.*))/g)];
		const commands = steps.map(([, lines, line]) => lines ?? line ?? '');
		return commands.find((command) => command.includes(words)) ?? 'false';
	};
	const FILES = ['./a-1.0.0.tgz', './a-1.0.0-undici.0.tgz', 'build/a-1.0.0.cdx.json'];

	test.each(['publish', 'release'])(
		'is what the job %s uploads: a changed or missing file fails it',
		(job) => {
			const folder = temporaryFolder();
			mkdirSync(join(folder, 'build'));
			const fill = () => FILES.forEach((file) => writeFileSync(join(folder, file), file));
			fill();
			const output = join(folder, 'output');
			expect(bash(folder, commandOf('build', 'sha512sum'), { GITHUB_OUTPUT: output })).toBe(0);
			const [, SUMS = ''] = /^sums<<END\n([^]*)END\n$/.exec(readFileSync(output, 'utf8')) ?? [];
			const check = () => bash(folder, commandOf(job, 'sha512sum --check'), { SUMS });
			expect(check()).toBe(0);
			for (const file of FILES) {
				writeFileSync(join(folder, file), 'something else');
				expect([file, check()]).toEqual([file, 1]);
				rmSync(join(folder, file));
				expect([file, check()]).toEqual([file, 1]);
				fill();
			}
		},
	);

	test('is checked right before it is uploaded', () => {
		for (const [job, upload] of Object.entries({ publish: 'npm publish', release: 'gh release create' })) {
			const text = jobs.get(job)!;
			const order = ['download-artifact@', 'sha512sum --check --strict', 'needs.build.outputs.sums', upload];
			const positions = order.map((step) => text.indexOf(step));
			expect(Math.min(...positions)).toBeGreaterThan(0);
			expect(positions).toEqual([...positions].sort((a, b) => a - b));
			expect(text).toMatch(/^ {4}needs: \[build, /m);
		}
	});
});

test('Updates of the bundled libraries come in a separate group', () => {
	const dependabot = readFileSync(join(github, 'dependabot.yml'), 'utf8');
	const bundled = readdirSync(join(rootFolder, 'build/pool/dist/libraries')).map((name) => name.slice(0, -3));
	const lists = [...dependabot.matchAll(/patterns: \[(.*)\]/g)].map(([, list]) => list);
	expect(lists[0]).toBe(bundled.sort().join(', '));
	expect(dependabot).toContain(`exclude-patterns: [${lists[0]}]`);
});
